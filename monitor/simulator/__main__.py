"""`python -m monitor.simulator [PLAN]`: a fleet in a process of its own, told by JSON lines.

The plan is a file, or the first line of stdin. Each further line is a command:
{"set": CODE, "behaviour": WORD}, {"stats": true}, {"stop": true}; each is answered by one line
that repeats its "id", if it has one.
It must not outlive its parent: the end of stdin stops it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from monitor.simulator.behaviour import Behaviour
from monitor.simulator.clips import FULL, SHORT
from monitor.simulator.fleet import Fleet
from monitor.simulator.plan import (
    Clips,
    FleetPlan,
    UnreadablePlanError,
    plan_from_json,
    stats_to_json,
)

_LINE_LIMIT = 64 * 1024 * 1024  # the plan of a region is one line
_CATALOGUES = {Clips.FULL: FULL, Clips.SHORT: SHORT}


async def serve(plan_text: str | None) -> None:
    lines = await _stdin()
    text = plan_text if plan_text is not None else (await lines.readline()).decode()
    plan = plan_from_json(text)
    async with _fleet(plan) as fleet:
        say({"ready": fleet.urls()})
        await _obey(fleet, lines)


def _fleet(plan: FleetPlan) -> Fleet:
    loop = asyncio.get_running_loop()

    def progress(ready: int, of: int) -> None:
        loop.call_soon_threadsafe(partial(say, {"clips": ready, "of": of}))

    return Fleet(
        plan.cameras,
        recorders=plan.recorders,
        port=plan.port,
        catalogue=_CATALOGUES[plan.clips],
        cache=plan.cache,
        progress=progress,
        one_address=plan.one_address,
    )


async def _obey(fleet: Fleet, lines: asyncio.StreamReader) -> None:
    while line := await lines.readline():
        command: dict[str, Any] = {}
        try:
            command = json.loads(line)
            if command.get("stop"):
                return
            answer = await _answer(fleet, command)
        except (ValueError, LookupError, AttributeError) as error:
            answer = {"error": str(error.args[0])}
        say(answer | {"id": command.get("id")})


async def _answer(fleet: Fleet, command: dict[str, Any]) -> dict[str, Any]:
    match command:
        case {"set": code, "behaviour": word}:
            await fleet.set_behaviour(code, Behaviour(word))
            return {"set": code, "behaviour": word}
        case {"stats": True}:
            return {"stats": stats_to_json(fleet.stats())}
        case _:
            raise ValueError(f"command is {command!r}, expected set, stats or stop")


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=_LINE_LIMIT)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m monitor.simulator", description=__doc__)
    parser.add_argument("plan", nargs="?", type=Path, help="a JSON file; the first line of stdin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which stops us
    try:
        uvloop.run(serve(arguments.plan.read_text() if arguments.plan else None))
    except (UnreadablePlanError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
