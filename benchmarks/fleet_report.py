"""What a run of the fleet came to: usage, lag, and what was said held against what is true.

It starts nothing and prints nothing.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.processes import children, cpu_seconds, memory_bytes
from benchmarks.scrape import ANY, Outcomes, Scrape, grown, highest, quantile
from benchmarks.table import markdown
from monitor.simulator.counts import FleetStats
from monitor.simulator.faults import Fault
from registry.vocabulary import Outcome

LIVENESS_EVERY_S = 30.0
PICTURE_EVERY_S = 600.0
LAG = "camreach_schedule_lag_seconds"


@dataclass(slots=True)
class Usage:
    """What one group of processes used, from its first sample to its last."""

    first_s: dict[int, float] = field(default_factory=dict)
    last_s: dict[int, float] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)

    def sample(self, *pids: int) -> None:
        """A decoder child that was replaced keeps what it had used when last seen."""
        for pid in pids:
            used_s = cpu_seconds(pid)
            self.first_s.setdefault(pid, used_s if not self.memory else 0.0)
            self.last_s[pid] = max(used_s, self.last_s.get(pid, 0.0))
        self.memory.append(sum(map(memory_bytes, pids)))

    @property
    def cpu_s(self) -> float:
        return sum(self.last_s.values()) - sum(self.first_s.values())


@dataclass(slots=True)
class Window:
    """Everything seen from the end of the taking-up to the end of the run."""

    began: Scrape
    began_s: float = field(default_factory=time.monotonic)
    service: Usage = field(default_factory=Usage)
    decoders: Usage = field(default_factory=Usage)
    simulator: Usage = field(default_factory=Usage)
    seconds: float = 0.0  # at the last sample

    def sample(self, service: int, simulator: int) -> None:
        self.seconds = time.monotonic() - self.began_s
        self.service.sample(service)
        self.decoders.sample(*children(service))
        self.simulator.sample(simulator)

    def line(self, now: Scrape, of_s: float) -> str:
        """How it goes, while it goes."""
        looks = grown(self.began, now, "camreach_looks_total")
        p99 = quantile(self.began, now, LAG, 0.99)
        memory = self.service.memory[-1] / 1e6
        return (
            f"{self.seconds:.0f} of {of_s:.0f} s: {looks:.0f} looks, lag p99 {p99:.3f} s,"
            f" {_share(self.service, self.seconds)} % of a core, {memory:.0f} MB"
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What the service says of each camera at the end, and what it ever said."""

    live: frozenset[str]
    reasons: Mapping[str, str]
    ever: frozenset[tuple[str, str]]  # camera, state


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said, held against what is true."""

    false_outages: tuple[str, ...]  # healthy, and ever called down or degraded
    healthy_unknown: tuple[str, ...]
    wrong: tuple[str, ...]  # in trouble, and called something else
    not_yet: tuple[str, ...]  # in trouble, not found, and its time is not over

    @classmethod
    def of(cls, faults: Mapping[str, Fault], said: Said, after_s: float) -> Judged:
        healthy = {code for code, fault in faults.items() if fault.is_live}
        missed = {
            code: fault
            for code, fault in faults.items()
            if fault.reason is not None and said.reasons.get(code) != fault.reason
        }
        late = {
            code
            for code, fault in missed.items()
            if after_s > fault.latest_s(LIVENESS_EVERY_S, PICTURE_EVERY_S)
        }
        bad = {code for code, state in said.ever if state in ("down", "degraded")}
        return cls(
            false_outages=tuple(sorted(healthy & bad)),
            healthy_unknown=tuple(sorted(healthy - said.live)),
            wrong=tuple(
                f"{code}: {fault.behaviour}, called {said.reasons.get(code, 'live')}"
                for code, fault in missed.items()
                if code in late or code in said.live or code in said.reasons
            ),
            not_yet=tuple(sorted(missed.keys() - late - said.live - said.reasons.keys())),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """What was scraped and counted of a whole run."""

    zero: Scrape  # before the first look
    empty_bytes: int  # memory of the service without a feed
    window: Window
    ended: Scrape
    cameras: Scrape
    stats: FleetStats
    stopped_s: float

    def figures(self) -> dict[str, float]:
        """Numbers by name, for a file that other programs read."""
        window, began, ended = self.window, self.window.began, self.ended
        seconds, feeds = window.seconds, len(self.cadences)
        done = grown(began, ended, "camreach_looks_total")
        kbit = 8 * grown(began, ended, "camreach_received_bytes_total") / seconds / 1000
        return {
            "feeds": feeds,
            "seconds": seconds,
            "looks_done": done,
            "picture_looks_done": grown(began, ended, "camreach_looks_total", depth="picture"),
            "looks_due": sum(seconds / cadence for cadence in self.cadences),
            **_lag("lag_taking_up", self.zero, began),
            **_lag("lag", began, ended),
            **_lag("lag_healthy", began, ended, _is_healthy),
            **_lag("lag_sick", began, ended, _is_sick),
            "longest_cadence_s": max(self.cadences),
            "service_cpu_percent": 100 * window.service.cpu_s / seconds,
            "decoders_cpu_percent": 100 * window.decoders.cpu_s / seconds,
            "simulator_cpu_percent": 100 * window.simulator.cpu_s / seconds,
            "service_cpu_ms_a_look": 1000 * window.service.cpu_s / done if done else 0.0,
            "memory_empty_mb": self.empty_bytes / 1e6,
            **_memory("memory", window.service),
            **_memory("decoders_memory", window.decoders),
            "memory_kb_a_feed": (max(window.service.memory) - self.empty_bytes) / feeds / 1000,
            "pulled_kbit": kbit,
            "pulled_kbit_a_1000_feeds": 1000 * kbit / feeds,
            "seconds_to_stop": self.stopped_s,
            "sessions_open": self.stats.sessions_open,
            "sessions_left_behind": self.stats.totals.sessions_left_behind,
        }

    @property
    def cadences(self) -> list[float]:
        name = "camreach_feed_effective_cadence_seconds"
        return list(self.cameras.by_label(name, "camera").values())


_NAMES = {
    "looks_done": "looks done",
    "picture_looks_done": "of them picture looks",
    "looks_due": "looks due in that time",
    "longest_cadence_s": "longest effective cadence, s",
    "service_cpu_percent": "CPU of the service, % of a core",
    "decoders_cpu_percent": "CPU of the decoder children, % of a core",
    "simulator_cpu_percent": "CPU of the simulator, % of a core",
    "service_cpu_ms_a_look": "CPU ms of the service for each look",
    "memory_empty_mb": "memory of the service without a feed, MB",
    "memory_start_mb": "memory of the service at the start, MB",
    "memory_most_mb": "memory of the service at most, MB",
    "memory_end_mb": "memory of the service at the end, MB",
    "memory_kb_a_feed": "memory for each feed at most, kB",
    "decoders_memory_most_mb": "memory of the decoder children at most, MB",
    "pulled_kbit": "pulled, kbit/s",
    "pulled_kbit_a_1000_feeds": "pulled for 1,000 feeds, kbit/s",
    "seconds_to_stop": "seconds to stop",
    "sessions_open": "sessions open on the cameras after that",
    "sessions_left_behind": "sessions ever left without TEARDOWN",
}
_LAGS = {
    "lag_taking_up": "while the estate was taken up",
    "lag": "after that",
    "lag_healthy": "of looks that saw a live feed",
    "lag_sick": "of looks that did not",
}


def usage_report(figures: Mapping[str, float]) -> Iterator[str]:
    """Paragraphs of Markdown."""
    rows = [(name, _number(figures[key])) for key, name in _NAMES.items()]
    yield markdown(("what", f"over {figures['seconds']:.0f} s"), rows)
    yield markdown(
        ("lag behind the effective cadence, s", "p50", "p99", "at most"),
        [
            (name, *(f"{figures[f'{key}_{part}_s']:.3g}" for part in ("p50", "p99", "most")))
            for key, name in _LAGS.items()
            if not math.isnan(figures[f"{key}_p50_s"])
        ],
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"


def _lag(name: str, before: Scrape, after: Scrape, outcomes: Outcomes = ANY) -> dict[str, float]:
    """From the exported histogram, so within the width of its buckets."""
    return {
        f"{name}_p50_s": quantile(before, after, LAG, 0.5, outcomes),
        f"{name}_p99_s": quantile(before, after, LAG, 0.99, outcomes),
        f"{name}_most_s": highest(before, after, LAG, outcomes),
    }


def _is_healthy(outcome: str) -> bool:
    return outcome == Outcome.LIVE


def _is_sick(outcome: str) -> bool:
    return outcome != Outcome.LIVE


def _share(usage: Usage, seconds: float) -> str:
    return f"{100 * usage.cpu_s / seconds:.1f}"


def _memory(name: str, usage: Usage) -> dict[str, float]:
    moments = {"start": usage.memory[0], "most": max(usage.memory), "end": usage.memory[-1]}
    return {f"{name}_{moment}_mb": count / 1e6 for moment, count in moments.items()}


def states_report(judged: Judged, faults: Mapping[str, Fault], said: Said) -> Iterator[str]:
    """Paragraphs of Markdown."""
    counts = Counter({"live": len(said.live)}) + Counter(said.reasons.values())
    yield markdown(("state or reason shown", "feeds"), [(k, str(n)) for k, n in counts.items()])
    healthy = sum(fault.is_live for fault in faults.values())
    table = [
        (f"healthy ({healthy}), ever called down or degraded", judged.false_outages),
        (f"healthy ({healthy}), not live at the end", judged.healthy_unknown),
        (f"in trouble ({len(faults) - healthy}), called something else", judged.wrong),
        (f"in trouble ({len(faults) - healthy}), not found yet, in time", judged.not_yet),
    ]
    yield markdown(("what was said", "feeds"), [(name, str(len(who))) for name, who in table])
    for name, who in table:
        if who:
            yield f"{name}: {'; '.join(who[:20])}"
