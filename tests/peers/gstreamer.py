"""GStreamer's RTSP server for tests: nobody here wrote it, the system's Python runs it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

USER, PASSWORD = "viewer", "s3cret/word"
PICTURES_PER_SECOND = 25
MEASUREMENTS = 3  # the server shares this machine: what it sent while it was late is measured again
PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("gstreamer_server.py")
_CHECK = (
    "import sys, gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; "
    "Gst.init(None); "
    "assert all(map(Gst.ElementFactory.find, sys.argv[1:]))"
)
ELEMENTS = ("x264enc", "x265enc", "rtph265pay")


def require_gstreamer(*elements: str) -> None:
    """Skips, saying why, where it cannot run."""
    if not sys.platform.startswith("linux") or not Path(PYTHON).exists():
        pytest.skip("no system Python to run GStreamer's RTSP server with")
    wanted = elements or ELEMENTS
    command = [PYTHON, "-c", _CHECK, *wanted]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"GStreamer's RTSP server with {', '.join(wanted)} is not installed")


def is_paced(measured: float | None) -> bool:
    """Within five per cent of what the server is told to send."""
    return measured == pytest.approx(PICTURES_PER_SECOND, rel=0.05)


def served(kind: str, *more: str) -> Iterator[int]:
    """The port of a server that is `open`, or asks for `basic` or `digest`, or for `digest` inside
    `tls` with the certificate whose file follows.
    """
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "mpeg4.mkv"
        if kind == "open":
            record_mpeg4(recording)
        command = [PYTHON, str(SCRIPT), kind, str(recording), *more]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def record_mpeg4(recording: Path, *, seconds: int = 20) -> None:
    """Of 25 pictures per second, a keyframe each second."""
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    with av.open(str(recording), "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"g": "25", "qmin": "12"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(25 * seconds):
            image = np.roll(picture, number, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
