"""Bytes of a CSV file -> one sheet: finds out encoding and separator, and knows no value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from registry.transfer.problems import ImportRefused
from registry.transfer.sheets import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ROWS,
    Sheet,
    is_filled,
    refused,
)

HEADER_WITHIN = 40  # rows: titles, stamps and notes above a header are fewer
MAX_RECORD_CHARS = MAX_COLUMNS * MAX_CELL_CHARS  # one record is split in one go, unstoppable

_SEPARATORS = ",;\t"
_EXCEL_SEPARATOR = re.compile(r"\s*sep=(?P<separator>[,;\t])\r?\n", re.IGNORECASE)


def read_delimited(data: bytes, known_names: Callable[[Sequence[str]], int]) -> Sheet:
    """`known_names` counts the names of columns in a record: it tells which separator it is."""
    text, lossy = _decoded(data)
    if not text.strip():
        raise refused(1, "", "", "a file with a header and rows; this one is empty")
    said = _EXCEL_SEPARATOR.match(text)
    if said is not None:
        rows = _records(text[said.end() :], said["separator"])
        return Sheet("", [[], *rows], lossy)  # rows keep the numbers that a spreadsheet shows
    separator = max(_SEPARATORS, key=lambda each: _names_found(text, each, known_names))
    return Sheet("", _records(text, separator), lossy)


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
        raise refused(line, "", f"bytes {seen}", "text in UTF-8, cp1251 or KZ-1048") from error


def _names_found(text: str, separator: str, known_names: Callable[[Sequence[str]], int]) -> int:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator)
    try:
        return max(map(known_names, islice(_narrow(reader, lines), HEADER_WITHIN)), default=0)
    except (csv.Error, ImportRefused):
        return 0  # it is told with the separator that is chosen


def _records(text: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        for record in _until_too_many(_narrow(reader, lines)):
            records.append(record)
    except csv.Error as error:
        raise refused(len(records) + 1, "", str(error), "well-formed CSV") from error
    while records and not is_filled(records[-1]):
        records.pop()
    return records


class _Lines:
    """Those of a text, as long as they do not make one record without end."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._records = 0
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._chars += len(line)
            if self._chars > MAX_RECORD_CHARS:
                expected = f"a row of at most {MAX_RECORD_CHARS} characters: is a quote not closed?"
                raise refused(self._records + 1, "", f"{self._chars} characters", expected)
            yield line

    def record_ended(self) -> None:
        self._records += 1
        self._chars = 0


def _narrow(reader: Iterator[list[str]], lines: _Lines) -> Iterator[list[str]]:
    for number, record in enumerate(reader, start=1):
        lines.record_ended()
        if is_filled(record[MAX_COLUMNS:]):
            raise refused(number, f"column {len(record)}", "", f"at most {MAX_COLUMNS} columns")
        yield record[:MAX_COLUMNS]


def _until_too_many(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, record in enumerate(reader, start=1):
        if number > MAX_ROWS + HEADER_WITHIN:
            raise refused(number, "", "", f"at most {MAX_ROWS} rows")
        yield record
