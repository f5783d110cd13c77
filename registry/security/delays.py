"""How long somebody who guesses must wait: longer with each failure, never for ever."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 30.0
LONGEST_S: Final = 900.0
FREE_FOR_ACCOUNT: Final = 5  # wrong passwords in a row; a person who forgot is not a guesser
FREE_FOR_ADDRESS: Final = 10  # a duty room sits behind one address


def delay_s(failures: int, free: int) -> float:
    if failures < free:
        return 0.0
    return min(LONGEST_S, FIRST_S * 2.0 ** min(failures - free, 10))
