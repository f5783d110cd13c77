"""How long it takes until a fault is told, for every kind of fault, held against DESIGN section 3.

The service runs in this process over simulated cameras in another, so that what it knows can be
asked every quarter of a second. Run: python -m benchmarks.time_to_detect [--each N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
import uvloop

from benchmarks.estate import FEED, Feed, plant
from benchmarks.mixed_fleet import LOGIN
from benchmarks.table import heading, markdown, percentile
from monitor import config
from monitor.app import House, open_house
from monitor.plan.scheduler import FIRST_LOOKS_PER_S
from monitor.record import FeedRecord
from monitor.simulator.behaviour import Behaviour, SimulatedCamera
from monitor.simulator.faults import FAULTS, Fault
from monitor.simulator.plan import Clips, FleetPlan
from monitor.simulator.process import FleetProcess
from registry.look import FeedKey
from registry.vocabulary import FeedState

LIVENESS_EVERY_S = 30.0
PICTURE_EVERY_S = 120.0
ASK_EVERY_S = 0.25
TELL_EVERY_S = 10.0
NEVER_INJECTED = 0.1  # of the fleet: whoever calls one of these down is wrong
SETTLE_S = 40.0
_WRONG = (FeedState.DOWN, FeedState.DEGRADED)
_TO_FIND = tuple(fault for fault in FAULTS.values() if not fault.is_live)

Fates = Mapping[str, Fault | None]  # what is to happen to each camera; None: nothing


@dataclass(slots=True)
class Injection:
    """One fault in one camera, and when it was told."""

    key: FeedKey
    fault: Fault
    at_s: float
    took_s: float | None = None
    limit_s: float = 0.0

    def found(self, record: FeedRecord, now_s: float) -> bool:
        if record.memory.reason is not self.fault.reason:
            return False
        self.took_s = now_s - self.at_s
        self.limit_s = limit_s(self.fault, record)
        return True


def limit_s(fault: Fault, record: FeedRecord) -> float:
    """At the feed's own cadences, with the looks that failed as long as they were."""
    waited_s = fault.waited_s(record.rhythm.effective_cadence_s, record.rhythm.picture_cadence_s)
    looks = record.failing_looks[: fault.looks]
    return waited_s + sum(look.duration_s for look in looks) + ASK_EVERY_S


@dataclass(slots=True)
class Watched:
    """What the service said, from the first injection to the end."""

    injections: dict[FeedKey, Injection]
    feeds: int  # to some of which nothing happens
    pending: dict[FeedKey, Injection] = field(default_factory=dict)
    false_alarms: set[FeedKey] = field(default_factory=set)

    def ask(self, house: House, now_s: float) -> list[FeedKey]:
        """Whose fault is told now and was not before."""
        told = []
        for key, record in house.knowledge.feeds.items():
            injection = self.pending.get(key)
            if injection is not None:
                if injection.found(record, now_s):
                    del self.pending[key]
                    told.append(key)
            elif record.memory.state in _WRONG and not self._has_begun(key, now_s):
                self.false_alarms.add(key)
        return told

    def _has_begun(self, key: FeedKey, now_s: float) -> bool:
        return key in self.injections and self.injections[key].at_s <= now_s


async def run(arguments: argparse.Namespace) -> None:
    each = -(-arguments.each // arguments.fleets)
    watched = [await _fleet(fates_of(each, n), arguments) for n in range(arguments.fleets)]
    rows = list(rows_of([one for fleet in watched for one in fleet.injections.values()]))
    false_alarms = sum(len(fleet.false_alarms) for fleet in watched)
    print(markdown(("behaviour", "reason", *_COLUMNS), rows))
    print(f"\nfalse alarms among {sum(fleet.feeds for fleet in watched)} feeds: {false_alarms}")
    if arguments.json is not None:
        _save(arguments.json, rows, false_alarms)


async def _fleet(fates: Fates, arguments: argparse.Namespace) -> Watched:
    cameras = tuple(_cameras(fates))
    with tempfile.TemporaryDirectory(prefix="camreach-bench-") as name:
        settings = _settings(Path(name))
        plan = FleetPlan(cameras=cameras, port=0, clips=arguments.clips)
        async with FleetProcess(plan) as simulator:
            _tell(f"{len(fates)} cameras answer; importing them")
            feeds = (
                Feed(code=code, url=url, width=640, height=360)
                for code, url in simulator.urls.items()
            )
            await plant(settings, feeds, LOGIN)
            async with open_house(settings) as house:
                await _taken_up(house, len(fates))
                return await _inject(house, simulator, fates, arguments.over * 60)


def fates_of(each: int, fleet: int) -> Fates:
    """The same for the same numbers, and in no order."""
    fates: list[Fault | None] = [fault for fault in _TO_FIND for _ in range(each)]
    fates += [None] * round(len(fates) * NEVER_INJECTED)
    random.Random(f"{each} of fleet {fleet}").shuffle(fates)
    return {f"cam-{number:05}": fate for number, fate in enumerate(fates)}


def _cameras(fates: Fates) -> Iterator[SimulatedCamera]:
    chance = random.Random(len(fates))
    for code, fault in fates.items():
        camera = SimulatedCamera(
            code=code,
            login=LOGIN,
            reply_delay_s=min(1.0, chance.lognormvariate(-3.2, 1.0)),
            start_delay_s=chance.uniform(0.0, 0.5),
        )
        yield camera if fault is None else camera.able_to(fault.behaviour)


def _settings(folder: Path) -> config.Settings:
    return config.build(
        service={"port": 0},
        database={"url": f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"},
        security={"key_file": folder / "camreach.key"},
        probe={
            "allow_networks": ["127.0.0.0/8"],
            "liveness_every_s": LIVENESS_EVERY_S,
            "picture_every_s": PICTURE_EVERY_S,
        },
    )


async def _taken_up(house: House, count: int) -> None:
    until = time.monotonic() + count / FIRST_LOOKS_PER_S + SETTLE_S
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, TELL_EVERY_S))
        live = sum(r.memory.state is FeedState.LIVE for r in house.knowledge.feeds.values())
        _tell(
            f"taking up: {live} of {count} live, {max(0.0, until - time.monotonic()):.0f} s to go"
        )


