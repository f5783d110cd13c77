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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.estate import plant
from benchmarks.fleet_report import (
    LIVENESS_EVERY_S,
    PICTURE_EVERY_S,
    Said,
    Window,
    states_report,
    usage_report,
)
from benchmarks.mixed_fleet import LOGIN, mixed_fleet
from benchmarks.scrape import Scrape, grown
from benchmarks.table import heading
from monitor import config
from monitor.simulator.plan import Clips
from monitor.simulator.process import FleetProcess

SAMPLE_EVERY_S = 5.0
STOP_WITHIN_S = 30.0
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
        print(usage_report(window, zero, ended, cameras, stats, stopped_s))
        for paragraph in states_report(fleet.faults(), said, after_s):
            print(f"\n{paragraph}")


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
        _tell(window.line(await serving.scrape(), seconds))
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
