"""A whole fleet under watch: lag, CPU, memory, bytes pulled, and whether what is said is true.

`camreach serve` over a SQLite file and the simulated cameras, each in a process of its own. It
judges no figure. Run: python -m benchmarks.fleet [--cameras N] [--minutes M]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.estate import plant
from benchmarks.mixed_fleet import LOGIN, MixedFleet, mixed_fleet
from benchmarks.processes import children, cpu_seconds, memory_bytes
from benchmarks.scrape import Scrape, grown, highest, quantile
from benchmarks.table import heading, markdown
from monitor import config
from monitor.simulator.counts import FleetStats
from monitor.simulator.faults import Fault
from monitor.simulator.plan import Clips
from monitor.simulator.process import FleetProcess

LIVENESS_EVERY_S = 30.0
PICTURE_EVERY_S = 600.0
SAMPLE_EVERY_S = 5.0
STOP_WITHIN_S = 30.0
LAG = "camreach_schedule_lag_seconds"
_LISTENING = re.compile(r"listening on (http://\S+)")
_START_WITHIN_S = 60.0
_OUTAGES = """
    select camera.code, feed_interval.state, feed_interval.reason from feed_interval
    join feed on feed.id = feed_interval.feed_id join camera on camera.id = feed.camera_id
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """`camreach serve` in its own process."""

    process: asyncio.subprocess.Process
    url: str
    session: aiohttp.ClientSession

    async def scrape(self, page: str = "/metrics") -> Scrape:
        async with self.session.get(self.url + page) as answer:
            answer.raise_for_status()
            return Scrape.of(await answer.text())

    async def stop(self) -> float:
        """Seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_WITHIN_S):
            await self.process.wait()
        return time.monotonic() - began


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


async def run(arguments: argparse.Namespace) -> None:
    fleet = mixed_fleet(arguments.cameras)
    with tempfile.TemporaryDirectory(prefix="camreach-bench-") as name:
        folder = Path(name)
        settings = _settings(folder)
        async with FleetProcess(fleet.plan(arguments.clips), _tell_clips) as simulator:
            _tell(f"{len(fleet.cameras)} cameras answer; importing them")
            await plant(settings, fleet.feeds(simulator.urls), LOGIN)
            started_s = time.monotonic()
            async with _serving(folder) as serving:
                zero = await serving.scrape()
                await _wait(serving, zero, arguments.warm_up, "taking up")
                window = await _watch(serving, simulator, arguments.minutes * 60)
                after_s = time.monotonic() - started_s
                ended = await serving.scrape()
                cameras = await serving.scrape("/metrics/cameras")
                stopped_s = await serving.stop()
            stats = await simulator.stats()
        said = await asyncio.to_thread(_said, cameras, folder)
        _report(window, zero, ended, cameras, stats, stopped_s)
        _report_states(fleet, said, after_s)


def _settings(folder: Path) -> config.Settings:
    """Written down as a person would, and read again by the service."""
    path = folder / "camreach.toml"
    path.write_text(
        f"""
