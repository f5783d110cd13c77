"""Rows of an export as an XLSX workbook, row by row. It decides nothing about what is exported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from registry.transfer.columns import Column
from registry.transfer.taken import Taken

_TEXT = "@"  # a code like 0012 stays what it is when somebody edits the cell
_WIDTH = 18

# What XML cannot carry, and what reads as an escape already (ECMA-376 part 1, 22.9.2.19).
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class WorkbookFile:
    """The header stays in sight and filters; a second sheet says who took it."""

    def __init__(self, columns: Sequence[Column], taken: Taken, out: BinaryIO) -> None:
        self._columns, self._taken, self._out = columns, taken, out
        self._workbook = Workbook(write_only=True)
        self._workbook.properties.creator = taken.who
        self._workbook.properties.description = taken.watermark
        self._sheet = self._workbook.create_sheet("camreach")
        self._rows = 1
        self._sheet.freeze_panes = "B2"
        self._sheet.oddFooter.left.text = taken.watermark.replace("&", "&&")
        for number in range(1, len(columns) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
        self._sheet.append([_title(self._sheet, column.name) for column in columns])

    def add(self, rows: Iterable[Mapping[str, str]]) -> None:
        for row in rows:
            self._sheet.append(list(_cells(self._sheet, self._columns, row)))
            self._rows += 1

    def finish(self) -> None:
        last = get_column_letter(len(self._columns))
        self._sheet.auto_filter.ref = f"A1:{last}{self._rows}"
        self._workbook.create_sheet("export").append([self._taken.watermark])
        self._workbook.save(self._out)


def _title(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cells(sheet: Any, columns: Sequence[Column], row: Mapping[str, str]) -> Iterator[Any]:
    for column in columns:
        text = row.get(column.name, "")
        if not text:
            yield None
        elif column.is_number:
            yield _number(text)
        else:
            cell = WriteOnlyCell(sheet, _ESCAPED.sub(_escape, text))
            cell.number_format = _TEXT
            yield cell


def _number(text: str) -> int | float | str:
    """A workbook keeps 15 digits; a number with more stays text, to come back whole."""
    value = float(text)
    if not text.lstrip("-").isdecimal():
        return value if float(f"{value:.15g}") == value else text
    return int(text)


def _escape(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"
