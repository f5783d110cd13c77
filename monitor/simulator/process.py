"""The parent's side of a fleet that runs in a process of its own.

It must not import video libraries, and must not let the child outlive it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from monitor.simulator.behaviour import Behaviour
from monitor.simulator.counts import FleetStats
from monitor.simulator.plan import FleetPlan, plan_to_json, stats_from_json

_LINE_LIMIT = 64 * 1024 * 1024
_STOP_S = 5.0

Progress = Callable[[int, int], None]  # clips ready, clips in all


class FleetProcessError(Exception):
    """The child ended, or answered with an error."""


class FleetProcess:
    """A fleet for as long as `async with` runs, or between `start` and `stop`."""

    def __init__(self, plan: FleetPlan, progress: Progress | None = None) -> None:
        self._plan = plan
        self._progress = progress
        self._process: Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._tickets = itertools.count(1)
        self._urls: dict[str, str] = {}

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def urls(self) -> dict[str, str]:
        """The URL of each camera; known once the fleet is ready."""
        return self._urls

    async def __aenter__(self) -> Self:
        try:
            await self.start()
            await self.ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor.simulator",
            stdin=PIPE, stdout=PIPE, limit=_LINE_LIMIT,
        )  # fmt: skip
        await self._write(plan_to_json(self._plan))

    async def ready(self) -> dict[str, str]:
        """Wait until every camera listens; the first time clips are made, which takes seconds."""
        while "ready" not in (said := await self._read()):
            if self._progress is not None:
                self._progress(said["clips"], said["of"])
        self._urls = said["ready"]
        return self._urls

    async def set_behaviour(self, code: str, behaviour: Behaviour) -> None:
        await self._ask({"set": code, "behaviour": behaviour})

    async def stats(self) -> FleetStats:
        return stats_from_json((await self._ask({"stats": True}))["stats"])

    async def stop(self) -> None:
        """End the child: by closing its stdin, and by force when it does not obey."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        async with self._one_at_a_time:
            ticket = next(self._tickets)
            await self._write(json.dumps(command | {"id": ticket}))
            # An earlier caller may have given up on its answer, which then comes first.
            while (said := await self._read()).get("id") != ticket:
                pass
        if "error" in said:
            raise FleetProcessError(said["error"])
        return said

    async def _write(self, line: str) -> None:
        stdin = self._running().stdin
        if stdin is None:
            raise FleetProcessError("the simulated fleet has no stdin")
        stdin.write(f"{line}\n".encode())
        await stdin.drain()

    async def _read(self) -> dict[str, Any]:
        stdout = self._running().stdout
        line = b"" if stdout is None else await stdout.readline()
        if not line:
            raise FleetProcessError("the simulated fleet ended; its stderr says why")
        said: dict[str, Any] = json.loads(line)
        return said

    def _running(self) -> Process:
        if self._process is None:
            raise FleetProcessError("the simulated fleet is not running")
        return self._process
