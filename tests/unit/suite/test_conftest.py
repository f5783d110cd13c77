"""The suite's own guards, tried on small suites of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NO_SKIP, PROJECT_ROOT

SKIPS_IN_EVERY_WAY = """
import pytest

def test_skips_itself():
    pytest.skip("no peer here")

@pytest.mark.skipif(True, reason="marked")
def test_is_marked(): ...

@pytest.mark.xfail(reason="known")
def test_fails_as_known():
    assert False
"""
SKIPS_AT_COLLECTION = 'import pytest; pytest.importorskip("no_such_part")'


def run_suite(folder: Path, no_skip: str | None) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    environment = {k: v for k, v in os.environ.items() if k != NO_SKIP}
    environment["PYTHONPATH"] = str(PROJECT_ROOT)
    if no_skip is not None:
        environment[NO_SKIP] = no_skip
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, f"--rootdir={folder}", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )


@pytest.mark.parametrize("no_skip", [None, "0"])
def test_a_skip_is_only_a_skip_on_a_developers_machine(tmp_path: Path, no_skip: str | None):
    (tmp_path / "test_it.py").write_text(SKIPS_IN_EVERY_WAY)

    ran = run_suite(tmp_path, no_skip)

    assert "2 skipped, 1 xfailed" in ran.stdout
    assert ran.returncode == 0


def test_a_skip_is_a_failure_in_ci(tmp_path: Path):
    (tmp_path / "test_it.py").write_text(SKIPS_IN_EVERY_WAY)

    ran = run_suite(tmp_path, "1")

    assert "1 xfailed" in ran.stdout
    assert "skipped although CAMREACH_NO_SKIP is set: " in ran.stdout
    assert "no peer here" in ran.stdout
    assert ran.returncode == 1


def test_a_module_that_skips_itself_is_a_failure_in_ci(tmp_path: Path):
    (tmp_path / "test_it.py").write_text(SKIPS_AT_COLLECTION)

    ran = run_suite(tmp_path, "1")

    assert "no_such_part" in ran.stdout
    assert ran.returncode != 0


async def test_project_code_that_blocks_the_loop_is_caught(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("text")
    read = compile("path.read_text()", str(PROJECT_ROOT / "registry" / "planted.py"), "eval")

    with pytest.raises(Exception, match=r"Blocking call to io\.TextIOWrapper\.read"):
        eval(read, {"path": path})  # noqa: S307 - the planted code carries a project file's name


async def test_tests_themselves_may_read_files(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("text")

    assert path.read_text() == "text"
