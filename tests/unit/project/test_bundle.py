"""`make bundle` and its `install`, tried whole with a small project in the place of this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

pytestmark = pytest.mark.timeout(120)

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "camreach"
version = "{version}"
[project.scripts]
camreach = "small:main"
[tool.setuptools]
py-modules = ["small"]
"""
WITHOUT_NETWORK = {
    **os.environ,
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_INDEX": "1",
    "PYTHON": sys.executable,
}


def bundle_of(project: Path, version: str) -> Path:
    """The unpacked bundle of a project that needs nothing, at that version."""
    (project / "pyproject.toml").write_text(PYPROJECT.format(version=version))
    (project / "small.py").write_text(f"def main():\n    print('camreach {version}')\n")
    (project / "requirements.lock").write_text("# nothing\n")
    shutil.rmtree(project / "build", ignore_errors=True)
    made = subprocess.run(
        [PROJECT_ROOT / ".ci" / "bundle", sys.executable, project / "dist"],
        cwd=project,
        env=WITHOUT_NETWORK,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    archive = Path(made.stdout.splitlines()[-1])
    (project / version).mkdir(exist_ok=True)
    subprocess.run(["tar", "-xf", archive, "-C", project / version], check=True)
    return next((project / version).iterdir())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(PROJECT_ROOT / name, tmp_path)
    for name in ("configs", "docs", "grafana"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name)
    return tmp_path


def install(bundle: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bundle / "install", target],
        env=WITHOUT_NETWORK,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bundle_installs_and_upgrades_without_internet(project: Path):
    first = install(bundle_of(project, "1.0.0"), project / "opt")
    second = install(bundle_of(project, "1.1.0"), project / "opt")

    assert first.stdout.strip() == "camreach 1.0.0", first.stderr
    assert second.stdout.strip() == "camreach 1.1.0", second.stderr


def test_a_damaged_bundle_installs_nothing(project: Path):
    bundle = bundle_of(project, "1.0.0")
    (bundle / "requirements.lock").write_text("something==1.0\n")

    ran = install(bundle, project / "opt")

    assert ran.returncode == 1
    assert "damaged on its way" in ran.stderr
    assert not (project / "opt").exists()


def test_a_bundle_holds_what_an_operator_needs(project: Path):
    bundle = bundle_of(project, "1.0.0")

    for name in ("configs/systemd/camreach.service", "configs/camreach.toml", "docs/operations.md"):
        assert (bundle / name).is_file()
    assert not list(bundle.rglob("secrets"))
