"""The service over simulated cameras on real sockets: what must never happen, made to happen."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor import config
from monitor.app import House, open_house
from monitor.simulator.behaviour import (
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.plan import Clips, FleetPlan
from monitor.simulator.process import FleetProcess
from registry.clock import SystemClock
from registry.look import FeedKey
from registry.migrations import migrate
from registry.sample.layout import sheet
from registry.security.sealing import create_key_file
from registry.security.tokens import create_token
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import FeedState, Reason, Role

pytestmark = pytest.mark.timeout(120)

LOGIN = SimulatedLogin("camreach", "correct-horse")
CHANNELS = 8

# a tile of the wall or a delivery of the camera's page; the counts above them name every state
SHOWN_REACHING = re.compile(r'<(?:li class="tile"|article)[^>]*data-state="(?:reaching|live)"')
SHOWN_UNKNOWN = re.compile(r'<(?:li class="tile"|article)[^>]*data-state="unknown"')


class StoppableClock(SystemClock):
    """Real time that a test can push ahead, and whose sleepers it can leave asleep for ever."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead_s = 0.0
        self.frozen = False

    def push_ahead(self, seconds: float) -> None:
        self._ahead_s += seconds

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead_s

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead_s)

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.frozen:
            await asyncio.Event().wait()


class SteppedClock(SystemClock):
    """One beside a wall clock that somebody set."""

    def __init__(self) -> None:
        super().__init__()
        self.set_on = timedelta()

    def drift(self) -> timedelta:
        return super().drift() + self.set_on

    def reanchor(self) -> None:
        super().reanchor()
        self._origin_s += self.set_on.total_seconds()


def settings(folder: Path, database_url: str = "", **probe) -> config.Settings:
    return config.build(
        service={"port": 0},
        database={"url": database_url or f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"},
        security={"key_file": folder / "camreach.key"},
        probe={
            "allow_networks": ["127.0.0.0/8"],
            "liveness_every_s": 2.0,
            "picture_every_s": 4.0,
            **probe,
        },
    )


def fleet_of(*cameras: SimulatedCamera, sessions: int = 4) -> FleetProcess:
    recorders = {camera.recorder for camera in cameras if camera.recorder}
    return FleetProcess(
        FleetPlan(
            cameras=cameras,
            recorders=tuple(
                SimulatedRecorder(code=code, session_limit=sessions) for code in recorders
            ),
            port=0,
            clips=Clips.SHORT,
        )
    )


def channels(behaviour: Behaviour = Behaviour.LIVE) -> list[SimulatedCamera]:
    return [
        SimulatedCamera(
            code=f"C{n}", recorder="NVR", behaviour=behaviour, login=LOGIN, reply_delay_s=0.01
        )
        for n in range(CHANNELS)
    ]


def estate_csv(urls: dict[str, str]) -> bytes:
    """One camera a feed, delivered to one center, behind one recorder where hosts are shared."""
    rows: list[dict[str, object]] = [
        {"area": "r", "area_name": "R", "time_zone": "Asia/Almaty"},
        {
            "delivers_to": "cou",
            "center_name": "ЦОУ",
            "center_kind": "operations_center",
            "center_area": "r",
        },
    ]
    hosts = [url.partition("://")[2].partition("/")[0].partition(":")[0] for url in urls.values()]
    for (code, url), host in zip(urls.items(), hosts, strict=True):
        shared = {"recorder": "NVR", "recorder_name": "NVR", "recorder_host": host}
        rows.append(
            {
                "camera": code,
                "camera_name": code,
                "kind": "street",
                "lifecycle": "in_service",
                "area": "r",
                "feed": "main",
                "hop": "recorder" if hosts.count(host) > 1 else "camera",
                "url": url.replace("rtsp://", f"rtsp://{LOGIN.username}:{LOGIN.password}@"),
                "delivers_to": "cou",
                **(shared if hosts.count(host) > 1 else {}),
            }
        )
    return sheet(rows).encode()


async def take_in(house: House, csv: bytes) -> None:
    plan = await plan_import(house.database, csv, sealer=house.sealer, clock=house.clock)
    await apply_plan(house.database, plan, sealer=house.sealer, clock=house.clock)


def state_of(house: House, code: str) -> tuple[FeedState, Reason | None]:
    record = house.knowledge.feeds.get(FeedKey(code, "main"))
    return (record.memory.state, record.memory.reason) if record else (FeedState.UNKNOWN, None)


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], within_s: float = 60.0
) -> None:
    """Waits for what must come; how long it took decides nothing."""
    async with asyncio.timeout(within_s):
        while True:
            met = condition()
            if await met if isinstance(met, Awaitable) else met:
                return
            await asyncio.sleep(0.1)


