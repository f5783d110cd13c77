"""The ZIP package an XLSX file is: unpacked within bounds before any reader sees it.

It reads no value. A reader of spreadsheets lays out every cell between the first and the last, and
repeats a shared text in each cell that names it: a few kilobytes could ask for gigabytes.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from registry.transfer.markup import Attributes, BadMarkup, Handlers, walk
from registry.transfer.problems import ImportRefused
from registry.transfer.sheets import MAX_SHEETS, Flaw, refused
from registry.transfer.worksheet import Extent, text_lengths

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_TEXT_CHARS = 256 * 1024 * 1024

_OLD_BINARY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK = "xl/workbook.xml"
# What a reader of cells may ask for; pictures, macros and notes of other programs are of no use.
_WANTED = re.compile(r"xl/.+\.(xml|rels)|_rels/\.rels|\[Content_Types\]\.xml", re.IGNORECASE)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SAVE_AS = "an .xlsx workbook (save as: Excel workbook) or a CSV file"
_OPENS = "a workbook that a spreadsheet program opens"

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Package:
    """`content` is the package packed again without compression: what was counted is all of it."""

    content: bytes = field(repr=False)
    flaws: Mapping[str, tuple[Flaw, ...]]  # by the name of the sheet


def is_workbook(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLD_BINARY))


def unpack(data: bytes) -> Package:
    if data.startswith(_OLD_BINARY):
        raise refused(1, "", _what_binary(data), _SAVE_AS)
    try:
        members = dict(_members(data))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise refused(1, "", f"a damaged archive ({error})", _SAVE_AS) from error
    if _WORKBOOK not in members:
        raise refused(1, "", _what_archive(members), _SAVE_AS)
    flaws = _checked(members)
    named = {name: flaws.get(path, ()) for name, path in _paths(members).items()}
    return Package(_stored(members), named)


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
            if info.filename == "content.xml":
                yield "content.xml", b""
            if not _WANTED.fullmatch(info.filename):
                continue
            with archive.open(info) as member:
                part = member.read(left + 1)
            left -= len(part)  # what the archive says of its own sizes may be a lie
            if left < 0:
                raise _unpacks_to_more(data)
            yield info.filename, part


def _unpacks_to_more(data: bytes) -> ImportRefused:
    expected = f"at most {MAX_UNPACKED_BYTES} bytes when unpacked"
    return refused(1, "", f"{len(data)} bytes that unpack to more", expected)


def _checked(members: Mapping[str, bytes]) -> dict[str, tuple[Flaw, ...]]:
    """The flaws of each part; every part is taken for a sheet, as the workbook may name any."""
    sheets = sum(1 for name in members if _SHEET.fullmatch(name))
    if sheets > MAX_SHEETS:
        raise refused(1, "", f"{sheets} sheets", f"at most {MAX_SHEETS} sheets")
    shared = [part for name, part in members.items() if name.lower().endswith("sharedstrings.xml")]
    texts = [length for part in shared for length in _in_part("sharedStrings", text_lengths, part)]
    flaws: dict[str, tuple[Flaw, ...]] = {}
    chars = 0
    for name, part in members.items():
        extent = Extent(texts)
        _in_part(name, extent.read, part)
        flaws[name] = tuple(extent.flaws)
        chars += extent.chars
        if chars > MAX_TEXT_CHARS:
            raise refused(1, "", "", f"at most {MAX_TEXT_CHARS} characters in all cells together")
    return flaws


def _in_part(name: str, read: Callable[[bytes], _Read], part: bytes) -> _Read:
    if b"\x00" in part:
        raise refused(1, name[:80], "UTF-16", "parts in UTF-8")
    try:
        return read(part)
    except BadMarkup as error:
        raise refused(1, name[:80], str(error), _OPENS) from error


def _paths(members: Mapping[str, bytes]) -> dict[str, str]:
    """The workbook gives each sheet's name an id, the list beside it each id a path."""
    relations = _elements(members.get("xl/_rels/workbook.xml.rels", b""), "Relationship")
    targets = {each.get("Id", ""): each.get("Target", "") for each in relations}
    return {
        each.get("name", ""): f"xl/{targets.get(_relation(each), '').removeprefix('/xl/')}"
        for each in _elements(members[_WORKBOOK], "sheet")
    }


def _elements(part: bytes, wanted: str) -> list[Attributes]:
    found: list[Attributes] = []

    def opened(name: str, attributes: Attributes) -> None:
        if name == wanted:
            found.append(attributes)

    if part:
        walk(part, Handlers(opened))
    return found


def _relation(sheet: Attributes) -> str:
    return next((said for name, said in sheet.items() if name.endswith(":id")), "")


def _stored(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return out.getvalue()
