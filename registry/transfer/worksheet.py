"""How much one worksheet's part asks for, and which of its cells hold no value. It reads none.

Rows and cells without a number follow the one before, as every reader of spreadsheets counts them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from registry.transfer.markup import Attributes, BadMarkup, Handlers, walk
from registry.transfer.sheets import MAX_COLUMNS, MAX_ROWS, Flaw, refused

MAX_CELLS: Final = 8 * 1024 * 1024  # a reader lays them all out: 256 MB
MAX_FLAWS: Final = 1_000
_LAST_ROW: Final = 10 * MAX_ROWS  # empty ones with a format are common

_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,9}")
_VALUE_CHARS: Final = 16  # the number of a shared text; of others only whether there is any
_INSTEAD: Final = "a value: paste values in place of formulas"


class Extent:
    """`chars`: of all shared texts in all cells that show one."""

    def __init__(self, texts: Sequence[int]) -> None:
        self.flaws: list[Flaw] = []
        self.chars = 0
        self._texts = texts
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self._type: str | None = None
        self._value = ""
        self._in_value = self._has_formula = False

    def read(self, part: bytes) -> None:
        """Raises `ImportRefused` where it asks for too much, `BadMarkup` where it is no sheet."""
        walk(part, Handlers(self._opened, self._ended, self._said))

    def _opened(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._open_cell(attributes)
        elif name == "v":
            self._in_value = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._row = _number(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            self._grow()

    def _open_cell(self, attributes: Attributes) -> None:
        self._column += 1
        if "r" in attributes:
            self._column, self._row = _place(attributes["r"])
        self._type, self._value, self._has_formula = attributes.get("t"), "", False
        self._grow()

    def _grow(self) -> None:
        if self._row <= self._last_row and self._column <= self._last_column:
            return
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        _check(self._last_row, self._last_column)

    def _said(self, text: str) -> None:
        if self._in_value and len(self._value) < _VALUE_CHARS:
            self._value += text[:_VALUE_CHARS]

    def _ended(self, name: str, _length: int) -> None:
        if name == "v":
            self._in_value = False
        elif name == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        if self._type == "s" and _NUMBER.fullmatch(self._value.strip()):
            at = int(self._value)
            self.chars += self._texts[at] if at < len(self._texts) else 0
        elif self._type == "e":
            self._tell("an error")
        elif self._has_formula and not self._value and self._type != "str":
            self._tell("a formula without its result")

    def _tell(self, seen: str) -> None:
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(self._row - 1, self._column - 1, seen, _INSTEAD))


def text_lengths(part: bytes) -> list[int]:
    """Of each shared text, in bytes as they stand there: no less than its characters."""
    lengths: list[int] = []

    def ended(name: str, length: int) -> None:
        if name == "si":
            lengths.append(length)

    walk(part, Handlers(lambda _name, _attributes: None, ended))
    return lengths


def _check(rows: int, columns: int) -> None:
    if rows > _LAST_ROW:
        raise refused(rows, "", "", f"at most {MAX_ROWS} rows")
    if columns > MAX_COLUMNS:
        raise refused(1, f"column {columns}", "", f"at most {MAX_COLUMNS} columns")
    if rows * columns > MAX_CELLS:
        seen = f"{rows} rows of {columns} columns"
        raise refused(rows, "", seen, f"at most {MAX_ROWS} rows: delete what is below the data")


def _place(said: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(said)
    if found is None:
        raise BadMarkup(f"a cell at {said[:12]!r}, expected one such as 'B7'")
    return _column_number(found[1]), _number(found[2])


def _number(said: str) -> int:
    if not _NUMBER.fullmatch(said) or int(said) == 0:
        raise BadMarkup(f"row {said[:12]!r}, expected a number from 1")
    return int(said)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
