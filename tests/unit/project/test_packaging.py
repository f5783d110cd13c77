"""Lock files, image and compose file keep the promises that no build here can try."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.conftest import PROJECT_ROOT

LOCKS = (PROJECT_ROOT / "requirements.lock", PROJECT_ROOT / "tests" / "requirements.lock")
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "compose.yaml").read_text())
PINNED = re.compile(r"^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*$")


def requirements(lock: Path) -> Iterator[str]:
    """Each requirement of a lock file with its hashes, joined to one line."""
    text = re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE)
    return (line for line in text.replace("\\\n", " ").splitlines() if line.strip())


def pins(lock: Path) -> dict[str, str]:
    return dict(r.split(maxsplit=1)[0].split("==") for r in requirements(lock))


@pytest.mark.parametrize("lock", LOCKS, ids=["run", "test"])
def test_every_locked_part_is_pinned_with_hashes(lock: Path):
    rows = list(requirements(lock))

    assert len(rows) > 30
    assert all("==" in row and "--hash=sha256:" in row for row in rows)


@pytest.mark.parametrize("lock", LOCKS, ids=["run", "test"])
def test_locks_name_no_host_and_no_path(lock: Path):
    text = lock.read_text()

    assert not re.search(r"https?:|file:/|--index|--extra-index|--find-links|/\w+/\w+/", text)


def test_what_is_tested_is_what_runs():
    run, test = (pins(lock) for lock in LOCKS)

    assert run.items() <= test.items()
    assert "pytest" not in run
    assert "setuptools" in run  # builds the package itself without fetching anything


def test_image_runs_as_nobody_special_from_a_pinned_base():
    final_stage = DOCKERFILE.split("FROM ")[-1]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert "\nUSER 10001\n" in final_stage
    assert all(PINNED.match(base) for base in bases)
    assert len(bases) == 2


def health_check() -> list[str]:
    found = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    return list(json.loads(found[1]))


@pytest.mark.parametrize(("status", "is_healthy"), [(200, True), (503, False)])
async def test_image_health_check_follows_healthz(status: int, is_healthy: bool):
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    async with TestServer(app, host="127.0.0.1") as server:
        _, *arguments = health_check()
        check = [each.replace(":8080", f":{server.port}") for each in arguments]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *check, stderr=asyncio.subprocess.DEVNULL
        )

        assert (await process.wait() == 0) is is_healthy


def test_image_context_is_a_list_of_what_is_wanted():
    first, *wanted = (PROJECT_ROOT / ".dockerignore").read_text().split()
    kept = [pattern[1:] for pattern in wanted if pattern.startswith("!")]

    def is_kept(path: str) -> bool:
        return any(fnmatch(path, pattern) for pattern in kept)

    assert first == "*"
    assert is_kept("monitor/app.py")
    assert is_kept("registry/web/templates/base.html")
    assert not any(is_kept(p) for p in (".git/config", ".venv/bin/python", "secrets/scrape_token"))


def test_compose_pins_every_image():
    images = {name: service["image"] for name, service in COMPOSE["services"].items()}

    assert set(images) == {"camreach", "prometheus", "alertmanager", "grafana"}
    assert all(PINNED.match(image) for image in images.values()), images


def test_compose_opens_nothing_to_the_network():
    services = COMPOSE["services"]

    assert not any("ports" in service for service in services.values())
    assert "--web.listen-address=127.0.0.1:9090" in services["prometheus"]["command"]
    assert "--web.listen-address=127.0.0.1:9093" in services["alertmanager"]["command"]
    assert services["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"


def test_compose_has_no_password_but_in_files_one_has_to_make():
    environment = COMPOSE["services"]["grafana"]["environment"]
    passwords = {k: v for k, v in environment.items() if "PASSWORD" in k}

    assert passwords == {"GF_SECURITY_ADMIN_PASSWORD__FILE": "/run/secrets/grafana_admin_password"}
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    assert "secrets/" in (PROJECT_ROOT / ".gitignore").read_text().split()


def test_compose_mounts_only_what_exists():
    mounts = [
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service["volumes"]
        if volume.startswith("./") and "camreach.toml" not in volume
    ]

    assert all((PROJECT_ROOT / mount).exists() for mount in mounts), mounts
