"""What every refusal has to be: said in words, and in few, however long the input was."""

from __future__ import annotations

_MOST_WORDS = 2000


def says_why(refusal: object) -> None:
    assert 0 < len(str(refusal)) < _MOST_WORDS
