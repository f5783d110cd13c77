"""Cells of a spreadsheet: what they may say, and that they cannot bite."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.transfer import cells
from registry.vocabulary import CameraKind


@given(st.text(max_size=20))
def test_guarded_text_comes_back_as_it_was(text):
    assert cells.unguarded(cells.guarded(text)) == text


@given(st.text("=+-@'\t\r\n x", max_size=8))
def test_guarded_text_starts_no_formula(text):
    assert cells.guarded(text)[:1] not in {*"=+-@\t\r\n"}


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.number(-90, 90), "43,2567", 43.2567),
        (cells.number(-90, 90), "-43.2567", -43.2567),
        (cells.day, "22.11.2026", date(2026, 11, 22)),
        (cells.day, "2026-11-22", date(2026, 11, 22)),
        (cells.mac, "AA-BB-CC-00-11-22", "aa:bb:cc:00:11:22"),
        (cells.mac, "aabb.cc00.1122", "aa:bb:cc:00:11:22"),
        (cells.yes_no, "Да", True),
        (cells.yes_no, "жоқ", False),
        (cells.word(CameraKind), "Street", CameraKind.STREET),
        (cells.code, "К-12.3:a", "К-12.3:a"),
        (cells.area_path, "region/district/town", "region/district/town"),
        (cells.host, "Cam.Example", "cam.example"),
    ],
)
def test_a_cell_is_read(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (cells.number(-90, 90), "nan"),
        (cells.number(-90, 90), "inf"),
        (cells.number(-90, 90), "43 25"),
        (cells.integer(1, 256), "1.5"),
        (cells.integer(1, 256), "0"),
        (cells.day, "31.02.2026"),
        (cells.day, "11/22/2026"),
        (cells.mac, "aa:bb"),
        (cells.yes_no, "maybe"),
        (cells.word(CameraKind), "lamp"),
        (cells.code, "a b"),
        (cells.code, "a/b"),
        (cells.code, "_x"),
        (cells.code, "x" * 65),
        (cells.code, "\u0438\u0306"),  # й written as two characters
        (cells.feed_name, "Main"),
        (cells.area_path, "a//b"),
        (cells.host, "rtsp://x"),
        (cells.time_zone, "Almaty"),
        (cells.text(5), "123456"),
        (cells.text(5), "a\x00"),
    ],
)
def test_a_cell_that_says_something_else_is_refused(parse, cell):
    with pytest.raises(cells.Unexpected):
        parse(cell)
