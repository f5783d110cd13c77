"""A fault's own limit, and what is made of those that were found, late or never."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks.time_to_detect import ASK_EVERY_S, Injection, fates_of, limit_s, rows_of
from monitor.record import FeedRecord
from monitor.simulator.behaviour import Behaviour
from monitor.simulator.faults import FAULTS
from monitor.verdict import FeedMemory, Rhythm
from registry.look import FeedKey, Look
from registry.vocabulary import Depth, FeedState, Reason
from tests.unit.plan.test_scheduler import target

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = FeedKey("a", "main")
SILENT, BLACK = FAULTS[Behaviour.SILENT], FAULTS[Behaviour.BLACK]


def record(reason: Reason | None, *looks_s: float) -> FeedRecord:
    made = FeedRecord(target("a"), Rhythm(30, 120), FeedMemory(), NOW)
    made.memory = replace(made.memory, state=FeedState.DOWN, reason=reason)
    for duration_s in looks_s:
        made.keep(
            Look(
                depth=Depth.LIVENESS, started_at=NOW, duration_s=duration_s, failure=Reason.TIMEOUT
            )
        )
    return made


def test_the_limit_is_the_formula_with_the_time_that_the_looks_themselves_took():
    watched = record(Reason.TIMEOUT, 9.0, 5.0, 6.0, 7.0)

    assert limit_s(SILENT, watched) == pytest.approx(30 * 1.05 + 15 + 18 + ASK_EVERY_S)
    assert limit_s(BLACK, watched) == pytest.approx(2 * 120 + 15 + 18 + ASK_EVERY_S)


def test_each_fault_happens_to_as_many_cameras_and_nothing_to_a_tenth_more():
    fates = Counter(fates_of(10, 0).values())

    faults = {fault for fault in FAULTS.values() if not fault.is_live}
    assert {fault: fates[fault] for fault in faults} == dict.fromkeys(faults, 10)
    assert fates[None] == len(faults)
    assert fates_of(10, 0) == fates_of(10, 0) != fates_of(10, 1)


def test_only_the_reason_that_was_put_in_counts_as_found():
    injection = Injection(KEY, SILENT, at_s=100.0)

    assert not injection.found(record(Reason.NO_PACKETS), 120.0)
    assert not injection.found(record(None), 120.0)
    assert injection.found(record(Reason.TIMEOUT), 130.0)
    assert injection.took_s == 30.0


def test_what_was_never_found_is_not_in_time():
    injections = [
        Injection(KEY, SILENT, 0.0, took_s=40.0, limit_s=60.0),
        Injection(KEY, SILENT, 0.0, took_s=70.0, limit_s=60.0),
        Injection(KEY, SILENT, 0.0),
        Injection(KEY, SILENT, 0.0),
    ]

    rows = {row[0]: row for row in rows_of(injections)}

    assert rows["silent"][2:] == ("4", "2", "40.0", "70.0", "70.0", "70.0", "25.0")
    assert rows["black"][2:4] == ("0", "0")
