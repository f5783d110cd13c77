"""The package of a workbook, its parts as they are: bytes between marks, one part each."""

from __future__ import annotations

import io
import zipfile

from registry.transfer.problems import ImportRefused
from registry.transfer.table import read_table
from registry.transfer.workbook import read_workbook
from tests.fuzz.targets.refusing import says_why
from tests.fuzz.targets.sequence import MARK

TOKENS = (
    *(b'<row r="1">', b'<c r="A1" t="s">', b"<v>0</v>", b"</c>", b"</row>", b"<si>", b"</si>"),
    *(b"<sheetData>", b"<worksheet>", b"<f>A1</f>", b"<!--", b"-->", b"<![CDATA[", b"]]>"),
    *(b'<sheet name="a" r:id="r1"/>', b'Target="worksheets/sheet1.xml"', b"&amp;", b't="e"'),
    *(b"<!DOCTYPE a [", b'<!ENTITY a "b">', b"camera,area\n", b"sep=;\r\n", b'"', b"\0", MARK),
)
PARTS = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "[Content_Types].xml",
)


def workbook(data: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, part in zip(PARTS, data.split(MARK), strict=False):
            archive.writestr(name, part)
    try:
        sheets = read_workbook(out.getvalue())
    except ImportRefused as error:
        _names_problems(error)
    else:
        assert all(isinstance(cell, str) for each in sheets for row in each.rows for cell in row)


def table(data: bytes) -> None:
    """Whatever is brought: CSV, GeoJSON, an archive."""
    try:
        read = read_table(data)
    except ImportRefused as error:
        _names_problems(error)
    else:
        assert all(row.number > 1 for row in read.rows)


def _names_problems(refused: ImportRefused) -> None:
    """As many as the file has, each in few words."""
    assert refused.problems
    for problem in refused.problems:
        says_why(problem)
