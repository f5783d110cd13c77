"""Cases of the quirk catalogue, tied to their numbers by id: `Q56-join-control-text`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.mark.structures import ParameterSet

Check = Callable[[], None]


class Catalogue:
    """`@case("Q56-join-control-text")` above a check puts it into `cases`."""

    def __init__(self) -> None:
        self.cases: list[ParameterSet] = []

    def __call__(self, identity: str) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            self.cases.append(pytest.param(check, id=identity))
            return check

        return register
