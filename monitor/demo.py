"""`camreach demo`: a simulated fleet with scripted faults, and the real service watching it."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from monitor import config
from monitor.app import House, open_house
from monitor.shutdown import stop_signal
from monitor.simulator.behaviour import (
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.faults import FAULTS, Fault
from monitor.simulator.plan import FleetPlan
from monitor.simulator.process import FleetProcess
from registry.look import FeedKey
from registry.sample import DemoFeed, demo_estate, demo_feeds, plant_demo
from registry.security.tokens import create_token
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import Codec, Role

LIVENESS_EVERY_S = 10.0
PICTURE_EVERY_S = 20.0
MEASURE_EVERY_S = 120.0
TOKEN_HOLDS = timedelta(days=1)
QUICK_S = 2.0
CAMERAS = 72  # enough for each fault to be shown
EXAMPLE = "street-002/main"
MARKER = "made-by-camreach-demo"

# Every second street camera shows a fault until each has been shown once; the rest live.
FIRST_FAULT, FAULT_STEP = 3, 2


@dataclass(frozen=True, slots=True)
class Script:
    """What each feed of the demo does, and what must therefore be said of it."""

    behaviours: Mapping[FeedKey, Behaviour]

    def fault(self, key: FeedKey) -> Fault:
        return FAULTS[self.behaviours[key]]

    def latest_s(self, key: FeedKey) -> float:
        """Within how many seconds of the start it must be said at the latest."""
        return self.fault(key).latest_s(LIVENESS_EVERY_S, PICTURE_EVERY_S)


def script_for(feeds: tuple[DemoFeed, ...]) -> Script:
    """Each fault once on a street camera; one picture that gets lost on its way to the center."""
    behaviours = {feed.key: Behaviour.LIVE for feed in feeds}
    faults = [behaviour for behaviour in Behaviour if behaviour is not Behaviour.LIVE]
    for number, fault in enumerate(faults):
        key = FeedKey(f"street-{FIRST_FAULT + FAULT_STEP * number:03}", "main")
        if key in behaviours:
            behaviours[key] = fault
    behaviours[FeedKey("yard-02", "nvr")] = Behaviour.NO_PACKETS
    behaviours[FeedKey("yard-02", "cou")] = Behaviour.NO_PACKETS
    return Script(behaviours)


async def run(arguments: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT."""
    async with AsyncExitStack() as stack:
        folder = arguments.state or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        demo = await stack.enter_async_context(open_demo(arguments.cameras, arguments.port, folder))
        _say_what_to_open(demo)
        stopped = stop_signal()
        await asyncio.wait([stopped, demo.house.watching], return_when=asyncio.FIRST_COMPLETED)
        print("camreach: ending the sessions", file=sys.stderr)
        return 0 if stopped.done() else 1


@dataclass(frozen=True, slots=True)
class Demo:
    house: House
    fleet: FleetProcess
    script: Script
    token: str
    example: str  # a URL that may be probed by hand: simulated logins are secrets of nobody


@asynccontextmanager
async def open_demo(cameras: int, port: int, folder: Path) -> AsyncIterator[Demo]:
    """The fleet in a process of its own, its estate imported, the service watching it."""
    feeds = demo_feeds(cameras)
    script = script_for(feeds)
    login = SimulatedLogin("camreach", secrets.token_urlsafe(12))
    async with AsyncExitStack() as stack:
        fleet = await stack.enter_async_context(FleetProcess(_plan(feeds, script, login), _Clips()))
        await asyncio.to_thread(_start_afresh, folder)
        house = await stack.enter_async_context(open_house(_settings(folder, port)))
        urls = {code: _with_login(url, login) for code, url in fleet.urls.items()}
        csv = demo_estate(cameras, lambda feed: urls[str(feed.key)])
        token = await _plant(house, csv)
        yield Demo(house, fleet, script, token, f"'{urls[EXAMPLE]}'")


def _plan(feeds: tuple[DemoFeed, ...], script: Script, login: SimulatedLogin) -> FleetPlan:
    recorders = sorted({feed.recorder for feed in feeds if feed.recorder})
    return FleetPlan(
        port=0,
        recorders=tuple(SimulatedRecorder(code=code, session_limit=32) for code in recorders),
        cameras=tuple(
            SimulatedCamera(
                code=str(feed.key),
                behaviour=script.behaviours[feed.key],
                recorder=feed.recorder,
                codec=Codec.H265 if number % 7 == 5 else Codec.H264,
                login=login,
            ).able_to(script.behaviours[feed.key])
            for number, feed in enumerate(feeds)
        ),
    )


def _start_afresh(folder: Path) -> None:
    """Simulated cameras get new addresses at every start: an older estate would point nowhere.

    Only what a demo left there is deleted.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        marker = folder / MARKER
        if any(folder.iterdir()) and not marker.exists():
            raise config.ConfigError(f"{folder} is not empty and no demo made it: name another one")
        for old in folder.glob("camreach.*"):
            old.unlink()
        marker.touch()
    except OSError as error:
        raise config.ConfigError(f"{folder}: {error.strerror}") from error


def _settings(folder: Path, port: int) -> config.Settings:
    return config.build(
        service={"port": port},
        database={"url": f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"},
        security={"key_file": folder / "camreach.key"},
        probe={
            "vantage": "demo",
            "allow_networks": ["127.0.0.0/8"],
            "liveness_every_s": LIVENESS_EVERY_S,
            "liveness_every_high_s": LIVENESS_EVERY_S,
            "picture_every_s": PICTURE_EVERY_S,
            "picture_every_high_s": PICTURE_EVERY_S,
            "measure_every_s": MEASURE_EVERY_S,
        },
    )


async def _plant(house: House, csv: str) -> str:
    """Import the estate as a person would, say whom to call, make the token to log in with."""
    plan = await plan_import(
        house.database, csv.encode(), sealer=house.sealer, clock=house.clock, progress=None
    )
    await apply_plan(house.database, plan, sealer=house.sealer, who="demo", clock=house.clock)
    now = house.clock.now()
    async with house.database.write() as session:
        await plant_demo(session)
        issued = await create_token(
            session, name="demo", role=Role.OPERATOR, now=now, expires_at=now + TOKEN_HOLDS
        )
    return issued.text


def _with_login(url: str, login: SimulatedLogin) -> str:
    return url.replace("://", f"://{login.username}:{login.password}@", 1)


class _Clips:
    """One line while pictures are made, the first time; nothing when they are there already."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._told = False

    def __call__(self, ready: int, of: int) -> None:
        slow = time.monotonic() - self._began_s > QUICK_S
        if not (slow or self._told):
            return
        self._told = True
        live = sys.stderr.isatty()
        end = "\n" if ready == of or not live else ""
        start = "\r" if live else ""
        text = f"{start}camreach: making moving pictures, once: {ready} of {of}"
        print(text, end=end, file=sys.stderr, flush=True)


def _say_what_to_open(demo: Demo) -> None:
    faults = sum(not demo.script.fault(key).is_live for key in demo.script.behaviours)
    url = demo.house.url
    feeds = len(demo.script.behaviours)
    print(
        f"""
camreach watches a simulated fleet: {feeds} feeds, {faults} of them with scripted faults.

  open      {url}/
  token     {demo.token}     (paste it into the login page; it holds for a day)
  metrics   {url}/metrics/cameras
  API       {url}/openapi.json
  probe     camreach probe {demo.example} --picture

Every fault is found within two minutes. Ctrl-C ends it.
""",
        flush=True,
    )
