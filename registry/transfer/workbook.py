"""Bytes of an XLSX workbook -> its sheets as texts, as a person would type them into a CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from registry.transfer.package import Package, column_number, unpack
from registry.transfer.sheets import MAX_ROWS, Flaw, Sheet, is_filled, refused

MAX_FLAWS = 1_000
_EXACT = 2**53  # past this a spreadsheet has rounded a number: its last digits are not the author's

_ERROR = re.compile(rb"<c\b([^>]*\bt=\"e\"[^>]*)>")
_UNCALCULATED = re.compile(
    rb"<c\b(?![^>]*\bt=\"(?:str|e)\")([^>]*)><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?!<v>[^<])"
)
_PLACE = re.compile(rb"\br=\"([A-Z]+)(\d+)\"")


def read_workbook(data: bytes) -> list[Sheet]:
    """The visible sheets, in their order."""
    package = unpack(data)
    try:
        with load_workbook(io.BytesIO(package.content)) as workbook:
            return [_sheet(workbook, name, package) for name in _visible(workbook)]
    except CalamineError as error:
        raise refused(1, "", str(error), "a workbook that a spreadsheet program opens") from error


def _visible(workbook: CalamineWorkbook) -> Iterator[str]:
    for sheet in workbook.sheets_metadata:
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
            yield sheet.name


def _sheet(workbook: CalamineWorkbook, name: str, package: Package) -> Sheet:
    sheet = workbook.get_sheet_by_name(name)
    rows = list(_rows(sheet, name))
    flaws = tuple(_flaws(package.sheets.get(name, b"")))
    return Sheet(name, rows, flaws=flaws)


def _rows(sheet: CalamineSheet, name: str) -> Iterator[list[str]]:
    """Rows and columns keep the numbers that the spreadsheet shows."""
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    while rows and not is_filled(rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS + 1:
        raise refused(len(rows), "", "", f"at most {MAX_ROWS} rows", name)
    yield from rows


def _text(cell: object) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        case datetime() if cell.time() == time(0):
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return repr(cell)


def _flaws(part: bytes) -> Iterator[Flaw]:
    """Cells that calamine reads as empty: errors, and formulas that were never calculated."""
    kinds = ((_ERROR, "an error"), (_UNCALCULATED, "a formula without its result"))
    for pattern, seen in kinds:
        for cell in islice(pattern.finditer(part), MAX_FLAWS):
            if (place := _PLACE.search(cell[1])) is not None:
                row, position = int(place[2]) - 1, column_number(place[1]) - 1
                yield Flaw(row, position, seen, "a value: paste values in place of formulas")
