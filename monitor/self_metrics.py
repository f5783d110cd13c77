"""Metrics of camreach itself, in a registry of their own: how it works, not how the fleet is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from registry.look import Look
from registry.vocabulary import Hop

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
_LAG = (0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

Numbers = Callable[[], dict[str, float]]


_Child = TypeVar("_Child")


class Children(dict[tuple[str, ...], _Child]):
    """A metric's children by their labels, which the library looks up under a lock each time."""

    def __init__(self, labels: Callable[..., _Child]) -> None:
        super().__init__()
        self._made = labels

    def __missing__(self, labels: tuple[str, ...]) -> _Child:
        child = self[labels] = self._made(*labels)
        return child


class SelfMetrics:
    """What camreach counts of its own work."""

    def __init__(self, version: str) -> None:
        # or there is one more series for each that is wanted
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._looks = Children(self._counter("looks", "Looks done.", "depth", "outcome").labels)
        self._duration = Children(
            self._seconds("look_duration_seconds", "How long looks took.", "depth", _SECONDS).labels
        )
        says = "How long the stages of looks took."
        self._stage = Children(
            self._seconds("look_stage_duration_seconds", says, "stage", _SECONDS).labels
        )
        self._lag = Children(
            self._seconds(
                "schedule_lag_seconds", "How long after it was due a look began.", "outcome", _LAG
            ).labels
        )
        # What looks cost those who are looked at: the bill (docs/manners.md).
        self._received = Children(self._by_hop("received_bytes", "Bytes taken from cameras."))
        self._sessions = Children(self._by_hop("sessions", "Sessions opened on cameras."))
        self._logins = Children(self._by_hop("logins", "Logins sent to cameras."))
        Gauge(
            "camreach_build_info", "The version that runs.", ("version",), registry=self.registry
        ).labels(version).set(1)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"camreach_{name}", says, labels, registry=self.registry)

    def _by_hop(self, name: str, says: str) -> Callable[..., Counter]:
        return self._counter(name, says, "hop").labels

    def _seconds(self, name: str, says: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"camreach_{name}", says, (label,), buckets=buckets, registry=self.registry
        )

    def looked(self, look: Look, hop: Hop, lag_s: float) -> None:
        self._looks[look.depth, look.outcome].inc()
        self._duration[look.depth,].observe(look.duration_s)
        self._lag[look.outcome,].observe(max(0.0, lag_s))
        self._received[hop,].inc(look.bytes_received)
        self._sessions[hop,].inc(look.transport is not None)  # SETUP was answered
        self._logins[hop,].inc(look.signed_attempt)
        for stage, seconds in look.stages.items():
            self._stage[stage,].observe(seconds)

    def watch(self, gauges: Numbers, counters: Numbers) -> None:
        """Numbers asked for at scrape: name -> value, names without the prefix."""
        self.registry.register(_Asked(gauges, counters))

    def text(self) -> str:
        return generate_latest(self.registry).decode()


_HELP = {
    "looks_in_flight": "Looks under way.",
    "write_queue_rows": "Observations that wait for the next batch.",
    "hosts_below_budget": "Hosts that bear fewer sessions for now than their budget says.",
    "sessions_held": "Sessions that could not be ended and still hold their slot.",
    "looks_waiting_for_host": "Looks that are due and wait for a session of their host.",
    "looks_waiting_for_line": "Looks that are due and wait for their site's or center's line.",
    "looks_waiting_for_place": "Looks that are due and wait for one of probe.concurrency places.",
    "vantage_blind": "1 when the prober itself is cut off.",
    "clock_drift_seconds": "Wall clock minus the prober's own time.",
    "decoder_busy": "Decoder children at work.",
    "decoder_queue": "Pictures that wait for a decoder.",
    "pictures_kept": "Feeds whose last picture is kept in memory.",
    "pictures_kept_bytes": "What these pictures take of picture.kept_mb.",
    "decoder_jobs": "Pictures judged.",
    "decoder_failures": "Pictures that no decoder could judge.",
    "decoder_respawns": "Decoder children started again.",
}


class _Asked(Collector):
    def __init__(self, gauges: Numbers, counters: Numbers) -> None:
        self._gauges = gauges
        self._counters = counters

    def collect(self) -> list[Metric]:
        return [
            *(
                GaugeMetricFamily(f"camreach_{name}", _HELP[name], value=value)
                for name, value in self._gauges().items()
            ),
            *(
                CounterMetricFamily(f"camreach_{name}", _HELP[name], value=value)
                for name, value in self._counters().items()
            ),
        ]
