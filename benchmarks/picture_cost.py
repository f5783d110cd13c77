"""What judging a picture costs: decoding, checks, snapshot, and all of it through a child.

Prints a table; the floor is the same keyframe through the same decoder and nothing else. It judges
nothing. Run: python -m benchmarks.picture_cost
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np

from monitor.picture import checks, decode
from monitor.picture.pool import DecoderPool
from monitor.picture.values import Expected, PictureMemory, PictureRequest
from registry.clock import SystemClock
from registry.look import Keyframe
from registry.vocabulary import Codec

_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc", Codec.MJPEG: "mjpeg"}
_ENCODERS = {
    Codec.H264: ("libx264", "yuv420p", {"preset": "veryfast", "crf": "25"}),
    Codec.H265: (
        "libx265",
        "yuv420p",
        {"preset": "ultrafast", "crf": "27", "x265-params": "log-level=none"},
    ),
    Codec.MJPEG: ("mjpeg", "yuvj420p", {"qscale": "5"}),
}
_SIZES = ((640, 360), (1920, 1080))


@dataclass(frozen=True, slots=True)
class Row:
    codec: Codec
    size: tuple[int, int]
    keyframe_bytes: int
    floor_ms: float
    decode_ms: float
    checks_ms: float
    snapshot_ms: float
    judge_ms: float


def scene(width: int, height: int) -> np.ndarray:
    """A street-like picture: large shapes, texture and sensor noise."""
    chance = np.random.default_rng(17)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    shapes = 50 * (np.sin(x * 40) > 0.3) * (np.cos(y * 25) > 0)
    texture = cv2.GaussianBlur(chance.normal(0, 60, (height, width)), (0, 0), 3)
    gray = 60 + 70 * x + 40 * y + shapes + texture + chance.normal(0, 3, (height, width))
    return np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[:, :, np.newaxis], 3, axis=2)


def keyframe(codec: Codec, width: int, height: int) -> bytes:
    name, pixel_format, options = _ENCODERS[codec]
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(name, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixel_format
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = dict(options)
    frame = av.VideoFrame.from_ndarray(scene(width, height), format="bgr24")
    frame = frame.reformat(format=pixel_format)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def bare_decode(codec: Codec, data: bytes) -> None:
    """The floor: no check of anything."""
    context = cast(av.VideoCodecContext, av.CodecContext.create(_DECODERS[codec], "r"))
    context.thread_count = 1
    list(context.decode(av.Packet(data)))
    list(context.decode(None))


def median_ms(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


async def judge_ms(pool: DecoderPool, clock: SystemClock, request: PictureRequest, n: int) -> float:
    times = []
    for _ in range(n):
        started = time.perf_counter()
        report = await pool.judge(request, clock.monotonic() + 10)
        times.append(time.perf_counter() - started)
        assert report.failure is None, report.detail
    return statistics.median(times) * 1000


async def measure(
    pool: DecoderPool, clock: SystemClock, codec: Codec, size: tuple[int, int], n: int
) -> Row:
    data = keyframe(codec, *size)
    frame = decode.decode_keyframe(codec, data)
    whole = Keyframe(codec=codec, data=data, vcl_hash="a", rtp_time=0, arrived_s=0.0, gop=0)
    request = PictureRequest(
        codec=codec,
        keyframes=(whole,),
        memory=PictureMemory(),
        expected=Expected(codec, *size),
        want_snapshot=True,
        now=datetime.now(UTC),
    )
    return Row(
        codec,
        size,
        len(data),
        floor_ms=median_ms(lambda: bare_decode(codec, data), n),
        decode_ms=median_ms(lambda: decode.decode_keyframe(codec, data), n),
        checks_ms=median_ms(
            lambda: checks.judge(decode.picture_of(frame), codec, request.expected), n
        ),
        snapshot_ms=median_ms(lambda: decode.snapshot_of(frame), n),
        judge_ms=await judge_ms(pool, clock, request, n),
    )


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    versions = (
        f"Python {platform.python_version()}, PyAV {av.__version__}, OpenCV {cv2.__version__}"
    )
    return f"{name}, {os.cpu_count()} cores, {versions}"


async def table(rounds: int) -> list[Row]:
    clock = SystemClock()
    pool = DecoderPool(workers=1, clock=clock)
    await pool.start()
    try:
        kinds = [(codec, size) for size in _SIZES for codec in _ENCODERS]
        return [await measure(pool, clock, codec, size, rounds) for codec, size in kinds]
    finally:
        await pool.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    cv2.setNumThreads(1)
    decode.silence()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, median of {rounds}, ms")
    print("codec  size       keyframe  floor  decode  checks  snapshot  judge (whole way)")
    for row in asyncio.run(table(rounds)):
        size = f"{row.size[0]}x{row.size[1]}"
        print(
            f"{row.codec:<6} {size:<10} {row.keyframe_bytes // 1024:>5} KB {row.floor_ms:>6.1f}"
            f" {row.decode_ms:>7.1f} {row.checks_ms:>7.1f} {row.snapshot_ms:>9.1f}"
            f" {row.judge_ms:>6.1f}"
        )


if __name__ == "__main__":
    main()
