"""Counters and histograms that only the event loop adds to, so that no look waits for a lock.

They are read at a scrape, from another thread. They know nothing of what they count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Counts(Collector):
    """A counter by its labels."""

    def __init__(self, name: str, says: str, labels: tuple[str, ...]) -> None:
        self._name, self._says, self._labels = name, says, labels
        self._counts: defaultdict[tuple[str, ...], float] = defaultdict(float)

    def add(self, values: tuple[str, ...], count: float = 1) -> None:
        self._counts[values] += count

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._says, labels=self._labels)
        for values, count in self._counts.copy().items():
            family.add_metric([str(value) for value in values], count)
        return [family]


class Times(Collector):
    """A histogram of seconds by one label."""

    def __init__(self, name: str, says: str, label: str, bounds: tuple[float, ...]) -> None:
        self._name, self._says, self._label, self._bounds = name, says, label, bounds
        self._names = [*map(_bound, bounds), "+Inf"]
        self._kept: dict[str, tuple[list[int], list[float]]] = {}  # how many in each, and the sum

    def observe(self, value: str, seconds: float) -> None:
        kept = self._kept.get(value)
        if kept is None:
            kept = self._kept[value] = [0] * len(self._names), [0.0]
        counts, total = kept
        counts[bisect_left(self._bounds, seconds)] += 1
        total[0] += seconds

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(self._name, self._says, labels=[self._label])
        for value, (counts, (total,)) in self._kept.copy().items():
            up_to = zip(self._names, map(float, accumulate(counts)), strict=True)
            family.add_metric([str(value)], list(up_to), total)
        return [family]


def _bound(bound: float) -> str:
    text: str = floatToGoString(bound)  # type: ignore[no-untyped-call]
    return text
