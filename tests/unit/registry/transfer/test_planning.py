"""Whatever a file holds, it becomes a plan or a refusal that names its rows; nothing else."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.changing.inventory import Inventory
from registry.transfer import ImportRefused, Plan, Problem
from registry.transfer.columns import COLUMNS
from registry.transfer.planning import make_plan
from registry.transfer.statements import gather
from registry.transfer.table import read_table


def plan_of(data: bytes) -> Plan:
    table = read_table(data)
    return make_plan(gather(table), Inventory(), rows=len(table.rows), today=date(2026, 11, 22))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_never_crash(data):
    with pytest.raises(ImportRefused) as refused:
        plan_of(data)

    assert all(problem.row >= 1 for problem in refused.value.problems)


CELLS = st.sampled_from(
    [
        *("", "", "", "-", "'-", "a", "b", "a/b", "main", "sub", "cou", "yes", "7", "2026-11-22"),
        *("street", "planned", "retired", "camera", "relay", "mall", "duty_unit", "district"),
        *("rtsp://192.0.2.1/a", "rtsp://u:p@192.0.2.1/b", "rtsp://192.0.2.2/?user={user}"),
        *("rtsp://u:p@x@y/z", "http://x", "Asia/Almaty", "192.0.2.1", "95", "h264", "é\u0301"),
    ]
)


@st.composite
def sheets(draw: st.DrawFn) -> str:
    others = draw(st.lists(st.sampled_from([c.name for c in COLUMNS[1:]]), unique=True))
    names = ["camera", *dict.fromkeys(["area", *others])]
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=5))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([names, *rows])
    return out.getvalue()


def outcome_of(text: str) -> Plan | tuple[Problem, ...]:
    try:
        return plan_of(text.encode())
    except ImportRefused as refused:
        return refused.problems


@settings(max_examples=300, deadline=None)  # a busy machine decides nothing
@given(sheets())
def test_any_sheet_becomes_a_plan_or_a_refusal(text):
    outcome = outcome_of(text)

    if isinstance(outcome, Plan):
        assert all(change.before is None for change in outcome.changes)
    else:
        assert outcome
        assert all(problem.row >= 1 and problem.expected for problem in outcome)