[service]
port = 0
[database]
url = "sqlite+aiosqlite:///{folder / "camreach.sqlite"}"
[security]
key_file = "{folder / "camreach.key"}"
[probe]
allow_networks = ["127.0.0.0/8"]
liveness_every_s = {LIVENESS_EVERY_S}
liveness_every_high_s = {LIVENESS_EVERY_S}
picture_every_s = {PICTURE_EVERY_S}
picture_every_high_s = {PICTURE_EVERY_S}
"""
    )
    return config.load(path)


@asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[Serving]:
    said = folder / "stderr"
    with said.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor", "--log-level", "warning"),
            *("serve", "--config", str(folder / "camreach.toml")),
            stderr=stderr,
        )
    try:
        async with aiohttp.ClientSession() as session:
            yield Serving(process, await _url(process, said), session)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        _tell_warnings(said)


async def _url(process: asyncio.subprocess.Process, said: Path) -> str:
    until = time.monotonic() + _START_WITHIN_S
    text = ""
    while process.returncode is None and time.monotonic() < until:
        await asyncio.sleep(0.1)
        text = await asyncio.to_thread(said.read_text)
        if found := _LISTENING.search(text):
            return found[1]
    raise RuntimeError(f"camreach serve did not start: {text[-2000:]}")


async def _watch(serving: Serving, simulator: FleetProcess, seconds: float) -> Window:
    window = Window(await serving.scrape())
    window.sample(serving.process.pid, simulator.pid)
    while (left := seconds - window.seconds) > 0:
        await asyncio.sleep(min(left, SAMPLE_EVERY_S))
        window.sample(serving.process.pid, simulator.pid)
        _tell_window(window, await serving.scrape(), seconds)
    return window


async def _wait(serving: Serving, zero: Scrape, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, SAMPLE_EVERY_S))
        looks = grown(zero, await serving.scrape(), "camreach_looks_total")
        _tell(f"{what}: {looks:.0f} looks, {max(0.0, until - time.monotonic()):.0f} s to go")


def _said(cameras: Scrape, folder: Path) -> Said:
    up = cameras.by_label("camreach_feed_up", "camera")
    reasons = {
        dict(labels)["camera"]: dict(labels)["reason"]
        for labels in cameras.samples.get("camreach_feed_reason", {})
    }
    database = sqlite3.connect(folder / "camreach.sqlite")
    try:
        ever = frozenset((code, state) for code, state, _ in database.execute(_OUTAGES))
    finally:
        database.close()
    live = frozenset(code for code, value in up.items() if value and code not in reasons)
    return Said(live, reasons, ever)


# --- telling ---


def _report(
    window: Window,
    zero: Scrape,
    ended: Scrape,
    cameras: Scrape,
    stats: FleetStats,
    stopped_s: float,
) -> None:
    seconds, began = window.seconds, window.began
    cadences = cameras.by_label("camreach_feed_effective_cadence_seconds", "camera").values()
    due = sum(seconds / cadence for cadence in cadences)
    done = grown(began, ended, "camreach_looks_total")
    kbit = 8 * grown(began, ended, "camreach_received_bytes_total") / seconds / 1000
    table = [
        ("looks done", f"{done:,.0f}"),
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
    print(markdown(("what", f"over {seconds:.0f} s"), table))


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


def _report_states(fleet: MixedFleet, said: Said, after_s: float) -> None:
    faults = fleet.faults()
    judged = Judged.of(faults, said, after_s)
    counts = Counter({"live": len(said.live)}) + Counter(said.reasons.values())
    print()
    print(markdown(("state or reason shown", "feeds"), [(k, str(n)) for k, n in counts.items()]))
    print()
    healthy = sum(fault.is_live for fault in faults.values())
    table = [
        (f"healthy ({healthy}), ever called down or degraded", judged.false_outages),
        (f"healthy ({healthy}), not live at the end", judged.healthy_unknown),
        (f"in trouble ({len(faults) - healthy}), called something else", judged.wrong),
        (f"in trouble ({len(faults) - healthy}), not found yet, in time", judged.not_yet),
    ]
    print(markdown(("what was said", "feeds"), [(name, str(len(who))) for name, who in table]))
    for name, who in table:
        if who:
            print(f"\n{name}: {'; '.join(who[:20])}")


def _tell_window(window: Window, now: Scrape, seconds: float) -> None:
    looks = grown(window.began, now, "camreach_looks_total")
    p99 = quantile(window.began, now, LAG, 0.99)
    share, memory = _share(window.service, window.seconds), window.service.memory[-1] / 1e6
    _tell(
        f"{window.seconds:.0f} of {seconds:.0f} s: {looks:.0f} looks, lag p99 {p99:.3f} s,"
        f" {share} % of a core, {memory:.0f} MB"
    )


def _tell_clips(ready: int, of: int) -> None:
    _tell(f"making moving pictures, once: {ready} of {of}")


def _tell_warnings(said: Path) -> None:
    lines = [line for line in said.read_text().splitlines() if line and "listening on" not in line]
    if lines:
        _tell(f"the service wrote {len(lines)} lines; the last: {lines[-1][:300]}")
        print(file=sys.stderr)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<100}", end="", file=sys.stderr, flush=True)
    else:
        print(f"fleet: {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=3.0, help="after the taking up")
    parser.add_argument("--warm-up", type=float, default=60.0, metavar="S")
    parser.add_argument("--clips", type=Clips, choices=tuple(Clips), default=Clips.FULL)
    arguments = parser.parse_args()
    print(heading())
    print(
        f"\n{arguments.cameras} cameras, liveness every {LIVENESS_EVERY_S:g} s, pictures every"
        f" {PICTURE_EVERY_S / 60:g} min.\n"
    )
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
