"""`.ci/run`, tried with stand-ins for apt-get, dpkg-query and make."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

POLICY = "/usr/sbin/policy-rc.d"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The script in a project of its own, with a policy file it may write without being root."""
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    text = (PROJECT_ROOT / ".ci" / "run").read_text()
    assert text.count(POLICY) == 1
    script.write_text(text.replace(POLICY, str(tmp_path / "policy-rc.d")))
    script.chmod(0o755)
    return tmp_path


def run(project: Path, installed: set[str]) -> tuple[int, list[str]]:
    """Exit code, and what was called, each with the policy that stood at that moment."""
    log = project / "log"
    note = f'echo "${{0##*/}} $*; policy: $(tail -n 1 {project}/policy-rc.d 2>/dev/null)" >> {log}'
    stand_ins = {
        "apt-get": note,
        "make": f'{note}\necho "no skip: $CAMREACH_NO_SKIP" >> {log}',
        "sudo": 'exec "$@"',
        "dpkg-query": (
            'for last; do :; done\ncase " $INSTALLED " in *" $last "*) echo installed ;; esac'
        ),
    }
    folder = project / "bin"
    folder.mkdir()
    for name, body in stand_ins.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "INSTALLED": " ".join(installed),
    }
    ran = subprocess.run([project / ".ci" / "run"], env=environment, timeout=20, check=False)
    return ran.returncode, log.read_text().splitlines()


def packages() -> set[str]:
    text = (PROJECT_ROOT / ".ci" / "run").read_text()
    return set(text.split("packages=(")[1].split(")")[0].split())


def test_missing_packages_are_installed_while_no_service_may_start(project: Path):
    code, called = run(project, packages() - {"prometheus", "ffmpeg"})

    assert code == 0
    assert called == [
        "apt-get update -qq; policy: exit 101",
        "apt-get install -y -qq --no-install-recommends ffmpeg prometheus; policy: exit 101",
        "make check; policy: exit 101",
        "no skip: 1",
        "make test; policy: exit 101",
        "no skip: 1",
    ]
    assert not (project / "policy-rc.d").exists()


def test_nothing_is_installed_where_nothing_is_missing(project: Path):
    code, called = run(project, packages())

    assert code == 0
    assert [line.split(";")[0] for line in called if "make" in line] == ["make check", "make test"]
    assert not any("apt-get" in line for line in called)


def test_a_policy_that_stood_before_is_left_alone(project: Path):
    (project / "policy-rc.d").write_text("#!/bin/sh\nexit 101\n")

    run(project, set())

    assert (project / "policy-rc.d").exists()
