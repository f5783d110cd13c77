"""A whole fleet under watch: lag, CPU, memory, bytes pulled, and whether what is said is true.

`camreach serve` over a SQLite file and the simulated cameras, each in a process of its own. It
judges no figure. Run: python -m benchmarks.fleet [--feeds N] [--minutes M] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp

from benchmarks.estate import plant
from benchmarks.fleet_report import (
    LAG,
    LIVENESS_EVERY_S,
    PICTURE_EVERY_S,
    Judged,
    Run,
    Said,
    Window,
    states_report,
    usage_report,
)
from benchmarks.mixed_fleet import LOGIN, SESSIONS, MixedFleet, healthy_fleet, mixed_fleet
from benchmarks.processes import memory_bytes
from benchmarks.scrape import Scrape, grown, quantile
from benchmarks.table import heading
from monitor import config
from monitor.plan.hosts import FIRST_LOOK_S, USED
from monitor.plan.scheduler import FIRST_LOOKS_PER_S
from monitor.simulator.plan import Clips
from monitor.simulator.process import FleetProcess
from monitor.wiring.registry import open_registry

SAMPLE_EVERY_S = 10.0
STOP_WITHIN_S = 60.0
RECORDER_TAKEN_UP_S = 64 * FIRST_LOOK_S / (SESSIONS * USED)  # the biggest one
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


async def run(arguments: argparse.Namespace) -> None:
    fleet = _fleet(arguments)
    with tempfile.TemporaryDirectory(prefix="camreach-bench-") as name:
        folder = Path(name)
        settings = write_settings(folder, LIVENESS_EVERY_S, PICTURE_EVERY_S)
        empty_bytes = await _memory_without_feeds(settings, folder)
        began_s = time.monotonic()
        async with FleetProcess(fleet.plan(arguments.clips), _tell_clips) as simulator:
            _tell(f"{len(fleet.cameras)} cameras answer; importing them")
            await plant(settings, fleet.feeds(simulator.urls), LOGIN)
            _tell(f"simulated and imported within {time.monotonic() - began_s:.0f} s")
            started_s = time.monotonic()
            async with serving(folder) as service:
                zero = await service.scrape()
                await _take_up(service, zero, _warm_up_s(arguments))
                window = await _watch(service, simulator, arguments.minutes * 60)
                after_s = time.monotonic() - started_s
                ended = await service.scrape()
                cameras = await service.scrape("/metrics/cameras")
                stopped_s = await service.stop()
            stats = await simulator.stats()
        said = await asyncio.to_thread(_said, cameras, folder)
    figures = Run(zero, empty_bytes, window, ended, cameras, stats, stopped_s).figures()
    judged = Judged.of(fleet.faults(), said, after_s)
    for paragraph in (*usage_report(figures), *states_report(judged, fleet.faults(), said)):
        print(f"{paragraph}\n")
    if arguments.json is not None:
        _save(arguments.json, figures, judged)


def _fleet(arguments: argparse.Namespace) -> MixedFleet:
    if arguments.healthy:
        return healthy_fleet(arguments.feeds, udp_loss=arguments.udp_loss, stalls=arguments.stalls)
    return mixed_fleet(arguments.feeds)


def _warm_up_s(arguments: argparse.Namespace) -> float:
    """Until every feed has had its first look and the looks that confirm what it saw."""
    if arguments.warm_up is not None:
        return float(arguments.warm_up)
    taken_up_s = max(arguments.feeds / FIRST_LOOKS_PER_S, RECORDER_TAKEN_UP_S)
    return float(taken_up_s + LIVENESS_EVERY_S + 30.0)


async def _memory_without_feeds(settings: config.Settings, folder: Path) -> int:
    async with open_registry(settings):
        pass  # the schema is made here, or the making would be counted
    async with serving(folder) as service:
        await service.scrape("/metrics/cameras")
        return memory_bytes(service.process.pid)


def _save(path: Path, figures: dict[str, float], judged: Judged) -> None:
    counts = {name: len(who) for name, who in asdict(judged).items()}
    known = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    path.write_text(json.dumps({"heading": heading(), **known, **counts}, indent=1) + "\n")


def write_settings(folder: Path, liveness_s: float, picture_s: float) -> config.Settings:
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
liveness_every_s = {liveness_s}
liveness_every_high_s = {liveness_s}
picture_every_s = {picture_s}
picture_every_high_s = {picture_s}
"""
    )
    return config.load(path)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Serving]:
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


async def _watch(service: Serving, simulator: FleetProcess, seconds: float) -> Window:
    window = Window(await service.scrape())
    window.sample(service.process.pid, simulator.pid)
    while (left := seconds - window.seconds) > 0:
        await asyncio.sleep(min(left, SAMPLE_EVERY_S))
        window.sample(service.process.pid, simulator.pid)
        _tell(window.line(await service.scrape(), seconds))
    return window


async def _take_up(service: Serving, zero: Scrape, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, SAMPLE_EVERY_S))
        now = await service.scrape()
        looks, p99 = grown(zero, now, "camreach_looks_total"), quantile(zero, now, LAG, 0.99)
        memory = memory_bytes(service.process.pid) / 1e6
        left = max(0.0, until - time.monotonic())
        _tell(f"taking up: {looks:.0f} looks, lag p99 {p99:.2f} s, {memory:.0f} MB; {left:.0f} s")


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
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=3.0, help="after the taking up")
    parser.add_argument("--warm-up", type=float, metavar="S", help="as long as taking up needs")
    parser.add_argument("--healthy", action="store_true", help="nothing is wrong but the network")
    parser.add_argument("--udp-loss", type=float, default=0.0, metavar="SHARE", help="of packets")
    parser.add_argument(
        "--stalls", action="store_true", help="two seconds of nothing, again and again"
    )
    parser.add_argument("--clips", type=Clips, choices=tuple(Clips), default=Clips.FULL)
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures, for programs")
    arguments = parser.parse_args()
    print(heading())
    kind = "healthy feeds" if arguments.healthy else "feeds, one in ten in trouble"
    network = f", {100 * arguments.udp_loss:g} % of UDP packets lost" if arguments.udp_loss else ""
    network += ", stalls of 2 s" if arguments.stalls else ""
    print(
        f"\n{arguments.feeds} {kind}{network}; liveness every {LIVENESS_EVERY_S:g} s,"
        f" pictures every {PICTURE_EVERY_S / 60:g} min.\n"
    )
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
