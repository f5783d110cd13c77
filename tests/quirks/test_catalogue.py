"""Every number has a row, every row a case and a line in docs/tolerates.md, and the other way
round.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

from docs.generate import tolerates_page
from monitor.rtsp.quirks import Quirk
from tests.quirks.cases import Cases
from tests.quirks.catalogue import ROWS, SECTIONS, Row, Verdict

HERE = Path(__file__).parent
NUMBERS = [f"Q{number:02}" for number in range(1, 147)]
ELSEWHERE = {Quirk.OLD_TLS: "Q13", Quirk.OLD_LIVE555: "Q111", Quirk.TEARDOWN_UNANSWERED: "Q116"}
COLLECTIONS = [
    value
    for path in sorted(HERE.glob("test_*.py"))
    if path != Path(__file__)
    for value in vars(importlib.import_module(f"tests.quirks.{path.stem}")).values()
    if isinstance(value, Cases)
]


def test_every_number_has_one_row_and_no_row_another_number():
    numbers = Counter(row.number for row in ROWS)

    assert set(numbers.values()) == {1}
    assert {number for number in numbers if number.startswith("Q")} == set(NUMBERS)


def test_every_row_has_a_case_and_every_case_a_row():
    tested = set().union(*(cases.numbers for cases in COLLECTIONS))

    assert tested == {row.number for row in ROWS}


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.on_sockets], ids=lambda s: s.heading)
def test_what_is_said_on_the_wire_is_also_said_on_a_real_socket(section):
    tested = set().union(*(cases.numbers for cases in COLLECTIONS if cases.on_sockets))

    assert {row.number for row in section.rows} - tested == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_every_row_says_what_is_seen_and_what_is_done(row: Row):
    assert row.seen
    assert row.does.endswith(".")
    assert (row.verdict is Verdict.NOTED) == (row.quirk is not None)
    assert row.reasons or row.verdict is not Verdict.FAILS


def test_every_word_that_is_noted_has_its_row():
    noted = {row.quirk for row in ROWS if row.quirk is not None}

    assert noted | set(ELSEWHERE) == set(Quirk)
    for quirk, number in ELSEWHERE.items():
        (row,) = (row for row in ROWS if row.number == number)
        assert f"`{quirk}`" in row.does


def test_the_page_has_a_line_for_every_row():
    lines = re.findall(r"^\| ([QS]\d{2,3}) \|", tolerates_page(), re.MULTILINE)

    assert lines == [row.number for row in ROWS]


@pytest.mark.parametrize(
    "identity", ["Q5-too-short", "join-control-text", "Q56", "Q56-Join", "X56-x"]
)
def test_a_case_without_a_number_is_refused(identity):
    with pytest.raises(ValueError, match="expected the form"):
        Cases()(identity)(lambda: None)
