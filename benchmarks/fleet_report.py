"""What a run of the fleet came to: usage, lag, and what was said held against what is true.

It starts nothing and prints nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.processes import children, cpu_seconds, memory_bytes
from benchmarks.scrape import Scrape, grown, highest, quantile
from benchmarks.table import markdown
from monitor.simulator.counts import FleetStats
from monitor.simulator.faults import Fault

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


def usage_report(
    window: Window,
    zero: Scrape,
    ended: Scrape,
    cameras: Scrape,
    stats: FleetStats,
    stopped_s: float,
) -> str:
    seconds, began = window.seconds, window.began
    cadences = cameras.by_label("camreach_feed_effective_cadence_seconds", "camera").values()
    due = sum(seconds / cadence for cadence in cadences)
    done = grown(began, ended, "camreach_looks_total")
    pictures = grown(began, ended, "camreach_looks_total", depth="picture")
    kbit = 8 * grown(began, ended, "camreach_received_bytes_total") / seconds / 1000
    table = [
        ("looks done", f"{done:,.0f}"),
        ("of them picture looks", f"{pictures:,.0f}"),
        ("looks due in that time", f"{due:,.0f}"),
        *_lag("lag while the estate was taken up", zero, began),
        *_lag("lag after that", began, ended),
        ("longest effective cadence, s", f"{max(cadences):.1f}"),
        ("CPU of the service, % of a core", _share(window.service, seconds)),
        ("CPU of the decoder children, % of a core", _share(window.decoders, seconds)),
        ("CPU of the simulator, % of a core", _share(window.simulator, seconds)),
        ("CPU ms of the service for each look", f"{1000 * window.service.cpu_s / done:.2f}"),
        *_memory("memory of the service, MB", window.service),
        *_memory("memory of the decoder children, MB", window.decoders),
        ("pulled, kbit/s", f"{kbit:,.0f}"),
        ("pulled for 1,000 feeds, kbit/s", f"{1000 * kbit / len(cadences):,.0f}"),
        ("seconds to stop", f"{stopped_s:.1f}"),
        ("sessions open on the cameras after that", str(stats.sessions_open)),
        ("sessions ever left without TEARDOWN", str(stats.totals.sessions_left_behind)),
    ]
    return markdown(("what", f"over {seconds:.0f} s"), table)


def _lag(name: str, before: Scrape, after: Scrape) -> list[tuple[str, str]]:
    """From the exported histogram, so within the width of its buckets."""
    p50, p99 = (quantile(before, after, LAG, share) for share in (0.5, 0.99))
    top = highest(before, after, LAG)
    return [(f"{name}, s: p50, p99, at most", f"{p50:.3f}, {p99:.3f}, {top:g}")]


def _share(usage: Usage, seconds: float) -> str:
    return f"{100 * usage.cpu_s / seconds:.1f}"


def _memory(name: str, usage: Usage) -> list[tuple[str, str]]:
    first, top, last = usage.memory[0], max(usage.memory), usage.memory[-1]
    figures = ", ".join(f"{n / 1e6:.0f}" for n in (first, top, last))
    return [(f"{name}: start, most, end", figures)]


def states_report(faults: Mapping[str, Fault], said: Said, after_s: float) -> Iterator[str]:
    """Paragraphs of Markdown."""
    judged = Judged.of(faults, said, after_s)
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
