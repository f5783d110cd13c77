"""The preflight names what is missing and its exact fix, and passes where nothing is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

PREFLIGHT = PROJECT_ROOT / ".ci" / "preflight"


def preflight(*arguments: str, python: str = sys.executable, **environment: str):
    return subprocess.run(
        ["/bin/sh", str(PREFLIGHT), *arguments],
        env={**os.environ, "PYTHON": python, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def fake_python(folder: Path, refuses: str) -> str:
    """An interpreter that fails on code with `refuses` in it and is content with all other."""
    path = folder / "python3"
    path.write_text(
        f'#!/bin/sh\ncase "$*" in\n--version) echo Python 3.9.2 ;;\n*{refuses}*) exit 1 ;;\nesac\n'
    )
    path.chmod(0o755)
    return str(path)


def test_a_good_machine_passes():
    ran = preflight("install", CAMREACH_NEEDS_MB="1")

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_no_python_names_the_packages():
    ran = preflight("install", python="python-that-is-not-there")

    assert ran.returncode == 1
    assert "python-that-is-not-there is not installed" in ran.stderr
    assert "fix: apt-get install python3 python3-venv" in ran.stderr


def test_an_old_python_is_named_with_its_version(tmp_path: Path):
    ran = preflight("install", python=fake_python(tmp_path, "version_info"))

    assert ran.returncode == 1
    assert "Python 3.9.2 is too old, 3.11 or newer is needed" in ran.stderr
    assert "fix: " in ran.stderr


def test_python_without_venv_names_the_package(tmp_path: Path):
    ran = preflight("install", python=fake_python(tmp_path, "ensurepip"))

    assert ran.returncode == 1
    assert "fix: apt-get install python3-venv" in ran.stderr


def test_a_full_disk_says_how_much_is_free_and_needed():
    ran = preflight("install", CAMREACH_NEEDS_MB="999999999")

    assert ran.returncode == 1
    assert "MB free here, 999999999 MB are needed" in ran.stderr


def test_a_taken_port_offers_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ran = preflight("port", str(port))

    assert ran.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in ran.stderr
    assert "fix: make run PORT=8081" in ran.stderr


@pytest.mark.parametrize(
    ("port", "why"),
    [
        ("abc", "port 'abc' is no number from 1 to 65535"),
        ("8 0", "port '8 0' is no number from 1 to 65535"),
        ("70000", "port 70000 on 127.0.0.1 is above 65535"),
    ],
)
def test_what_is_no_port_is_not_called_taken(port: str, why: str):
    ran = preflight("port", port)

    assert ran.returncode == 1
    assert why in ran.stderr
    assert "fix: make run PORT=" in ran.stderr


def test_a_free_port_passes():
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        port = once.getsockname()[1]

    assert preflight("port", str(port)).returncode == 0


@pytest.mark.parametrize("arguments", [(), ("fly",)])
def test_anything_else_is_a_usage_error(arguments: tuple[str, ...]):
    assert preflight(*arguments).returncode == 2
