"""Cases of the catalogue of quirks, tied to their numbers by id: `Q56-join-control-text`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable

import pytest
from _pytest.mark.structures import ParameterSet

Check = Callable[[], Awaitable[None] | None]
_IDENTITY = re.compile(r"([QS]\d{2,3})-[a-z0-9-]+")


class Cases:
    """`@case("Q56-join-control-text")` above a check puts it into `params`."""

    def __init__(self, *, on_sockets: bool = False) -> None:
        self.on_sockets = on_sockets
        self.params: list[ParameterSet] = []
        self.numbers: set[str] = set()

    def __call__(self, *identities: str) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            self.numbers.update(map(_number, identities))
            self.params.append(pytest.param(check, id="+".join(identities)))
            return check

        return register


def _number(identity: str) -> str:
    found = _IDENTITY.fullmatch(identity)
    if found is None:
        raise ValueError(f"a case is named {identity!r}, expected the form Q56-join-control-text")
    return found[1]


async def run(check: Check) -> None:
    result = check()
    if inspect.isawaitable(result):
        await result
