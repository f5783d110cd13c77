"""VLC's RTSP server for tests: nobody here wrote it, and it refuses to run as root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.conftest import program

PATH = "/picture"
NOBODY = 65534
SIZE = (640, 360)
_STARTS_WITHIN_S = 15.0
_QUIET = ("-I", "dummy", "--no-audio", "--no-interact", "--loop", "--quiet")


def require_vlc() -> None:
    """Skips, saying why, where it cannot run."""
    program("vlc")
    if os.geteuid() == 0:
        program("setpriv")


def served_by_vlc(*options: str) -> Iterator[str]:
    """The URL of its RTSP output, which sends H.264 of 25 pictures per second."""
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder) / "picture.mkv")
        port = _free_port()
        server = subprocess.Popen(
            _command(Path(folder), port, options),
            env={"HOME": folder, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await_description(port)
            yield f"rtsp://127.0.0.1:{port}{PATH}"
        finally:
            server.kill()
            server.wait()


def _command(folder: Path, port: int, options: Sequence[str]) -> list[str]:
    as_somebody: tuple[str, ...] = ()
    if os.geteuid() == 0:
        folder.chmod(0o755)
        setpriv = shutil.which("setpriv") or "setpriv"
        as_somebody = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    output = f"#rtp{{sdp=rtsp://127.0.0.1:{port}{PATH}}}"
    source = str(folder / "picture.mkv")
    return [*as_somebody, program("vlc"), *_QUIET, *options, source, "--sout", output]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _await_description(port: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while b"m=video" not in _described(port):
        if time.monotonic() > until:
            raise TimeoutError(f"vlc offers no video within {_STARTS_WITHIN_S:g} s")
        time.sleep(0.1)


def _described(port: int) -> bytes:
    asked = f"DESCRIBE rtsp://127.0.0.1:{port}{PATH} RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        line.sendall(asked.encode())
        return line.recv(4096)
    return b""


def record(recording: Path, *, minutes: int = 2) -> None:
    """Two seconds of moving noise, coded once and written again and again: a file that ends makes
    VLC say goodbye to everybody.
    """
    coded = list(_coded())
    with av.open(str(recording), "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = SIZE
        stream.time_base = Fraction(1, 25)
        for number in range(minutes * 60 * 25):
            data, key = coded[number % len(coded)]
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.is_keyframe = key
            container.mux(packet)


def _coded() -> Iterator[tuple[bytes, bool]]:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = SIZE
    context.pix_fmt, context.framerate, context.time_base = "yuv420p", Fraction(25), Fraction(1, 25)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "25"}
    picture = np.random.default_rng(2).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)
    for number in range(50):
        image = np.roll(picture // 4 + 90, 3 * number, axis=1)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        for packet in context.encode(frame):
            yield bytes(packet), bool(packet.is_keyframe)
