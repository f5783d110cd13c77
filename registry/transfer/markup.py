"""XML of a foreign file, element by element, in a time that grows with its length and no faster.

It knows no element. A regular expression over markup backtracks, and one call of it keeps the
interpreter from everything else; expat reads on, piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

Attributes = Mapping[str, str]

_PIECE: Final = 64 * 1024
# Expat before 2.6 begins a tag anew with every piece (CVE-2023-52425).
_LONGEST_TAG: Final = 1024 * 1024
_DEEPEST: Final = 64  # a worksheet has twelve; expat keeps a record of each that is open


class BadMarkup(Exception):
    """The part is no XML, or none that a spreadsheet program writes."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """Names come without their prefix. `ended` is given the bytes from `<` to the end tag."""

    opened: Callable[[str, Attributes], None]
    ended: Callable[[str, int], None] | None = None
    said: Callable[[str], None] | None = None


def walk(part: bytes, handlers: Handlers) -> None:
    """Raises `BadMarkup`, or whatever a handler raises."""
    reader = _Reader(handlers)
    view = memoryview(part)
    try:
        for at in range(0, len(view), _PIECE):
            reader.take(bytes(view[at : at + _PIECE]))
        reader.end()
    except expat.ExpatError as error:
        raise BadMarkup(str(error)) from error


class _Reader:
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._begun: list[int] = []  # where each element that is open began
        self._taken = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._declared
        if handlers.said is not None:
            parser.CharacterDataHandler = handlers.said

    def take(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)
        self._taken += len(piece)
        if self._taken - max(self._parser.CurrentByteIndex, 0) > _LONGEST_TAG + _PIECE:
            raise BadMarkup(f"a tag or comment of more than {_LONGEST_TAG} bytes")

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._begun) == _DEEPEST:
            raise BadMarkup(f"elements nested more than {_DEEPEST} deep")
        self._begun.append(self._parser.CurrentByteIndex)
        self._handlers.opened(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        length = self._parser.CurrentByteIndex - self._begun.pop()
        if self._handlers.ended is not None:
            self._handlers.ended(name.rpartition(":")[2], length)

    def _declared(self, *_declared: object) -> None:
        raise BadMarkup("a document type declaration")
