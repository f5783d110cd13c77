"""Spreadsheets as regions keep them, built by code: what is ugly, and what must come out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

import openpyxl

from registry.transfer.mapping import NO_MAPPING, ColumnMapping

Rows = Sequence[Sequence[object]]

# What the registry holds before each of them is read.
PLACES = """camera,area,area_name,time_zone,site,sector,address,latitude,longitude
,reg,Region,Asia/Almaty,,,,,
,reg/kok,Көктем,,,,,,
,reg,,,s-1,street,Degree 5,43.2,76.9
"""


@dataclass(frozen=True, slots=True)
class Ugly:
    """`brings` the cameras of its plan with a field to look at, or `refuses` at these places."""

    what: str
    data: bytes = field(repr=False)
    brings: dict[str, tuple[str, object]] = field(default_factory=dict)
    refuses: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    mapping: ColumnMapping = NO_MAPPING


def workbook(rows: Rows, *, merged: str = "", more: dict[str, Rows] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Камеры"
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    for name, others in (more or {}).items():
        other = book.create_sheet(name)
        for row in others:
            other.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same workbook with its parts changed behind the spreadsheet program's back."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def in_cells(pattern: bytes, replacement: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, part: bytes) -> bytes:
        return re.sub(pattern, replacement, part) if "sheet1" in name else part

    return change


MIDNIGHT = datetime(2024, 11, 22)  # noqa: DTZ001 - a spreadsheet knows no zone
HEAD = ("Код камеры", "Код района", "Вид камеры", "Наименование камеры")
ENGLISH = ("camera", "area", "kind", "camera_name")


def _plain() -> list[Ugly]:
    return [
        Ugly(
            "a merged title, an empty row and stamps above the header",
            workbook(
                [
                    ["Перечень камер видеонаблюдения на 22.11.2026"],
                    [],
                    ["Утверждаю", None, None, "Начальник"],
                    HEAD,
                    ["C-1", "reg", "уличная", "Площадь"],
                ],
                merged="A1:D1",
            ),
            {"C-1": ("name", "Площадь")},
        ),
        Ugly(
            "empty rows and columns between, and the table not in the corner",
            workbook(
                [
                    [],
                    [None, None, "Код камеры", None, "Код района", "Вид"],
                    [],
                    [None, None, "C-1", None, "reg", "двор"],
                    [],
                    [None, None, "C-2", None, "reg", "двор"],
                ]
            ),
            {"C-1": ("kind", "yard"), "C-2": ("kind", "yard")},
        ),
        Ugly(
            "a total at the bottom",
            workbook([HEAD, ["C-1", "reg", "уличная", "A"], ["Итого: 1 камера"]]),
            {"C-1": ("name", "A")},
            hints=("row 3: left out as a total",),
        ),
        Ugly(
            "the header once more on every printed page, and a row that numbers the columns",
            workbook(
                [
                    HEAD,
                    [1, 2, 3, 4],
                    ["C-1", "reg", "уличная", "A"],
                    HEAD,
                    ["C-2", "reg", "двор", "B"],
                ]
            ),
            {"C-1": ("name", "A"), "C-2": ("name", "B")},
        ),
        Ugly(
            "two header rows: a merged group over latitude and longitude",
            workbook(
                [
                    [
                        "Код камеры",
                        "Код района",
                        "Вид",
                        "Код объекта",
                        "Сектор",
                        "Координаты",
                        None,
                    ],
                    [None, None, None, None, None, "Широта", "Долгота"],
                    ["C-1", "reg", "уличная", "s-9", "улица", "43,2567", "76,9286"],
                ],
                merged="F1:G1",
            ),
            {"C-1": ("site", "s-9")},
        ),
        Ugly(
            "numbers stored as floats in codes, a date as a serial number, a comma in a number",
            workbook(
                [
                    (
                        "camera",
                        "area",
                        "kind",
                        "serial",
                        "installed_from",
                        "site",
                        "sector",
                        "lat",
                        "lon",
                    ),
                    [12.0, "reg", "street", 4517.0, 45618, 7.0, "street", "43,25", 76.5],
                    [13.0, "reg", "street", "A1", MIDNIGHT, 7, None, None, None],
                    [14.0, "reg", "street", "A2", date(2024, 11, 22), 7, None, None, None],
                ]
            ),
            {"12": ("site", "7"), "13": ("site", "7"), "14": ("site", "7")},
        ),
        Ugly(
            "hard spaces, trailing blanks, soft hyphens and zero-width characters",
            workbook(
                [
                    ["Код\u00a0камеры ", " Код рай\u00adона", "Вид\nкамеры", "Наименование камеры"],
                    ["\u00a0C-1 \u200b", "reg\u00a0", "уличная ", "Пло\u00adщадь\u00a05"],
                ]
            ),
            {"C-1": ("name", "Площадь 5")},
        ),
        Ugly(
            "a table of several sheets, of which one holds cameras",
            workbook(
                [HEAD, ["C-1", "reg", "уличная", "A"]],
                more={"Справка": [["Составил", "Иванов"]], "Пустой": []},
            ),
            {"C-1": ("name", "A")},
        ),
        Ugly(
            "two sheets that both hold cameras, and nobody says which is meant",
            workbook(
                [HEAD, ["C-1", "reg", "уличная", "A"]],
                more={"Старые": [HEAD, ["C-2", "reg", "уличная", "B"]]},
            ),
            refuses=("the name of one sheet (--sheet): 'Камеры', 'Старые'",),
        ),
        Ugly(
            "the same, and somebody says which",
            workbook(
                [HEAD, ["C-1", "reg", "уличная", "A"]],
                more={"Старые": [HEAD, ["C-2", "reg", "уличная", "B"]]},
            ),
            {"C-2": ("name", "B")},
            mapping=ColumnMapping(sheet="старые"),
        ),
    ]


def _said_wrong() -> list[Ugly]:
    good = workbook([ENGLISH, ["C-1", "reg", "street", "A"], ["C-2", "reg", "street", "B"]])
    return [
        Ugly(
            "a cell with an error, and a formula that was never calculated",
            repacked(
                workbook([ENGLISH, ["C-1", "reg", "street", "=B2"], ["C-2", "reg", "street", 1]]),
                in_cells(rb'<c r="D3"[^>]*><v>1</v></c>', rb'<c r="D3" t="e"><v>#REF!</v></c>'),
            ),
            refuses=(
                "sheet 'Камеры', row 2, camera_name: 'a formula without its result'",
                "sheet 'Камеры', row 3, camera_name: 'an error'",
            ),
        ),
        Ugly(
            "a formula with its result",
            repacked(
                workbook([ENGLISH, ["C-1", "reg", "street", "=B2"]]),
                in_cells(rb"<f>B2</f><v\s*/>|<f>B2</f><v></v>", rb"<f>B2</f><v>7</v>"),
            ),
            {"C-1": ("name", "7")},
        ),
        Ugly(
            "a word that is no kind, in a column with a name of its own",
            workbook([HEAD, ["C-1", "reg", "фонарь", "A"]]),
            refuses=("sheet 'Камеры', row 2, kind ('Вид камеры'): 'фонарь', expected one of",),
        ),
        Ugly(
            "a long number that the spreadsheet has rounded",
            workbook(
                [("camera", "area", "kind", "serial"), ["C-1", "reg", "street", "1.23457E+11"]]
            ),
            refuses=("row 2, serial: '1.23457E+11', expected all digits",),
        ),
        Ugly(
            "the same camera twice",
            workbook([ENGLISH, ["C-1", "reg", "street", "A"], ["C-1", "reg", "street", "A"]]),
            refuses=("row 3, camera: 'C-1', expected camera 'C-1' once; row 2 has it",),
        ),
        Ugly(
            "letters lost in a file that was saved as cp1251 once",
            "camera;area;kind;address;site\nC-1;reg;street;К?ктем;s-1\n".encode("cp1251"),
            refuses=("row 2, address: 'К?ктем', expected letters that were saved as ?",),
        ),
        Ugly(
            "letters lost before it became UTF-8",
            "camera;area;kind;camera_name\nC-1;reg;street;К?ктем\n".encode(),
            {"C-1": ("name", "К?ктем")},
            hints=("row 2, camera_name: 'К?ктем' holds ? inside a word",),
        ),
        Ugly(
            "a column that nobody knows",
            workbook([(*ENGLISH, "Столб"), ["C-1", "reg", "street", "A", "x"]]),
            refuses=("row 1, column 5: 'Столб', expected a column named in docs/import.md",),
        ),
        Ugly(
            "the same with a mapping, constants and words of its own",
            workbook([("Шифр", "Столб", "Тип"), ["C-1", "x", "купол"]]),
            {"C-1": ("kind", "yard")},
            hints=("row 1: left out, as the mapping does not name them: Столб",),
            mapping=ColumnMapping(
                columns={"Шифр": "camera", "тип": "kind"},
                constants={"area": "reg"},
                values={"kind": {"Купол": "yard"}},
            ),
        ),
        Ugly(
            "Cyrillic letters in a code that is Latin in the registry",
            workbook([("camera", "area", "kind", "site"), ["С-1A", "reg", "street", "s-1"]]),
            {"С-1A": ("site", "s-1")},
            hints=("row 2, camera: 'С-1A' mixes Latin and Cyrillic letters",),
        ),
        Ugly(
            "latitude and longitude the other way round",
            workbook(
                [
                    ("camera", "area", "kind", "site", "sector", "lat", "lon"),
                    ["C-1", "reg", "street", "s-9", "street", 76.9, 43.2],
                ]
            ),
            {"C-1": ("site", "s-9")},
            hints=(
                "row 2, latitude: 76.9, 43.2 is far from the rest of the area: are latitude and",
            ),
        ),
        Ugly(
            "bytes cut off in the middle of a download",
            good[: len(good) // 2],
            refuses=("row 1: 'a damaged archive",),
        ),
        Ugly(
            "a workbook that unpacks to a gigabyte",
            _bomb(),
            refuses=("bytes when unpacked",),
        ),
        Ugly(
            "one cell at the far end of an otherwise small sheet",
            repacked(good, in_cells(rb'r="D3"', rb'r="XFD1048576"')),
            refuses=("expected at most",),
        ),
        Ugly(
            "an old binary workbook",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            refuses=("row 1: 'an old binary workbook (.xls)', expected an .xlsx workbook",),
        ),
        Ugly(
            "a workbook locked with a password",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            refuses=("row 1: 'a workbook locked with a password'",),
        ),
        Ugly(
            "an archive that is no workbook",
            repacked(good, lambda name, part: b"").replace(b"xl/workbook", b"xl/wOrkbook"),
            refuses=("an archive without a workbook",),
        ),
    ]


def _bomb() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(1024 * 1024))
    return out.getvalue()


def _delimited() -> list[Ugly]:
    text = "Код камеры;Код района;Вид;Наименование камеры\nC-1;reg;көше;Қарағанды «А»\n"
    brings: dict[str, tuple[str, object]] = {"C-1": ("name", "Қарағанды «А»")}
    return [
        Ugly("KZ-1048 with semicolons", text.encode("kz1048"), brings),
        Ugly(
            "UTF-8 with a byte order mark, tabs",
            text.replace(";", "\t").encode("utf-8-sig"),
            brings,
        ),
        Ugly("UTF-16, commas", text.replace(";", ",").encode("utf-16"), brings),
        Ugly("a first line that tells the separator", f"sep=;\r\n{text}".encode(), brings),
        Ugly(
            "quotes, line ends inside a cell, titles with other separators above",
            (
                "Реестр, версия 2,,\n\n"
                'Код камеры;Код района;Вид;"Наименование\nкамеры"\n'
                'C-1;reg;двор;"Дом ""А"";\nкорпус 2"\n'
            ).encode("cp1251"),
            {"C-1": ("name", 'Дом "А";\nкорпус 2')},
        ),
    ]


@cache
def all_of_them() -> list[Ugly]:
    return [*_plain(), *_said_wrong(), *_delimited()]
