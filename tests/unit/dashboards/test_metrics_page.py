"""docs/metrics.md and the code name the same metrics."""

from __future__ import annotations

from monitor.exposition import METRICS
from monitor.self_metrics import _HELP as ASKED_AT_SCRAPE
from monitor.self_metrics import SelfMetrics
from tests.fakes.metrics_page import documented_metrics

OURS = "camreach_"


def self_metric_types() -> dict[str, str]:
    families = [f for f in SelfMetrics("1.2.3").registry.collect() if f.name.startswith(OURS)]
    return {f.name + ("_total" if f.type == "counter" else ""): f.type for f in families}


def test_every_metric_of_the_fleet_is_documented_with_its_type_and_labels():
    documented = {name: (m.type, m.labels) for name, m in documented_metrics().items()}

    for name, metric in METRICS.items():
        assert documented[name] == (metric.type, frozenset(metric.labels)), name


def test_every_metric_of_the_service_itself_is_documented_with_its_type():
    documented = {name: metric.type for name, metric in documented_metrics().items()}

    assert self_metric_types().items() <= documented.items()


def test_no_documented_metric_is_invented():
    asked = {OURS + name for name in ASKED_AT_SCRAPE}
    known = {*METRICS, *self_metric_types(), *asked, *(f"{name}_total" for name in asked)}

    assert set(documented_metrics()) <= known
    assert asked <= {name.removesuffix("_total") for name in documented_metrics()}
