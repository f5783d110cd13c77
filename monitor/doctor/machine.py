"""The machine: disk, clock, open files, port, decoder child. It knows nothing of the registry."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import ssl
from datetime import datetime
from pathlib import Path

import aiohttp

from monitor.config import Service
from monitor.doctor.checked import Checked, fail, ok, warn
from monitor.open_files import allowed_files, needed_files
from monitor.picture.child import ChildLost, DecoderChild, Limits

LITTLE_SPACE = 1 << 30
NO_SPACE = 200 << 20
TIME_ERROR = 5  # adjtimex(2): the kernel's clock is not synchronized
_TIMEX_BYTES = 512  # struct timex is smaller on every machine; modes = 0 changes nothing
_AHEAD_S = 60.0
_ANSWER_S = 3.0


def check_disk(folder: Path) -> Checked:
    about = f"disk of {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return fail(about, f"{error.strerror}", f"mkdir -p {folder}")
    said = f"{free / (1 << 30):.1f} GiB free"
    if free < NO_SPACE:
        return fail(about, said, "free space there: the registry stops taking results when full")
    if free < LITTLE_SPACE:
        return warn(about, said, "free space there soon")
    return ok(about, said)


def check_clock(now: datetime, last_beat: datetime | None) -> Checked:
    """Is it kept by somebody, and does it stand after what was written by it?"""
    about = "clock"
    ahead = (last_beat - now).total_seconds() if last_beat else 0.0
    if ahead > _AHEAD_S:
        return fail(
            about,
            f"{now:%Y-%m-%d %H:%M:%S} UTC, {ahead:.0f} s before the last sign of life of a monitor",
            "set the clock: timedatectl set-ntp true",
        )
    if _kernel_says_unsynchronized():
        return warn(
            about,
            f"{now:%Y-%m-%d %H:%M:%S} UTC, not synchronized",
            "apt-get install chrony, or timedatectl set-ntp true",
        )
    return ok(about, f"{now:%Y-%m-%d %H:%M:%S} UTC, synchronized")


def _kernel_says_unsynchronized() -> bool:
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state: int = ctypes.CDLL(None).adjtimex(timex)
    return state in (TIME_ERROR, -1)


def check_open_files(concurrency: int) -> Checked:
    about = "open files"
    needed, allowed = needed_files(concurrency), allowed_files()
    said = f"{allowed} allowed, {needed} needed for probe.concurrency = {concurrency}"
    if allowed < needed:
        return fail(about, said, f"ulimit -Hn {needed}, or LimitNOFILE={needed} in the unit")
    return ok(about, said)


async def check_decoder() -> Checked:
    """A real child, started and confined as the service starts its own."""
    about = "decoder child"
    try:
        child = await DecoderChild.start(Limits())
    except ChildLost as error:
        return fail(
            about, str(error), "install the parts of requirements.lock into this very Python"
        )
    await child.kill()
    if child.unconfined is not None:
        return fail(
            about,
            f"runs without its sandbox: {child.unconfined}",
            "allow seccomp: no SystemCallFilter or container profile may refuse it",
        )
    return ok(about, "starts, and seccomp confines it")


async def check_port(service: Service) -> Checked:
    about = f"port {service.port}"
    try:
        server = await asyncio.start_server(lambda *_: None, service.host, service.port)
    except OSError as error:
        return await _taken(about, service, error)
    server.close()
    await server.wait_closed()
    return ok(about, f"free on {service.host}")


async def _taken(about: str, service: Service, error: OSError) -> Checked:
    if await _answers_as_camreach(service):
        return ok(about, f"camreach answers on {service.host}")
    said = os.strerror(error.errno) if error.errno else str(error)
    return fail(
        about,
        f"{service.host}: {said}",
        f"ss -ltnp 'sport = :{service.port}' names who holds it; or set service.port",
    )


async def _answers_as_camreach(service: Service) -> bool:
    scheme = "https" if service.tls_certificate else "http"
    host = f"[{service.host}]" if ":" in service.host else service.host
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE  # it is asked, not told
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S)) as http,
            http.get(f"{scheme}://{host}:{service.port}/healthz", ssl=unchecked) as answer,
        ):
            said = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
    return isinstance(said, dict) and said.get("status") in ("ok", "failing")
