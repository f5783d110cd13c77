"""Metrics of camreach itself, in a registry of their own: how it works, not how the fleet is."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from monitor.tallies import Counts, Times
from registry.look import Look
from registry.vocabulary import Hop

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
_LAG = (0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MOST_UNCOUNTED = 1000  # looks are large, and a disk may keep a second's batch waiting

Numbers = Callable[[], dict[str, float]]


class SelfMetrics:
    """What camreach counts of its own work."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._looks = self._counts("looks", "Looks done.", "depth", "outcome")
        says = "How long looks took."
        self._duration = self._times("look_duration_seconds", says, "depth", _SECONDS)
        says = "How long the stages of looks took."
        self._stage = self._times("look_stage_duration_seconds", says, "stage", _SECONDS)
        says = "How long after it was due a look began."
        self._lag = self._times("schedule_lag_seconds", says, "outcome", _LAG)
        # What looks cost those who are looked at: the bill (docs/manners.md).
        self._received = self._counts("received_bytes", "Bytes taken from cameras.", "hop")
        self._sessions = self._counts("sessions", "Sessions opened on cameras.", "hop")
        self._logins = self._counts("logins", "Logins sent to cameras.", "hop")
        self._uncounted: list[tuple[Look, Hop, float]] = []
        Gauge(
            "camreach_build_info", "The version that runs.", ("version",), registry=self.registry
        ).labels(version).set(1)

    def _counts(self, name: str, says: str, *labels: str) -> Counts:
        counts = Counts(f"camreach_{name}", says, labels)
        self.registry.register(counts)
        return counts

    def _times(self, name: str, says: str, label: str, bounds: tuple[float, ...]) -> Times:
        times = Times(f"camreach_{name}", says, label, bounds)
        self.registry.register(times)
        return times

    def looked(self, look: Look, hop: Hop, lag_s: float) -> None:
        """It is counted with the others of its second."""
        self._uncounted.append((look, hop, lag_s))
        if len(self._uncounted) >= _MOST_UNCOUNTED:
            self.count()

    def count(self) -> None:
        """Whoever asks for `text` calls this first, in the thread in which looks end."""
        uncounted, self._uncounted = self._uncounted, []
        for look, hop, lag_s in uncounted:
            self._count(look, hop, lag_s)

    def _count(self, look: Look, hop: Hop, lag_s: float) -> None:
        outcome, by_hop = look.outcome, (hop,)
        self._looks.add((look.depth, outcome))
        self._duration.observe(look.depth, look.duration_s)
        self._lag.observe(outcome, max(0.0, lag_s))
        self._received.add(by_hop, look.bytes_received)
        self._sessions.add(by_hop, look.transport is not None)  # SETUP was answered
        self._logins.add(by_hop, look.signed_attempt)
        for stage, seconds in look.stages.items():
            self._stage.observe(stage, seconds)

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
    "looks_allowed": "Looks this machine bears at once now, of probe.concurrency.",
    "looks_waiting_for_place": "Looks that are due and wait for one of these places.",
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
