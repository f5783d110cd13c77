"""What the benchmarks make of figures: tables, quantiles of a histogram, right and wrong."""

from __future__ import annotations

import math

import pytest

from benchmarks.fleet_report import Judged, Said
from benchmarks.scrape import Scrape, highest, quantile
from benchmarks.table import markdown, percentile
from monitor.simulator.behaviour import Behaviour
from monitor.simulator.faults import FAULTS

LAG = "lag_seconds"


def histogram(**buckets: int) -> Scrape:
    lines = [f'{LAG}_bucket{{le="{bound}"}} {count}' for bound, count in buckets.items()]
    return Scrape.of("\n".join([f"# TYPE {LAG} histogram", *lines, ""]))


NOTHING = Scrape.of("")
TEN = histogram(**{"0.1": 5, "1.0": 9, "+Inf": 10})


def test_markdown_aligns_its_columns():
    table = markdown(("what", "ms"), [("a look", "1.50"), ("b", "20.25")])

    assert table.splitlines() == [
        "| what   |    ms |",
        "| ------ | ----: |",
        "| a look |  1.50 |",
        "| b      | 20.25 |",
    ]


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 2), (0.9, 4), (1.0, 4)])
def test_percentile_is_one_of_the_values(share, value):
    assert percentile([4, 1, 3, 2], share) == value


@pytest.mark.parametrize(("share", "seconds"), [(0.25, 0.05), (0.5, 0.1), (0.7, 0.55)])
def test_quantile_is_interpolated_in_its_bucket(share, seconds):
    assert quantile(NOTHING, TEN, LAG, share) == pytest.approx(seconds)


def test_quantile_in_the_last_bucket_is_its_lower_bound():
    assert quantile(NOTHING, TEN, LAG, 0.99) == 1.0
    assert highest(NOTHING, TEN, LAG) == math.inf


def test_only_what_was_observed_between_the_scrapes_counts():
    later = histogram(**{"0.1": 7, "1.0": 11, "+Inf": 12})

    assert highest(TEN, later, LAG) == 0.1
    assert math.isnan(quantile(TEN, TEN, LAG, 0.5))


def judged(behaviour: Behaviour, said: Said, after_s: float = 10_000.0) -> Judged:
    return Judged.of({"C1": FAULTS[behaviour]}, said, after_s)


def test_a_healthy_camera_that_was_down_once_is_a_false_outage():
    said = Said(frozenset({"C1"}), {}, frozenset({("C1", "live"), ("C1", "down")}))

    assert judged(Behaviour.LIVE, said).false_outages == ("C1",)


def test_a_camera_in_trouble_by_its_right_name_is_not_wrong():
    said = Said(frozenset(), {"C1": "refused"}, frozenset({("C1", "down")}))

    assert judged(Behaviour.REFUSES, said) == Judged((), (), (), ())


@pytest.mark.parametrize("reasons", [{"C1": "timeout"}, {}])
def test_a_camera_in_trouble_by_another_name_or_none_is_wrong(reasons):
    live = frozenset() if reasons else frozenset({"C1"})

    wrong = judged(Behaviour.REFUSES, Said(live, reasons, frozenset()), after_s=1.0).wrong

    assert len(wrong) == 1
    assert wrong[0].startswith("C1: refuses, called")


def test_a_camera_in_trouble_that_is_not_found_is_wrong_only_when_its_time_is_over():
    said = Said(frozenset(), {}, frozenset())

    assert judged(Behaviour.REFUSES, said, after_s=1.0).not_yet == ("C1",)
    assert judged(Behaviour.REFUSES, said, after_s=1000.0).not_yet == ()
    assert len(judged(Behaviour.REFUSES, said, after_s=1000.0).wrong) == 1
