"""Of many inputs the few that walk every way through the code that any of them walks.

libFuzzer counts how often a way was walked too, and keeps hundreds: too many for a repository.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_ROOMS = tuple(str(Path(__file__).parents[2] / room) for room in ("monitor", "registry"))

Arc = tuple[CodeType, int, int]  # from line to line


def least(inputs: Iterable[bytes], run: Callable[[bytes], None]) -> list[bytes]:
    """The shortest first; each that is kept walks an arc that none before it did."""
    known: set[Arc] = set()
    kept = []
    for data in sorted(inputs, key=lambda each: (len(each), each)):
        arcs = _arcs(run, data)
        if not arcs <= known:
            known |= arcs
            kept.append(data)
    return kept


def _arcs(run: Callable[[bytes], None], data: bytes) -> set[Arc]:
    arcs: set[Arc] = set()

    def called(frame: FrameType, _event: str, _argument: Any) -> Any:
        code, last = frame.f_code, 0
        if not code.co_filename.startswith(_ROOMS):
            return None

        def went_on(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "line":
                arcs.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return went_on

        return went_on

    before = sys.gettrace()
    sys.settrace(called)
    try:
        run(data)
    finally:
        sys.settrace(before)
    return arcs
