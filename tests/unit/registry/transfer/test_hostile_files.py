"""Files made to hurt are refused in a time that grows with their length and no faster.

Each would take minutes if any reader went over it again and again; the time-out of a test ends it.
"""

from __future__ import annotations

import io
import zipfile

import pytest

from registry.security.redaction import redacted_text
from registry.transfer import ImportRefused
from registry.transfer.delimited import MAX_RECORD_CHARS
from registry.transfer.expanding import expanded
from registry.transfer.markup import BadMarkup, Handlers, walk
from registry.transfer.sheets import MAX_COLUMNS
from registry.transfer.table import Row, Table, read_table
from registry.transfer.templates import channels_of
from registry.transfer.workbook import read_workbook

pytestmark = pytest.mark.timeout(120)

MANY = 200_000
_TYPES = (
    b'<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/'
    b'workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
    b'.sheet.main+xml"/></Types>'
)


def package(
    *, sheet: bytes = b"<worksheet/>", shared: bytes = b"<sst/>", book: bytes = b"", path: str = ""
) -> bytes:
    out = io.BytesIO()
    path = path or "worksheets/sheet1.xml"
    book = book or b'<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>'
    relation = b'<Relationships><Relationship Id="r1" Target="%s"/></Relationships>' % path.encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", relation)
        archive.writestr(f"xl/{path}", sheet)
        archive.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


def cells(rows: bytes) -> bytes:
    return b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("hostile", "seen"),
    [
        (package(shared=b"<sst>" + b"<si>" * MANY), "nested more than"),
        (package(shared=b"<sst>" + b"<si " * MANY), "not well-formed"),
        (package(sheet=b"<row " * MANY), "not well-formed"),
        (package(sheet=b"<!--" + b"<row " * MANY), "unclosed token"),
        (package(sheet=b"<!--" + b"<row " * 10 * MANY), "a tag or comment of more than"),
        (package(sheet=b"<a " + b'b="' * MANY), "not well-formed"),
        (package(sheet=b'<a b="' + b"<c " * MANY), "not well-formed"),
        (package(sheet=cells(b'<row r="' + b"9" * 5_000 + b'"/>')), "expected a number from 1"),
        (package(sheet=cells(b'<c r="' + b"A" * MANY + b'"/>')), "expected one such as 'B7'"),
        (package(sheet=b"<!DOCTYPE a><a/>"), "a document type declaration"),
        (package(book=b"<workbook><sheet " + b"a" * MANY + b"/></workbook>"), "not well-formed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_markup_that_makes_readers_go_back_is_refused(hostile, seen):
    with pytest.raises(ImportRefused, match=seen):
        read_workbook(hostile)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (cells(b'<row r="1000000"/><row/>'), "rows"),
        (cells(b"<row>" + b"<c/>" * (MAX_COLUMNS + 1) + b"</row>"), "columns"),
        (cells(b'<row r="90000"/><row><c r="CV90001"/></row>'), "rows"),
        (cells(b'<row x=">" r="1048576"/>'), "rows"),
    ],
)
def test_cells_count_whether_they_say_where_they_are_or_not(sheet, expected):
    with pytest.raises(ImportRefused, match=f"expected at most .* {expected}"):
        read_workbook(package(sheet=sheet))


def test_a_sheet_is_checked_wherever_the_workbook_says_that_it_is():
    hidden = package(sheet=cells(b'<row r="1048576"/>'), path="else/where.xml")

    with pytest.raises(ImportRefused, match="rows"):
        read_workbook(hidden)


def test_a_long_text_that_many_cells_name_is_counted_in_each():
    shared = b"<sst><si><t>" + b"a" * 100_000 + b"</t></si></sst>"
    row = b'<c t="s"><v> 0 </v></c>'

    with pytest.raises(ImportRefused, match="characters in all cells"):
        read_workbook(package(shared=shared, sheet=cells((b"<row>" + row * 290 + b"</row>") * 10)))


def test_text_of_any_length_is_walked_in_pieces():
    said: list[str] = []

    walk(b"<a>" + b"b" * 3_000_000 + b"</a>", Handlers(lambda *_: None, None, said.append))

    assert sum(map(len, said)) == 3_000_000


def test_markup_that_ends_early_is_told():
    with pytest.raises(BadMarkup, match="no element found"):
        walk(b"<a><b></b>", Handlers(lambda *_: None))


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"camera,area\n" + b"," * 2 * MAX_RECORD_CHARS + b"x", "is a quote not closed"),
        (b'camera,area\n"' + b"a\n" * MAX_RECORD_CHARS, "well-formed CSV"),
        (b"camera,area\n" + b'"a\n",' * MAX_RECORD_CHARS, "is a quote not closed"),
        (b"camera,area\n" + b"x," * (MAX_COLUMNS + 1), "at most 300 columns"),
        (b"sep" + b" " * 10 * MANY + b"=", "is a quote not closed"),
    ],
)
def test_one_row_without_end_is_refused(data, seen):
    with pytest.raises(ImportRefused, match=seen):
        read_table(data)


def test_empty_cells_to_the_end_of_the_sheet_are_no_columns():
    data = b"camera,area" + b"," * 16_382 + b"\nC-1,reg" + b"," * 16_382 + b"\n"

    assert [row.said for row in read_table(data).rows] == [{"camera": "C-1", "area": "reg"}]


@pytest.mark.parametrize("gap", [" " * 4_000, "\t \u00a0" * 1_300, " ° " * 1_000])
def test_coordinates_with_a_long_gap_are_read_or_refused_at_once(gap):
    """In runs of spaces the time was cubic: 4,000 of them were hours."""
    row = Row(2, {"coordinates": f"43.2{gap}x"})

    assert [problem.column for problem in expanded(Table((row,), ())).problems] == ["coordinates"]


@pytest.mark.parametrize("text", ["rtsp://a:" * 40_000, "rtsp://a:b@" + "x://y:" * 60_000])
def test_a_text_of_schemes_is_redacted_at_once(text):
    assert "b@" not in redacted_text(text)


def test_ranges_said_over_and_over_end():
    assert channels_of("1-256," * 600) is None or len(channels_of("1-256," * 600) or ()) == 256


def test_columns_that_have_no_name_of_ours_are_told_from_left_to_right():
    header = ",".join(["camera", *(f"x{number}" for number in range(2, 13))])

    with pytest.raises(ImportRefused) as refused:
        read_table(f"{header}\n1\n".encode())

    told = [each.column for each in refused.value.problems if each.column.startswith("column ")]
    assert told == [f"column {number}" for number in range(2, 13)]