def all_live(house: House, count: int = CHANNELS) -> Callable[[], bool]:
    return lambda: all(state_of(house, f"C{n}")[0] is FeedState.LIVE for n in range(count))


async def test_a_clock_set_on_costs_a_cadence_and_not_that_of_pictures(tmp_path):
    clock, day = SteppedClock(), timedelta(days=1)
    seldom = settings(tmp_path, picture_every_s=3600.0)
    camera = SimulatedCamera(code="C0", login=LOGIN)

    def is_live_since(began: datetime) -> bool:
        memory = house.knowledge.feeds[FeedKey("C0", "main")].memory
        return memory.state is FeedState.LIVE and (memory.since or began) > began

    async with fleet_of(camera) as fleet, open_house(seldom, clock) as house:
        await take_in(house, estate_csv(fleet.urls))
        await until(all_live(house, 1))
        began = clock.now()
        clock.set_on = day

        await until(lambda: is_live_since(began + day))


async def test_a_frozen_scheduler_leaves_no_claim_standing(tmp_path):
    clock = StoppableClock()
    cameras = [SimulatedCamera(code=f"C{n}", login=LOGIN) for n in range(3)]
    async with fleet_of(*cameras) as fleet, open_house(settings(tmp_path), clock) as house:
        await take_in(house, estate_csv(fleet.urls))
        await until(all_live(house, 3))
        await asyncio.sleep(1.5)  # the batch with it
        async with asked(house) as get:
            assert "camreach_delivery_reaching" in await get("/metrics/cameras")
            assert '"state":"reaching"' in await get("/api/v1/cameras")

            clock.frozen = True
            await asyncio.sleep(3)  # whoever is awake falls asleep
            clock.push_ahead(300)

            metrics = await get("/metrics/cameras")
            assert "camreach_delivery_reaching{" not in metrics
            assert "camreach_feed_up{" not in metrics
            assert 'camreach_delivery_state{camera="C0",center="cou",state="unknown"} 1' in metrics
            assert 'state="reaching"} 1' not in await get("/metrics")
            for path in ("/api/v1/cameras", "/api/v1/cameras/C0", "/api/v1/stats?by=state"):
                assert '"state":"reaching"' not in await get(path)
                assert '"state":"live"' not in await get(path)
            for path in ("/wall", "/cameras/C0/now"):
                page = await get(path)
                assert SHOWN_REACHING.search(page) is None
                assert SHOWN_UNKNOWN.search(page)


async def test_one_rejected_login_parks_every_feed_of_the_host(tmp_path):
    async with (
        fleet_of(*channels(Behaviour.REJECTS_LOGIN)) as fleet,
        open_house(settings(tmp_path)) as house,
    ):
        await take_in(house, estate_csv(fleet.urls))
        words = {Reason.AUTH_REJECTED, Reason.LOCKED_OUT}
        await until(lambda: all(state_of(house, f"C{n}")[1] in words for n in range(CHANNELS)))
        await asyncio.sleep(5)  # two more rounds

        stats = await fleet.stats()
        reasons = [state_of(house, f"C{n}")[1] for n in range(CHANNELS)]
    assert stats.totals.signed_requests == 1
    assert reasons.count(Reason.AUTH_REJECTED) == 1