async def _inject(house: House, simulator: FleetProcess, fates: Fates, over_s: float) -> Watched:
    """Each fault at a moment of its own, and mended once it is told: in a fleet where nearly all
    are in trouble, those are looked at less often (`monitor/plan/places.py`).
    """
    began_s = time.monotonic()
    planned = _planned(fates, began_s, over_s)
    watched = Watched({one.key: one for one in planned}, feeds=len(fates))
    latest_s = max(f.latest_s(LIVENESS_EVERY_S, PICTURE_EVERY_S) for f in _TO_FIND)
    ends_s, tell_at_s = began_s + over_s + latest_s, began_s
    async with asyncio.TaskGroup() as group:
        injecting = group.create_task(_carry_out(planned, simulator, watched))
        while (now_s := time.monotonic()) < ends_s:
            for key in watched.ask(house, now_s):
                await simulator.set_behaviour(key.camera, Behaviour.LIVE)
            if injecting.done() and not watched.pending:
                break
            if now_s >= tell_at_s:
                tell_at_s = now_s + TELL_EVERY_S
                found = sum(one.took_s is not None for one in planned)
                _tell(f"{now_s - began_s:.0f} s: {len(watched.pending)} pending, {found} found")
            await asyncio.sleep(ASK_EVERY_S)
    return watched


def _planned(fates: Fates, began_s: float, over_s: float) -> list[Injection]:
    chance = random.Random(len(fates))
    planned = [
        Injection(FeedKey(code, FEED), fault, began_s + chance.uniform(0.0, over_s))
        for code, fault in fates.items()
        if fault is not None
    ]
    return sorted(planned, key=lambda one: one.at_s)


async def _carry_out(
    planned: Sequence[Injection], simulator: FleetProcess, watched: Watched
) -> None:
    for one in planned:
        await asyncio.sleep(max(0.0, one.at_s - time.monotonic()))
        one.at_s = time.monotonic()
        watched.pending[one.key] = one
        await simulator.set_behaviour(one.key.camera, one.fault.behaviour)


_COLUMNS = ("n", "detected", "p50 s", "p90 s", "p99 s", "max s", "in time, %")


def rows_of(injections: Sequence[Injection]) -> Iterator[tuple[str, ...]]:
    for fault in _TO_FIND:
        mine = [one for one in injections if one.fault is fault]
        took = [one.took_s for one in mine if one.took_s is not None]
        in_time = sum(one.took_s is not None and one.took_s <= one.limit_s for one in mine)
        times = [f"{percentile(took, share):.1f}" if took else "" for share in (0.5, 0.9, 0.99, 1)]
        share = f"{100 * in_time / len(mine):.1f}" if mine else ""
        yield (fault.behaviour, str(fault.reason), str(len(mine)), str(len(took)), *times, share)


def _save(path: Path, rows: Sequence[Sequence[str]], false_alarms: int) -> None:
    names = ("behaviour", "reason", *_COLUMNS)
    faults = [dict(zip(names, row, strict=True)) for row in rows]
    said = {"heading": heading(), "faults": faults, "false_alarms": false_alarms}
    path.write_text(json.dumps(said, indent=1) + "\n")


def _tell(text: str) -> None:
    print(f"time_to_detect: {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=300, help="cameras for each kind of fault")
    parser.add_argument(
        "--fleets", type=int, default=2, help="that share them, one after the other"
    )
    parser.add_argument("--over", type=float, default=3.0, help="minutes over which they fail")
    parser.add_argument("--clips", type=Clips, choices=tuple(Clips), default=Clips.FULL)
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures, for programs")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(heading())
    print(
        f"\n{arguments.each} of each fault, in {arguments.fleets} fleets one after the other, over"
        f" {arguments.over:g} minutes each; liveness every"
        f" {LIVENESS_EVERY_S:g} s, pictures every {PICTURE_EVERY_S:g} s.\n"
    )
    uvloop.run(run(arguments))


if __name__ == "__main__":
    main()
