"""The examples of docs/api.md, run as they stand by a shell with curl."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from registry.models import Camera
from registry.vocabulary import Importance, Role
from tests.conftest import PROJECT_ROOT, program
from tests.fakes.service import Service, service_at

GUIDE = PROJECT_ROOT / "docs" / "api.md"


def blocks(text: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@pytest.fixture
async def service(sqlite_files, tmp_path: Path):
    with sqlite_files.empty(tmp_path) as url:
        async with service_at(url) as service:
            yield service


async def test_every_example_of_the_guide_works_in_its_order(service: Service):
    program("curl")
    first, *examples = blocks(await asyncio.to_thread(GUIDE.read_text))
    token = service.tokens[Role.OPERATOR]
    setting = first.replace("http://127.0.0.1:8080", str(service.client.make_url("")).rstrip("/"))
    order = [examples[1], examples[0], *examples[2:]]  # what is read must have been made
    assert len(order) == 7
    script = "\n".join(["set -e", f"TOKEN={token}", setting, *order])
    script = script.replace("curl -s", "curl -sS --fail-with-body").replace(
        "who=operator", "who=a%20operator"
    )

    shell = await asyncio.create_subprocess_exec(
        "sh", "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await shell.communicate()

    assert (shell.returncode, complained) == (0, b""), said.decode()
    last = json.loads('{"token"' + said.decode().rpartition('{"token"')[2])
    assert last["batch"] is not None
    assert last["changes"] >= 1
    async with service.database.read() as session:
        camera = await session.get(Camera, 1)
    assert camera is not None
    assert camera.importance is Importance.HIGH
