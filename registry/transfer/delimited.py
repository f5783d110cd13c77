"""Bytes of a CSV file -> one sheet: finds out encoding and separator, and knows no value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from registry.transfer.sheets import MAX_ROWS, Sheet, is_filled, refused

HEADER_WITHIN = 40  # rows: titles, stamps and notes above a header are fewer

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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return max(map(known_names, islice(reader, HEADER_WITHIN)), default=0)
    except csv.Error:
        return 0


def _records(text: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for record in _until_too_many(reader):
            records.append(record)
    except csv.Error as error:
        raise refused(len(records) + 1, "", str(error), "well-formed CSV") from error
    while records and not is_filled(records[-1]):
        records.pop()
    return records


def _until_too_many(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, record in enumerate(reader, start=1):
        if number > MAX_ROWS + HEADER_WITHIN:
            raise refused(number, "", "", f"at most {MAX_ROWS} rows")
        yield record
