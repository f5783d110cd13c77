"""CPU per look at each depth, beside the floor and beside others who do equal work.

Prints Markdown tables; the cameras run in a process of their own and are not counted. It has no
opinion on the figures. Run: python -m benchmarks.probe_cost
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from statistics import fmean

import av
import cv2
import uvloop

from benchmarks import peers
from benchmarks.camera import LOGIN, Cameras, Form, cameras
from benchmarks.floor import FLOOR, canned_look
from benchmarks.picture_cost import bare_decode
from benchmarks.processes import exact_cpu_seconds
from benchmarks.service_cost import BATCH, FEEDS, whole_service
from benchmarks.spent import COLUMNS, Series, repeat, rows, seldom
from benchmarks.table import heading, markdown, median, percentile
from monitor import logs
from monitor.config import Log
from monitor.doors.once import target_of_url
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import ANY_NETWORK
from monitor.doors.rtsp import RtspDoor
from monitor.picture import decode
from monitor.picture.pool import DecoderPool
from monitor.picture.values import Expected, PictureMemory, PictureRequest
from registry.clock import SystemClock
from registry.look import Look
from registry.targets import Target
from registry.vocabulary import Depth, TransportPolicy

OPEN_FLOOR = "floor: same requests and bytes, nothing parsed"
BARE_DECODE = "bare decode of that keyframe"
PICTURE_FLOOR = "floor: same requests and bytes as the picture look"
MEASURE_FLOOR = "floor: same requests and bytes as the measuring look"
_WITHIN_S = 60.0


@dataclass(slots=True)
class Bench:
    """The cameras, the door by itself, and what its last looks read."""

    served: Cameras
    rounds: int
    clock: SystemClock
    door: RtspDoor
    last: dict[Depth, Look] = field(default_factory=dict)

    async def look(self, target: Target, depth: Depth) -> Look:
        deadline = self.clock.monotonic() + _WITHIN_S
        look = await self.door.look(target, depth, deadline)
        assert look.failure is None, look.detail
        self.last[depth] = look
        return look

    def looking(self, name: str, target: Target, depth: Depth, floor: str) -> Series:
        async def work() -> int:
            return (await self.look(target, depth)).bytes_received

        return Series(name, work, floor)

    def floor(self, name: str, depth: Depth, *, challenged: bool) -> Series:
        """It lasts as long as the look before it."""

        async def work() -> int:
            lasts_s = self.last[depth].duration_s
            return await canned_look(self.served.open[0], lasts_s, challenged=challenged)

        return Series(name, work)


def target_of(url: str, *, signed: bool) -> Target:
    return target_of_url(
        url,
        username=LOGIN.username if signed else None,
        password=LOGIN.password if signed else None,
        transport=TransportPolicy.AUTO,
    )


async def liveness(bench: Bench) -> list[Series]:
    opened = target_of(bench.served.open[0], signed=False)
    signed = target_of(bench.served.signed[0], signed=True)
    series = [
        bench.looking("liveness look, no login", opened, Depth.LIVENESS, OPEN_FLOOR),
        bench.floor(OPEN_FLOOR, Depth.LIVENESS, challenged=False),
        bench.looking("liveness look, Digest", signed, Depth.LIVENESS, FLOOR),
        bench.floor(FLOOR, Depth.LIVENESS, challenged=True),
    ]
    await repeat(series, bench.rounds)
    return series


async def measuring(bench: Bench) -> list[Series]:
    """Each look lasts ten seconds."""
    signed = target_of(bench.served.signed[0], signed=True)
    series = [
        bench.looking("measuring look, Digest", signed, Depth.MEASURE, MEASURE_FLOOR),
        bench.floor(MEASURE_FLOOR, Depth.MEASURE, challenged=True),
    ]
    await repeat(series, 3)
    return series


# --- the picture ---


@dataclass(slots=True)
class Pictures:
    """Picture looks, and what the decoder child used for them."""

    bench: Bench
    pool: DecoderPool
    children_s: list[float] = field(default_factory=list)
    checks_s: list[float] = field(default_factory=list)

    def series(self, target: Target) -> Series:
        async def work() -> int:
            look = await self.bench.look(target, Depth.PICTURE)
            before = exact_cpu_seconds(*self.pool.pids())
            report = await self.pool.judge(_request(look), self.bench.clock.monotonic() + 15)
            assert report.failure is None, report.detail
            self.children_s.append(exact_cpu_seconds(*self.pool.pids()) - before)
            self.checks_s.append(report.checks_s)
            return look.bytes_received

        return Series("picture look, Digest, this process", work, PICTURE_FLOOR)

    def bare(self) -> Series:
        async def work() -> int:
            (keyframe,) = self.bench.last[Depth.PICTURE].keyframes
            bare_decode(keyframe.codec, keyframe.data)
            return len(keyframe.data)

        return Series(BARE_DECODE, work)

    def child_rows(self, ours: Series, bare_ms: float) -> list[list[str]]:
        """Of the measured rounds alone, which are the last."""
        here = [one.cpu_ms for one in ours.spent]
        checks = [1000 * spent_s for spent_s in self.checks_s[-len(here) :]]
        children = [1000 * spent_s for spent_s in self.children_s[-len(here) :]]
        decoding = [all_ms - apart for all_ms, apart in zip(children, checks, strict=True)]
        both = [this + child for this, child in zip(here, decoding, strict=True)]
        return [
            _figure("decoder child, checks apart", decoding, bare_ms),
            _figure("decoder child, its checks", checks, bare_ms),
            _figure("picture look in all, checks apart", both, bare_ms),
        ]


def _request(look: Look) -> PictureRequest:
    return PictureRequest(
        codec=look.keyframes[-1].codec,
        keyframes=look.keyframes,
        memory=PictureMemory(),
        expected=Expected(),
        want_snapshot=False,  # picture_cost.py says what a snapshot adds
        now=datetime.now(UTC),
    )


def _figure(name: str, cpu_ms: list[float], bare_ms: float) -> list[str]:
    typical, high = median(cpu_ms), percentile(cpu_ms, 0.9)
    return [name, f"{typical:.2f}", f"{high:.2f}", f"{typical / bare_ms:.1f}", "", "", ""]


async def pictures(bench: Bench) -> list[list[str]]:
    pool = DecoderPool(workers=1, clock=bench.clock)
    await pool.start()
    try:
        measured = Pictures(bench, pool)
        look = measured.series(target_of(bench.served.signed[0], signed=True))
        floor = bench.floor(PICTURE_FLOOR, Depth.PICTURE, challenged=True)
        bare = measured.bare()
        await repeat([look, floor, bare], bench.rounds)
    finally:
        await pool.close()
    ours = rows([look, floor, bare], [floor])
    return ours + measured.child_rows(look, bare.cpu_ms)


# --- peers ---


async def others(bench: Bench) -> list[Series]:
    """Each signs in with Digest, over TCP, to the same camera."""
    url = bench.served.signed[0].replace("rtsp://", f"rtsp://{LOGIN.username}:{LOGIN.password}@")
    video = bench.last[Depth.LIVENESS].video

    def blocking(name: str, do: Callable[[], None], *, in_children: bool = False) -> Series:
        async def work() -> int:
            do()  # nothing else runs in this loop
            return 0

        return Series(name, work, FLOOR, in_children=in_children)

    async def aiortsp() -> int:
        await peers.aiortsp_packets(url, video.packets)
        return 0

    series = [
        blocking(
            f"PyAV, demux of {video.frames} pictures",
            partial(peers.pyav_demux, url, video.frames),
        ),
        blocking("cv2.VideoCapture, first frame", partial(peers.opencv_first_frame, url)),
    ]
    if peers.has_ffprobe():
        series.append(blocking("ffprobe", partial(peers.ffprobe, url), in_children=True))
    series.append(Series(f"aiortsp, {video.packets} RTP packets", aiortsp, FLOOR))
    await repeat(series, seldom(bench.rounds))
    return series


# --- the run ---


@asynccontextmanager
async def open_bench(count: int, form: Form, rounds: int) -> AsyncIterator[Bench]:
    clock = SystemClock()
    with contextlib.closing(TcpOpener(clock)) as opener:
        door = RtspDoor(clock=clock, opener=opener, policy=ANY_NETWORK)
        async with cameras(count * FEEDS, form) as served:
            yield Bench(served, rounds, clock, door)


async def run(rounds: int, form: Form, count: int, *, measure: bool) -> None:
    async with open_bench(count, form, rounds) as bench:
        _say_about(bench)
        ours = await liveness(bench)
        _say("light looks done, now the whole service")
        ours += await whole_service(bench.served, rounds, count)
        _say("now pictures")
        picture_rows = await pictures(bench)
        ours += await measuring(bench) if measure else []
        _say("now the peers")
        theirs = await others(bench)
    print(markdown(COLUMNS, [*rows(ours, ours), *picture_rows, *rows(theirs, ours)]))
    if not peers.has_ffprobe():
        print("\nNot installed here: ffprobe.")
    _print_bill(ours[2])


def _say_about(bench: Bench) -> None:
    loop = type(asyncio.get_running_loop()).__module__
    print(heading(f"loop {loop}", f"PyAV {av.__version__}", f"OpenCV {cv2.__version__}"))
    sizes = bench.served
    print(
        f"\nStream: keyframes {sizes.keyframe_bytes // 1000} kB, other pictures"
        f" {sizes.delta_bytes // 1000} kB; {bench.rounds} rounds, medians.\n"
    )


def _print_bill(look: Series) -> None:
    taken = [one.bytes for one in look.spent]
    figures = {"median": median(taken), "p90": percentile(taken, 0.9), "mean": fmean(taken)}
    said = ", ".join(f"{name} {8 * of / 30:,.0f}" for name, of in figures.items())
    print(f"\n1,000 feeds at 30 s pull by these liveness looks, kbit/s: {said}.")


def _say(what: str) -> None:
    print(f"probe_cost: {what}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--feeds", type=int, default=BATCH, help="looks a second, rows a batch")
    parser.add_argument("--form", type=Form, choices=tuple(Form), default=Form.FULL)
    parser.add_argument("--measure", action="store_true", help="the ten-second look as well")
    parser.add_argument("--asyncio", action="store_true", help="the plain loop, not uvloop")
    chosen = parser.parse_args()
    logs.set_up(Log(level="warning"))
    decode.silence()
    start = asyncio.run if chosen.asyncio else uvloop.run
    start(run(chosen.rounds, chosen.form, chosen.feeds, measure=chosen.measure))


if __name__ == "__main__":
    main()
