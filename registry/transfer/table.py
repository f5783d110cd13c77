"""Bytes of a spreadsheet -> rows of named cells. It finds sheet and header, and knows no value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.transfer import cells
from registry.transfer.aliases import folded
from registry.transfer.delimited import read_delimited
from registry.transfer.geojson import is_geojson, read_geojson
from registry.transfer.headers import Header, find_header, header_names, is_numbering, is_repeated
from registry.transfer.mapping import NO_MAPPING, ColumnMapping, Headers, words_of
from registry.transfer.package import is_workbook
from registry.transfer.problems import Hint, ImportRefused, Problem, shown
from registry.transfer.sheets import (
    MAX_BYTES,
    MAX_CELL_CHARS,
    MAX_ROWS,
    Sheet,
    is_filled,
    refused,
)
from registry.transfer.workbook import read_workbook

WATERMARK = "# camreach"  # how the row begins that says who took an export away, and when

_LETTERS_LOST = re.compile(r"\w\?\w|(?<!\S)\?\w\w")
_PROSE = frozenset({"camera_name", "site_name", "address", "area_name", "center_name"})
_TOTAL = re.compile(r"(итого|всего|барлығы|жиыны|жалпы саны|total)([\s:].*)?", re.IGNORECASE)
_DIGITS_LOST = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_DIGITS_COUNT = frozenset({"camera", "site", "system", "recorder", "serial", "mac", "contract"})


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says: its cells by column without the empty ones; None empties a value."""

    number: int
    said: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """`titles`: what the file calls a column, where that differs."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    hints: tuple[Hint, ...] = ()
    sheet: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)


def read_table(data: bytes, mapping: ColumnMapping = NO_MAPPING) -> Table:
    """The rows, and what is wrong with their shape; `ImportRefused` if no rows can be told."""
    headers = Headers(mapping)
    sheet = _chosen(read_sheets(data, headers), mapping, headers)
    try:
        header = find_header(sheet, mapping, headers)
        return _Reader(sheet, header, mapping).table()
    except ImportRefused as error:
        raise error.placed(sheet.name, {}) from error


def suggest(data: bytes, hint: ColumnMapping = NO_MAPPING) -> ColumnMapping:
    """A mapping for files like this one: what is known of its columns, and "" for the others."""
    headers = Headers(hint)
    sheet = _chosen(read_sheets(data, headers), hint, headers)
    try:
        columns = header_names(sheet, hint, headers)
    except ImportRefused as error:
        raise error.placed(sheet.name, {}) from error
    return hint.model_copy(update={"columns": columns | dict(hint.columns)})


def read_sheets(data: bytes, headers: Headers) -> list[Sheet]:
    if len(data) > MAX_BYTES:
        raise refused(1, "", f"{len(data)} bytes", f"a file of at most {MAX_BYTES} bytes")
    if is_workbook(data):
        return read_workbook(data)
    return [read_geojson(data) if is_geojson(data) else read_delimited(data, headers.known)]


def _chosen(sheets: Sequence[Sheet], mapping: ColumnMapping, headers: Headers) -> Sheet:
    if mapping.sheet is not None:
        named = [each for each in sheets if folded(each.name) == folded(mapping.sheet)]
        if not named:
            raise refused(1, "", mapping.sheet, f"a sheet of this file: {_names(sheets)}")
        return named[0]
    filled = [each for each in sheets if each.has_data]
    if not filled:
        raise refused(1, "", "", "a file with a header and rows; this one is empty")
    if len(filled) == 1:
        return filled[0]
    fitting = [each for each in filled if max(map(headers.known, each.rows[:40])) > 1]
    if len(fitting) != 1:
        expected = f"the name of one sheet (--sheet): {_names(fitting or filled)}"
        raise refused(1, "", f"{len(filled)} sheets with data", expected)
    return fitting[0]


def _names(sheets: Sequence[Sheet]) -> str:
    return ", ".join(repr(each.name) for each in sheets)


class _Reader:
    def __init__(self, sheet: Sheet, header: Header, mapping: ColumnMapping) -> None:
        self._sheet = sheet
        self._header = header
        self._constants = dict(mapping.constants)
        self._words = words_of(mapping)
        self._problems: list[Problem] = []
        self._hints = list(header.hints)

    def table(self) -> Table:
        rows = [self._row(number, record) for number, record in self._records()]
        if not rows:
            expected = "at least one row below the header"
            raise refused(self._header.row + 2, "", "", expected)
        if len(rows) > MAX_ROWS:
            raise refused(rows[MAX_ROWS].number, "", "", f"at most {MAX_ROWS} rows")
        self._tell_flaws({row.number for row in rows})
        sheet, titles = self._sheet.name, self._header.titles
        return Table(tuple(rows), tuple(self._problems), tuple(self._hints), sheet, titles)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """What is no row of data is left out, and said where a person might want to know it."""
        titles = self._sheet.rows[self._header.row]
        for at in range(self._header.row + 1, len(self._sheet.rows)):
            record = self._sheet.rows[at]
            if not is_filled(record) or is_repeated(record, titles):
                continue
            first = next(cell for cell in record if cell.strip()).strip()
            if first.startswith(WATERMARK) or (at == self._header.row + 1 and is_numbering(record)):
                continue
            if self._is_total(record, first):
                self._hints.append(Hint(at + 1, "", f"left out as a total: {shown(first)!r}"))
                continue
            yield at + 1, record

    def _is_total(self, record: Sequence[str], first: str) -> bool:
        if "camera" not in self._header.names or not _TOTAL.fullmatch(first):
            return False
        position = self._header.names.index("camera")
        camera = record[position].strip() if position < len(record) else ""
        return camera in ("", first)

    def _row(self, number: int, record: Sequence[str]) -> Row:
        self._check_shape(number, record)
        said: dict[str, str | None] = dict(self._constants)
        for name, cell in zip(self._header.names, record, strict=False):
            if name and cell and len(cell) <= MAX_CELL_CHARS:
                text = cells.said(cell)
                if text != "":
                    said[name] = self._in_our_words(name, text)
        return Row(number, said)

    def _in_our_words(self, name: str, text: str | None) -> str | None:
        words = self._words.get(name)
        return text if text is None or words is None else words.get(folded(text), text)

    def _check_shape(self, number: int, record: Sequence[str]) -> None:
        for extra in record[len(self._header.names) :]:
            if extra.strip():
                expected = f"{len(self._header.names)} cells, as the header has, not more"
                self._problems.append(Problem(number, "", "***", expected))
        for name, cell in zip(self._header.names, record, strict=False):
            if name and len(cell) > MAX_CELL_CHARS:
                expected = f"at most {MAX_CELL_CHARS} characters in a cell"
                self._problems.append(Problem(number, name, "***", expected))
            elif name in _PROSE and "?" in cell:
                self._check_letters(number, name, cell)
            elif name in _DIGITS_COUNT and _DIGITS_LOST.fullmatch(cell.strip()):
                expected = "all digits: make the column text in the spreadsheet and type it again"
                self._problems.append(Problem(number, name, shown(cell), expected))

    def _check_letters(self, number: int, name: str, cell: str) -> None:
        if not _LETTERS_LOST.search(cell):
            return
        if self._sheet.lossy:
            expected = "letters that were saved as ?: save the file as UTF-8 instead"
            self._problems.append(Problem(number, name, shown(cell), expected))
        else:
            text = f"{shown(cell)!r} holds ? inside a word: were letters lost on the way?"
            self._hints.append(Hint(number, name, text))

    def _tell_flaws(self, numbers: set[int]) -> None:
        for flaw in self._sheet.flaws:
            name = self._header.names[flaw.position : flaw.position + 1]
            if name and name[0] and flaw.row + 1 in numbers:
                problem = Problem(flaw.row + 1, name[0], flaw.value, flaw.expected)
                self._problems.append(problem)
