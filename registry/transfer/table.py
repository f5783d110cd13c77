"""Bytes of a spreadsheet -> rows of named cells. It finds out the encoding, and knows no value."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.transfer import cells
from registry.transfer.columns import BY_NAME
from registry.transfer.problems import ImportRefused, Problem, shown

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
MAX_CELL_CHARS = 4_000

_SEPARATORS = ",;\t"
_LETTERS_LOST = re.compile(r"\w\?\w")
_PROSE = frozenset({"camera_name", "site_name", "address", "area_name", "center_name"})


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says: its cells by column without the empty ones; None empties a value."""

    number: int
    said: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_table(data: bytes) -> Table:
    """The rows, and what is wrong with their shape; `ImportRefused` if no rows can be told."""
    if len(data) > MAX_BYTES:
        raise _refused(1, "", f"{len(data)} bytes", f"a file of at most {MAX_BYTES} bytes")
    text, lossy = _decoded(data)
    if not text.strip():
        raise _refused(1, "", "", "a file with a header and rows; this one is empty")
    records = _records(text)
    columns = _header(records[0])
    if not any(map(_is_filled, records[1:])):
        raise _refused(2, "", "", "at least one row below the header")
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, record in enumerate(records[1:], start=2):
        if _is_filled(record):
            rows.append(_row(number, record, columns))
            problems += _misshapen(number, record, columns, lossy)
    return Table(tuple(rows), tuple(problems))


def _refused(row: int, column: str, value: str, expected: str) -> ImportRefused:
    return ImportRefused([Problem(row, column, shown(value), expected)])


def _decoded(data: bytes) -> tuple[str, bool]:
    """Unicode, or what spreadsheets here save: KZ-1048, which reads Russian cp1251 as well."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded_as(data, "utf-16"), False
    try:
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return _decoded_as(data, "kz1048"), True


def _decoded_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        seen = data[error.start : error.start + 4].hex(" ")
        raise _refused(line, "", f"bytes {seen}", "text in UTF-8, cp1251 or KZ-1048") from error


def _records(text: str) -> list[list[str]]:
    header = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=lambda each: _known_names(header.split(each)))
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for record in reader:
            records.append(record)
            if len(records) > MAX_ROWS + 1:
                raise _refused(len(records), "", "", f"at most {MAX_ROWS} rows")
    except csv.Error as error:
        raise _refused(len(records) + 1, "", str(error), "well-formed CSV") from error
    if not _is_filled(records[0]):
        raise _refused(1, "", "", "the names of the columns in the first row")
    return records


def _known_names(names: Sequence[str]) -> int:
    return sum(_column_name(name) in BY_NAME for name in names)


def _column_name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _is_filled(record: Sequence[str]) -> bool:
    return any(cell and not cell.isspace() for cell in record)


def _header(record: Sequence[str]) -> list[str]:
    names = [_column_name(cell) for cell in record]
    while names and not names[-1]:
        names.pop()
    problems = list(_header_problems(names))
    if problems:
        raise ImportRefused(problems)
    return names


def _header_problems(names: Sequence[str]) -> Iterator[Problem]:
    if not _known_names(names):
        yield Problem(1, "", shown(", ".join(names)), "the names of the columns, camera first")
        return
    for position, name in enumerate(names):
        if name not in BY_NAME:
            near = difflib.get_close_matches(name, BY_NAME, n=1)
            expected = f"{near[0]!r}, perhaps" if near else "a column named in docs/import.md"
            yield Problem(1, f"column {position + 1}", shown(name), expected)
        elif name in names[:position]:
            yield Problem(1, name, name, "each column once")
    for needed in ("camera", "area"):
        if needed not in names:
            yield Problem(1, needed, "", f"a column named {needed!r}")


def _row(number: int, record: Sequence[str], columns: Sequence[str]) -> Row:
    said = {
        name: text
        for name, cell in zip(columns, record, strict=False)
        if len(cell) <= MAX_CELL_CHARS and (text := _said(cell)) != ""
    }
    return Row(number, said)


def _said(cell: str) -> str | None:
    return None if cell.strip() == cells.CLEARED else cells.unguarded(cell)


def _misshapen(
    number: int, record: Sequence[str], columns: Sequence[str], lossy: bool
) -> Iterator[Problem]:
    for extra in record[len(columns) :]:
        if extra.strip():
            yield Problem(number, "", "***", f"{len(columns)} cells, as the header has, not more")
    for name, cell in zip(columns, record, strict=False):
        if len(cell) > MAX_CELL_CHARS:
            yield Problem(number, name, "***", f"at most {MAX_CELL_CHARS} characters in a cell")
        elif lossy and name in _PROSE and _LETTERS_LOST.search(cell):
            expected = "letters that were saved as ?: save the file as UTF-8 instead"
            yield Problem(number, name, shown(cell), expected)