async def test_a_recovered_recorder_that_shows_black_has_not_recovered(tmp_path):
    async with fleet_of(*channels()) as fleet, open_house(settings(tmp_path)) as house:
        await take_in(house, estate_csv(fleet.urls))
        await until(all_live(house))
        await fleet.set_behaviour("NVR", Behaviour.REFUSES)
        await until(lambda: state_of(house, "C0") == (FeedState.DOWN, Reason.REFUSED))

        await fleet.set_behaviour("NVR", Behaviour.BLACK)
        await until(lambda: state_of(house, "C0") == (FeedState.DOWN, Reason.BLACK))
        await asyncio.sleep(1.5)

        states = await asyncio.to_thread(states_in_history, tmp_path, "C0")
        assert states[-2:] == ["down", "down"]

        await fleet.set_behaviour("NVR", Behaviour.LIVE)
        await until(all_live(house))


async def test_a_burst_from_a_cache_is_not_life_and_a_stream_behind_it_is(tmp_path):
    cameras = [
        SimulatedCamera(code="C0", behaviour=Behaviour.BURST_ONLY, login=LOGIN),
        SimulatedCamera(code="C1", behaviour=Behaviour.BURST_THEN_LIVE, login=LOGIN),
    ]
    async with fleet_of(*cameras) as fleet, open_house(settings(tmp_path)) as house:
        await take_in(house, estate_csv(fleet.urls))
        await until(lambda: state_of(house, "C0") == (FeedState.DOWN, Reason.BURST_ONLY))

        assert state_of(house, "C1") == (FeedState.LIVE, None)
        assert "live" not in await asyncio.to_thread(states_in_history, tmp_path, "C0")


async def test_a_changed_registry_is_followed_while_running(tmp_path, database_url):
    cameras = [SimulatedCamera(code=f"C{n}", login=LOGIN) for n in range(2)]
    async with fleet_of(*cameras) as fleet, open_house(settings(tmp_path, database_url)) as house:
        urls = dict(list(fleet.urls.items())[:1])
        await take_in(house, estate_csv(urls))
        await until(all_live(house, 1))

        await take_in(house, estate_csv(fleet.urls))

        await until(all_live(house, 2))


async def test_shutdown_leaves_no_session_on_any_camera(tmp_path):
    async with fleet_of(*channels()) as fleet:
        async with open_house(settings(tmp_path)) as house:
            await take_in(house, estate_csv(fleet.urls))
            await until(all_live(house))

        stats = await fleet.stats()
    assert stats.sessions_open == 0
    assert stats.totals.sessions_left_behind == 0


async def test_a_second_monitor_on_one_database_leaves_no_trace(tmp_path):
    async with open_house(settings(tmp_path)) as house:
        before = await asyncio.to_thread(query, tmp_path, "select id, what from event")
        with pytest.raises(config.ConfigError, match="another camreach"):
            async with open_house(settings(tmp_path)):
                pass
        port = int(house.url.rpartition(":")[2])
        taken = config.build(service={"port": port}, probe={"allow_networks": ["127.0.0.0/8"]})
        with pytest.raises(config.ConfigError, match="cannot listen"):
            async with open_house(taken):
                pass

        assert await asyncio.to_thread(query, tmp_path, "select id, what from event") == before


async def test_killed_in_the_middle_of_work_nothing_acknowledged_is_lost(tmp_path):
    await asyncio.to_thread(prepare, tmp_path)
    async with fleet_of(*channels()) as fleet:
        async with open_house(settings(tmp_path)) as house:
            await take_in(house, estate_csv(fleet.urls))
        async with serving(tmp_path) as first:
            await until(lambda: live_in_api(first))
            killed_at = time.time()
            os.kill(first.pid, signal.SIGKILL)
            await first.process.wait()
        told = first.acknowledged
        await asyncio.sleep(4)
        restarted_at = time.time()
        async with serving(tmp_path) as second:
            await until(lambda: live_in_api(second))
            timeline = await second.get("/api/v1/cameras/C0/timeline")
            await asyncio.sleep(1.5)

    assert told == set(await asyncio.to_thread(codes_in, tmp_path))
    intervals = await asyncio.to_thread(intervals_of, tmp_path, "C0")
    assert "down" not in [state for state, *_ in intervals]
    assert await asyncio.to_thread(outages_in, tmp_path) == 0
    began, ended = next(
        (start, end) for state, start, end in intervals if state == "unknown" and end is not None
    )
    assert abs(began - killed_at) < 3  # the last heartbeat is at most a second or two old
    assert ended >= restarted_at - 1
    assert 3 < ended - began < 30
    assert "not_probed" in timeline


