"""Each benchmark runs through at a tiny size and prints its tables; no figure is judged."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT_ROOT

pytestmark = pytest.mark.timeout(120)


def printed(module: str, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def first_column(text: str) -> list[str]:
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]


def test_probe_cost_prints_floors_looks_and_peers_in_one_table():
    names = first_column(printed("probe_cost", "--rounds", "1", "--form", "small", "--feeds", "2"))

    assert names[0] == "what"
    assert {
        "liveness look, no login",
        "floor: same requests and bytes, nothing parsed",
        "liveness look, Digest, whole service",
        "its share of the write batch",
        "whole service, 2 at once, written",
        "whole service, 20 a second, written",
        "floor, 20 a second",
        "picture look, Digest, this process",
        "bare decode of that keyframe",
        "cv2.VideoCapture, first frame",
    } <= set(names)


def test_fleet_prints_what_it_used_and_what_was_said():
    text = printed(
        "fleet", "--feeds", "20", "--minutes", "0.05", "--warm-up", "2", "--clips", "short"
    )

    names = first_column(text)
    assert "looks done" in names
    assert "sessions open on the cameras after that" in names
    assert "live" in names
    assert any(name.startswith("healthy (") for name in names)


def test_picture_cost_prints_a_row_for_each_codec_and_size():
    lines = printed("picture_cost", "--rounds", "1").splitlines()

    assert sum(line.startswith(("h264", "h265", "mjpeg")) for line in lines) == 6


def test_listing_prints_a_row_for_each_kind_of_question():
    names = first_column(
        printed("listing", "--only", "SQLite", "--cameras", "200", "--rounds", "1")
    )

    assert names[0] == "SQLite"
    assert {"three filters and text", "text nobody has", "first page, no filter"} <= set(names)
