"""Counters and histograms as a scrape reads them."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from monitor.tallies import Counts, Times
from registry.vocabulary import Depth, Hop


def told(collector: Collector) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(collector)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_counts_add_up_by_their_labels():
    looks = Counts("looks", "Looks done.", ("depth", "hop"))
    looks.add((Depth.LIVENESS, Hop.CAMERA))
    looks.add((Depth.LIVENESS, Hop.CAMERA), 2)
    looks.add((Depth.PICTURE, Hop.CAMERA), 0)

    assert told(looks) == {
        ("looks_total", "liveness", "camera"): 3,
        ("looks_total", "picture", "camera"): 0,
    }


def test_a_time_counts_in_each_bucket_that_reaches_it():
    took = Times("took_seconds", "How long it took.", "depth", (0.5, 5))
    for seconds in (0.1, 0.5, 4, 60):
        took.observe(Depth.LIVENESS, seconds)

    assert told(took) == {
        ("took_seconds_bucket", "liveness", "0.5"): 2,
        ("took_seconds_bucket", "liveness", "5.0"): 3,
        ("took_seconds_bucket", "liveness", "+Inf"): 4,
        ("took_seconds_count", "liveness"): 4,
        ("took_seconds_sum", "liveness"): pytest.approx(64.6),
    }


def test_what_was_never_counted_is_not_told():
    assert told(Counts("looks", "Looks done.", ("depth",))) == {}
    assert told(Times("took_seconds", "How long it took.", "depth", (1,))) == {}
