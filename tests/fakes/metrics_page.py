"""docs/metrics.md as data: the table of metrics that dashboards, alerts and code are held to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parent.parent.parent / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(camreach_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)
METRIC_NAME = re.compile(r"\bcamreach_[a-z0-9_]+\b")
HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")


class DocumentedMetric(NamedTuple):
    type: str
    labels: frozenset[str]
    meaning: str


def documented_metrics() -> dict[str, DocumentedMetric]:
    return {
        name: DocumentedMetric(kind, frozenset(re.findall(r"\w+", labels)), meaning.strip())
        for name, kind, labels, meaning in ROW.findall(PAGE.read_text("utf-8"))
    }


def exposed_names() -> set[str]:
    """Every series name that the table promises: a histogram has three."""
    names: set[str] = set()
    for name, metric in documented_metrics().items():
        is_histogram = metric.type == "histogram"
        names |= {name + part for part in HISTOGRAM_PARTS} if is_histogram else {name}
    return names


def metric_names(expr: str) -> set[str]:
    return set(METRIC_NAME.findall(expr))
