"""What the service tells Prometheus, read as Prometheus would. It knows no fleet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Outcomes = Callable[[str], bool]


def ANY(_outcome: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Scrape:
    """Sample values by name and labels."""

    samples: Mapping[str, Mapping[Labels, float]]

    @classmethod
    def of(cls, text: str) -> Scrape:
        samples: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = frozenset(sample.labels.items())
                samples.setdefault(sample.name, {})[labels] = sample.value
        return cls(samples)

    def total(self, name: str, **labels: str) -> float:
        wanted = set(labels.items())
        return sum(v for have, v in self.samples.get(name, {}).items() if wanted <= have)

    def by_label(self, name: str, label: str) -> dict[str, float]:
        sums: dict[str, float] = {}
        for have, value in self.samples.get(name, {}).items():
            key = dict(have)[label]
            sums[key] = sums.get(key, 0.0) + value
        return sums


def grown(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    return after.total(name, **labels) - before.total(name, **labels)


def quantile(
    before: Scrape, after: Scrape, histogram: str, share: float, outcomes: Outcomes = ANY
) -> float:
    """Of what was observed between two scrapes: interpolated in its bucket, as PromQL does."""
    bounds = sorted(_buckets(before, after, histogram, outcomes))
    if not bounds or bounds[-1][1] == 0:
        return math.nan
    wanted, lower, below = share * bounds[-1][1], 0.0, 0.0
    for bound, count in bounds:
        if count >= wanted:
            if math.isinf(bound):
                return lower
            inside = count - below
            return lower + (bound - lower) * ((wanted - below) / inside if inside else 1.0)
        lower, below = bound, count
    return lower


def highest(before: Scrape, after: Scrape, histogram: str, outcomes: Outcomes = ANY) -> float:
    """The upper bound of the last bucket in which something was observed."""
    top = below = 0.0
    for bound, count in sorted(_buckets(before, after, histogram, outcomes)):
        if count > below:
            top, below = bound, count
    return top


def _buckets(
    before: Scrape, after: Scrape, histogram: str, outcomes: Outcomes
) -> Iterable[tuple[float, float]]:
    name, sums = f"{histogram}_bucket", dict[float, float]()
    for labels, value in after.samples.get(name, {}).items():
        said = dict(labels)
        if outcomes(said.get("outcome", "")):
            bound = float(said["le"])
            earlier = before.samples.get(name, {}).get(labels, 0.0)
            sums[bound] = sums.get(bound, 0.0) + value - earlier
    return sums.items()
