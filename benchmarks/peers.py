"""What others pay for equal work on the same camera: each opens a stream, reads some, leaves.

It must not be given more to do than the look it stands beside.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress

import av
import cv2
from aiortsp.rtsp.reader import RTSPReader

_OVER_TCP = {"rtsp_transport": "tcp"}
_FFPROBE = ("-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json")


def pyav_demux(url: str, pictures: int) -> None:
    """As many coded pictures as the liveness look saw; nothing is decoded for us."""
    with av.open(url, options=_OVER_TCP, timeout=20.0) as container:
        packets = container.demux(video=0)
        for _ in range(pictures):
            next(packets)


def opencv_first_frame(url: str) -> None:
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    try:
        seen, _ = capture.read()
        assert seen, "OpenCV saw no frame"
    finally:
        capture.release()


def has_ffprobe() -> bool:
    return shutil.which("ffprobe") is not None


def ffprobe(url: str) -> None:
    subprocess.run(["ffprobe", *_FFPROBE, url], check=True, capture_output=True, timeout=60)


async def aiortsp_packets(url: str, packets: int) -> None:
    """As many RTP packets as the liveness look saw."""
    reader = RTSPReader(url.replace("rtsp://", "rtspt://", 1), log_level=50)
    async with reader:
        taken = 0
        async for _ in reader.iter_packets():
            taken += 1
            if taken >= packets:
                break
    with suppress(asyncio.CancelledError):
        await reader._runner  # it says TEARDOWN while it is being cancelled