class Server:
    """`camreach serve` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, token: str) -> None:
        self.process = process
        self.pid = process.pid
        self.url = url
        self.token = token
        self.acknowledged: set[str] = set()

    async def get(self, path: str) -> str:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.get(self.url + path) as response,
        ):
            return await response.text()


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    token = await asyncio.to_thread((folder / "token").read_text)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "monitor", "serve", "--config", str(folder / "camreach.toml")),
        stderr=asyncio.subprocess.PIPE,
    )
    stderr = process.stderr
    assert stderr is not None
    url = ""
    while not url:
        line = (await stderr.readline()).decode()
        assert line, "the service ended before it listened"
        url = line.partition("listening on ")[2].strip()
    drain = asyncio.create_task(stderr.read())
    try:
        yield Server(process, url, token)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        await drain


async def live_in_api(server: Server) -> bool:
    """All deliveries reach, as the service itself told somebody who asked."""
    said = json.loads(await server.get("/api/v1/cameras?limit=100"))
    states = {
        item["code"]: [delivery["state"] for delivery in item["deliveries"]]
        for item in said["items"]
    }
    server.acknowledged = set(states)
    return len(states) == CHANNELS and all(s == ["reaching"] for s in states.values())


def prepare(folder: Path) -> None:
    create_key_file(folder / "camreach.key")
    url = f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"
    migrate(url)
    (folder / "camreach.toml").write_text(
        f"""
[service]
port = 0
[database]
url = "{url}"
[security]
key_file = "{folder / "camreach.key"}"
[probe]
allow_networks = ["127.0.0.0/8"]
liveness_every_s = 2
picture_every_s = 4
"""
    )

    async def token() -> str:
        from registry.database import Database

        database = Database(url)
        async with database.write() as session:
            issued = await create_token(
                session, name="test", role=Role.VIEWER, now=SystemClock().now()
            )
        await database.close()
        return issued.text

    (folder / "token").write_text(asyncio.run(token()))


@asynccontextmanager
async def asked(house: House) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """GET by token, and by session cookie as the page does."""
    async with house.database.write() as session:
        issued = await create_token(session, name="t", role=Role.ADMIN, now=house.clock.now())
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        entered = await http.post(
            f"{house.url}/login", data={"token": issued.text}, headers={"Origin": house.url}
        )
        assert entered.status == 200

        async def get(path: str) -> str:
            async with http.get(house.url + path) as response:
                assert response.status == 200, (path, response.status)
                return await response.text()

        yield get


def query(folder: Path, text: str, *values: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "camreach.sqlite") as connection:
        return connection.execute(text, values).fetchall()


def states_in_history(folder: Path, code: str) -> list[str]:
    return [state for state, *_ in intervals_of(folder, code)]


def intervals_of(folder: Path, code: str) -> list[tuple[str, float, float | None]]:
    rows = query(
        folder,
        "select state, started_at, ended_at from feed_interval join feed on feed.id = feed_id"
        " join camera on camera.id = camera_id where code = ?"
        " order by started_at, feed_interval.id",
        code,
    )
    return [(state, epoch(start), epoch(end) if end else None) for state, start, end in rows]


def epoch(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def outages_in(folder: Path) -> int:
    count: int = query(folder, "select count(*) from outage")[0][0]
    return count


def codes_in(folder: Path) -> list[str]:
    return [code for (code,) in query(folder, "select code from camera")]
