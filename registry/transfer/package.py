"""The ZIP package an XLSX file is: unpacked within bounds before any reader sees it.

It reads no value. A reader of spreadsheets lays out every cell between the first and the last, and
repeats a shared text in each cell that names it: a few kilobytes could ask for gigabytes.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from registry.transfer.problems import ImportRefused
from registry.transfer.sheets import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, refused

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_TEXT_CHARS = 256 * 1024 * 1024

_OLD_BINARY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_WANTED = re.compile(r".*\.(xml|rels)", re.IGNORECASE)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,4})(\d+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*(\d+)\s*<")
_TEXT = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)
_SHEET_NAME = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*\"([^\"]*)\"")
_SAVE_AS = "an .xlsx workbook (save as: Excel workbook) or a CSV file"


@dataclass(frozen=True, slots=True)
class Package:
    """`content` is the package packed again without compression: what was counted is all of it."""

    content: bytes
    sheets: dict[str, bytes]  # parts by the name of their sheet


def is_workbook(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLD_BINARY))


def unpack(data: bytes) -> Package:
    if data.startswith(_OLD_BINARY):
        raise refused(1, "", _what_binary(data), _SAVE_AS)
    try:
        members = dict(_members(data))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise refused(1, "", f"a damaged archive ({error})", _SAVE_AS) from error
    if "xl/workbook.xml" not in members:
        raise refused(1, "", _what_archive(members), _SAVE_AS)
    _check(members)
    return Package(_stored(members), _named_sheets(members))


def _what_binary(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "a workbook locked with a password"
    return "an old binary workbook (.xls)"


def _what_archive(members: dict[str, bytes]) -> str:
    if "xl/workbook.bin" in members:
        return "a binary workbook (.xlsb)"
    return "an OpenDocument file" if "content.xml" in members else "an archive without a workbook"


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise refused(1, "", f"{len(infos)} parts", f"at most {MAX_MEMBERS} parts")
        left = MAX_UNPACKED_BYTES
        if sum(info.file_size for info in infos) > left:
            raise _unpacks_to_more(data)
        for info in infos:
            if info.filename.lower() == "xl/workbook.bin":
                yield "xl/workbook.bin", b""
            if not _WANTED.fullmatch(info.filename):
                continue  # pictures and macros are of no use here
            with archive.open(info) as member:
                part = member.read(left + 1)
            left -= len(part)  # what the archive says of its own sizes may be a lie
            if left < 0:
                raise _unpacks_to_more(data)
            yield info.filename, part


def _unpacks_to_more(data: bytes) -> ImportRefused:
    expected = f"at most {MAX_UNPACKED_BYTES} bytes when unpacked"
    return refused(1, "", f"{len(data)} bytes that unpack to more", expected)


def _named_sheets(members: dict[str, bytes]) -> dict[str, bytes]:
    """The workbook gives each sheet's name an id, the list beside it each id a path."""
    relations = members.get("xl/_rels/workbook.xml.rels", b"")
    paths = {
        said["id"]: said["target"].removeprefix("/xl/")
        for said in map(_attributes, _RELATION.findall(relations))
        if {"id", "target"} <= said.keys()
    }
    return {
        said["name"]: members.get(f"xl/{paths.get(said.get('r:id', ''), '')}", b"")
        for said in map(_attributes, _SHEET_NAME.findall(members["xl/workbook.xml"]))
        if "name" in said
    }


def _attributes(element: bytes) -> dict[str, str]:
    return {
        name.decode("utf-8", "replace").lower(): html.unescape(value.decode("utf-8", "replace"))
        for name, value in _ATTRIBUTE.findall(element)
    }


def _check(members: dict[str, bytes]) -> None:
    sheets = {name: part for name, part in members.items() if _SHEET.fullmatch(name)}
    if len(sheets) > MAX_SHEETS:
        raise refused(1, "", f"{len(sheets)} sheets", f"at most {MAX_SHEETS} sheets")
    texts = [
        len(found[0])
        for name, part in members.items()
        if name.lower().endswith("sharedstrings.xml")
        for found in _TEXT.finditer(part)
    ]
    chars = 0
    for part in sheets.values():
        if b"\x00" in part:
            raise refused(1, "", "a part in UTF-16", "parts in UTF-8")
        _check_extent(part)
        chars += sum(texts[at] for at in map(int, _VALUE.findall(part)) if at < len(texts))
        if chars > MAX_TEXT_CHARS:
            raise refused(1, "", "", f"at most {MAX_TEXT_CHARS} characters in all cells together")


def _check_extent(part: bytes) -> None:
    columns, last_row = set(), 0
    for column, row in _REFERENCE.findall(part):
        columns.add(column)
        last_row = max(last_row, int(row))
    last_row = max([last_row, *map(int, _ROW.findall(part))])
    last_column = max(map(column_number, columns), default=0)
    if last_row > 10 * MAX_ROWS:
        raise refused(last_row, "", "", f"at most {MAX_ROWS} rows")
    if last_column > MAX_COLUMNS:
        raise refused(1, f"column {last_column}", "", f"at most {MAX_COLUMNS} columns")
    if last_row * last_column > 20 * 1024 * 1024:
        seen = f"{last_row} rows of {last_column} columns"
        raise refused(last_row, "", seen, f"at most {MAX_ROWS} rows: delete what is below the data")


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _stored(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return out.getvalue()
