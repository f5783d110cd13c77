"""The systemd unit: read by systemd itself, and as closed as it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from monitor.cli import _parser
from tests.conftest import PROJECT_ROOT, program

UNIT = PROJECT_ROOT / "configs" / "systemd" / "camreach.service"
MOST_EXPOSED = 15  # tenths; systemd calls up to 4.9 "OK"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that exists on this machine."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/camreach/bin/camreach", "/bin/true"))
    return copy


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [program("systemd-analyze"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=25, check=False)


def test_systemd_finds_nothing_wrong_with_it(unit: Path):
    ran = analyze("verify", "--man=no", unit)

    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_it_takes_away_nearly_everything(unit: Path):
    ran = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", unit)

    assert ran.returncode == 0, ran.stdout[-400:]


def test_its_command_is_one_of_ours():
    command = re.search(r"^ExecStart=/opt/camreach/bin/camreach (.+)$", UNIT.read_text(), re.M)

    assert command is not None
    assert _parser().parse_args(command[1].split()).config == Path("/etc/camreach/camreach.toml")


def test_the_decoder_may_still_confine_itself():
    text = UNIT.read_text()

    assert re.search(r"^SystemCallFilter=.*\bseccomp\b", text, re.M)
    assert "NoNewPrivileges=yes" in text
