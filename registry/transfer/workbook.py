"""Bytes of an XLSX workbook -> its sheets as texts, as a person would type them into a CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from registry.transfer.package import Package, unpack
from registry.transfer.sheets import MAX_ROWS, Sheet, is_filled, refused

_EXACT = 2**53  # past this a spreadsheet has rounded a number: its last digits are not the author's


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
    rows = _rows(workbook.get_sheet_by_name(name), name)
    return Sheet(name, rows, flaws=package.flaws.get(name, ()))


def _rows(sheet: CalamineSheet, name: str) -> list[list[str]]:
    """Rows and columns keep the numbers that the spreadsheet shows.

    One after the other: all of them in one call would keep every other thread waiting.
    """
    rows: list[list[str]] = []
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [_text(cell) for cell in cells]
        if number <= MAX_ROWS + 1:
            rows.append(row)
        if is_filled(row):
            filled = number
    if filled > MAX_ROWS + 1:
        raise refused(filled, "", "", f"at most {MAX_ROWS} rows", name)
    return rows[:filled]


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
