"""GStreamer's RTSP server for tests: nobody here wrote it, the system's Python runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

USER, PASSWORD = "viewer", "s3cret/word"
PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("gstreamer_server.py")
_CHECK = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; "
    "Gst.init(None); "
    "assert all(map(Gst.ElementFactory.find, ('x264enc', 'x265enc', 'rtph265pay')))"
)


def require_gstreamer() -> None:
    """Skips, saying why, where it cannot run."""
    if not sys.platform.startswith("linux") or not Path(PYTHON).exists():
        pytest.skip("no system Python to run GStreamer's RTSP server with")
    if subprocess.run([PYTHON, "-c", _CHECK], capture_output=True, check=False).returncode:
        pytest.skip("GStreamer's RTSP server with x264enc and x265enc is not installed")


def served(kind: str) -> Iterator[int]:
    """The port of a server that is `open`, or asks for `basic` or `digest`."""
    server = subprocess.Popen([PYTHON, str(SCRIPT), kind], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
