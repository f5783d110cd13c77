"""Soak tests run when they are named, by `pytest tests/soak` or `-m soak`.

Not chosen is not skipped: in CI nothing may be skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _is_named(config):
        return
    here = [item for item in items if item.path.is_relative_to(HERE)]
    if here:
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


def _is_named(config: pytest.Config) -> bool:
    chosen = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    return "soak" in config.option.markexpr or any(at.is_relative_to(HERE) for at in chosen)
