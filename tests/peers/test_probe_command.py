"""`camreach probe` against GStreamer's RTSP server, as a person would type it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.peers.gstreamer import (
    MEASUREMENTS,
    PASSWORD,
    USER,
    is_paced,
    require_gstreamer,
    served,
)

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    everything: str

    @property
    def look(self) -> dict[str, Any]:
        look: dict[str, Any] = json.loads(self.out)
        return look


@pytest.fixture(scope="module")
def open_port() -> Iterator[int]:
    require_gstreamer()
    yield from served("open")


@pytest.fixture(scope="module", params=["basic", "digest"])
def login_port(request) -> Iterator[int]:
    require_gstreamer()
    yield from served(request.param)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


def probe(*arguments: str) -> Said:
    ran = subprocess.run(
        [sys.executable, "-m", "monitor", "--log-level", "debug", "probe", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = Said(ran.returncode, ran.stdout, ran.stdout + ran.stderr)
    assert "Traceback" not in said.everything
    assert PASSWORD not in said.everything
    return said


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_picture_look_is_live_with_the_right_codec_and_size(open_port, codec):
    said = probe(f"rtsp://127.0.0.1:{open_port}/{codec}", "--picture")

    video = said.look["video"]
    assert (said.code, said.look["outcome"]) == (0, "live")
    assert (video["codec"], video["width"], video["height"]) == (codec, 640, 360)
    assert said.look["findings"]["black"] == "ok"
    assert video["frames_per_second"] is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_measurement_finds_the_frame_rate_within_five_per_cent(open_port, codec):
    url = f"rtsp://127.0.0.1:{open_port}/{codec}"
    measured = (probe(url, "--measure") for _ in range(MEASUREMENTS))

    paced = (
        said.code == 0 and is_paced(said.look["video"]["frames_per_second"]) for said in measured
    )

    assert any(paced)


def test_a_login_is_taken_from_a_file(login_port, password_file):
    said = probe(
        f"rtsp://127.0.0.1:{login_port}/h264",
        *("--picture", "--username", USER, "--password-file", str(password_file)),
        "--allow-basic",
    )

    assert (said.code, said.look["outcome"]) == (0, "live")


def test_a_wrong_password_could_not_look(login_port):
    said = probe(f"rtsp://{USER}:wrong-horse@127.0.0.1:{login_port}/h264", "--allow-basic")

    assert (said.code, said.look["reason"]) == (3, "auth_rejected")
    assert "wrong-horse" not in said.everything


def test_a_wrong_path_is_not_found(open_port):
    said = probe(f"rtsp://127.0.0.1:{open_port}/nowhere")

    assert (said.code, said.look["reason"]) == (1, "not_found")


def test_a_dead_port_is_refused():
    said = probe(f"rtsp://{USER}:wrong-horse@127.0.0.1:9/")

    assert (said.code, said.look["reason"]) == (1, "refused")
    assert "wrong-horse" not in said.everything


def test_a_silent_port_is_a_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = probe(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/")

    assert (said.code, said.look["reason"]) == (1, "timeout")


def test_the_transport_can_be_chosen(open_port):
    said = probe(f"rtsp://127.0.0.1:{open_port}/h264", "--transport", "udp", "--picture")

    assert (said.code, said.look["outcome"]) == (0, "live")
    assert said.look["transport"] == "udp"
    assert said.look["findings"]


def test_a_server_that_takes_udp_only_is_found_out(open_port):
    said = probe(f"rtsp://127.0.0.1:{open_port}/udp")

    assert (said.code, said.look["outcome"]) == (0, "live")
    assert (said.look["transport"], said.look["quirks"]) == ("udp", ["udp_only"])
