"""The README's first command, from outside: it starts, says what to open, answers, and ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys

import aiohttp
import pytest

from monitor.demo import CAMERAS
from tests.conftest import PROJECT_ROOT, program

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def test_make_run_starts_the_demo_and_ends_cleanly():
    if not (PROJECT_ROOT / ".venv").is_dir():
        pytest.skip("no .venv: run the suite through `make test`")
    port = a_free_port()
    process = await asyncio.create_subprocess_exec(
        program("make"),
        *("run", f"PORT={port}", f"PYTHON={sys.executable}"),
        cwd=PROJECT_ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        token = await asyncio.wait_for(told_token(process), 150)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
            url = f"http://127.0.0.1:{port}"
            assert (await http.get(f"{url}/healthz")).status == 200
            assert (await http.get(f"{url}/readyz")).status == 200
            cameras = await (await http.get(f"{url}/api/v1/cameras?limit=100")).json()
        assert len(cameras["items"]) == CAMERAS
    finally:
        os.killpg(process.pid, signal.SIGINT)
        await asyncio.wait_for(process.wait(), 20)


async def told_token(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if said := re.search(r"token\s+(\S+)", line.decode()):
            return said[1]
    raise AssertionError("`make run` ended before it said how to log in")
