"""A registry of very many cameras by bulk insert, as imports and looks would have left it.

It goes past every rule of the registry: for measuring how it is read, and for nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.database import Database
from registry.history import insert_rows
from registry.models import (
    Area,
    Base,
    Camera,
    Center,
    Delivery,
    DeliveryStatus,
    Feed,
    FeedStatus,
    Recorder,
    Site,
    Vantage,
)
from registry.sample.names import STREETS
from registry.search import refresh_search
from registry.vocabulary import (
    AreaKind,
    CameraKind,
    CenterKind,
    DeliveryState,
    FailingAt,
    FeedState,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Reason,
    Sector,
)

DISTRICTS = 40
CAMERAS_A_SITE = 5
CAMERAS_A_RECORDER = 32
BROKEN_SHARE, POOR_SHARE = 0.04, 0.03
KINDS = (CameraKind.STREET, CameraKind.YARD, CameraKind.DOORWAY, CameraKind.FACILITY)
VANTAGE_ID = 1
_SLICE = 5_000

Row = dict[str, Any]


async def plant(database: Database, cameras: int, now: datetime | None = None) -> None:
    """Numbers are ids: the database must be empty."""
    chance, now = random.Random(100_000), now or datetime.now(UTC)
    async with database.write() as session:
        for model, rows in _tables(cameras, chance, now):
            await _insert(await session.connection(), model, rows)
        await refresh_search(session)
    async with database.write() as session:
        await session.execute(sa.text("analyze"))


async def _insert(connection: AsyncConnection, model: type[Base], rows: Iterator[Row]) -> None:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == _SLICE:
            await connection.run_sync(insert_rows, model, some)
            some = []
    await connection.run_sync(insert_rows, model, some)


def _tables(
    cameras: int, chance: random.Random, now: datetime
) -> Iterator[tuple[type[Base], Iterator[Row]]]:
    states = [_state(chance) for _ in range(cameras)]
    yield Area, _areas()
    yield Center, _centers()
    yield Vantage, iter([{"id": VANTAGE_ID, "code": "cou", "name": "cou", "center_id": 1}])
    yield Site, _sites(-(-cameras // CAMERAS_A_SITE), chance)
    yield Recorder, _recorders(-(-cameras // CAMERAS_A_RECORDER))
    yield Camera, _cameras(cameras, chance)
    yield Feed, _feeds(cameras)
    yield Delivery, _deliveries(cameras)
    yield FeedStatus, _feed_states(states, now)
    yield DeliveryStatus, _delivery_states(states, now)


def _state(chance: random.Random) -> DeliveryState:
    drawn = chance.random()
    if drawn < BROKEN_SHARE:
        return DeliveryState.NOT_REACHING
    return DeliveryState.DEGRADED if drawn < BROKEN_SHARE + POOR_SHARE else DeliveryState.REACHING


def _areas() -> Iterator[Row]:
    base = {"time_zone": "Asia/Almaty"}
    yield base | {
        "id": 1,
        "path": "region",
        "name": "Область",
        "kind": AreaKind.REGION,
        "parent_id": None,
    }
    for number in range(1, DISTRICTS + 1):
        yield base | {
            "id": number + 1,
            "path": f"region/district-{number:02}",
            "name": f"Район {number}",
            "kind": AreaKind.DISTRICT,
            "parent_id": 1,
        }


def _centers() -> Iterator[Row]:
    for number in range(1, DISTRICTS + 1):
        yield {
            "id": number,
            "code": f"duty-{number:02}",
            "name": f"Дежурная часть {number}",
            "kind": CenterKind.DUTY_UNIT,
            "area_id": number + 1,
        }


def _district_of(site: int) -> int:
    return site % DISTRICTS + 1


def _site_of(camera: int) -> int:
    return (camera - 1) // CAMERAS_A_SITE + 1


def _sites(number: int, chance: random.Random) -> Iterator[Row]:
    for id_ in range(1, number + 1):
        place = f"{chance.choice(STREETS)}, {chance.randint(1, 400)}"
        yield {
            "id": id_,
            "code": f"site-{id_:06}",
            "name": place,
            "address": place,
            "sector": Sector.STREET,
            "area_id": _district_of(id_) + 1,
        }


def _recorders(number: int) -> Iterator[Row]:
    for id_ in range(1, number + 1):
        name = f"Регистратор {id_}"
        yield {"id": id_, "code": f"nvr-{id_:05}", "name": name, "host": f"198.19.{id_ % 250}.7"}


def _cameras(number: int, chance: random.Random) -> Iterator[Row]:
    for id_ in range(1, number + 1):
        site = _site_of(id_)
        yield {
            "id": id_,
            "code": f"cam-{id_:06}",
            "name": f"Камера {id_}, обзорная",
            "kind": chance.choice(KINDS),
            "importance": Importance.HIGH if chance.random() < 0.1 else Importance.NORMAL,
            "lifecycle": Lifecycle.IN_SERVICE,
            "area_id": _district_of(site) + 1,
            "site_id": site,
            "recorder_id": (id_ - 1) // CAMERAS_A_RECORDER + 1,
        }


def _feeds(cameras: int) -> Iterator[Row]:
    """Two each: the lens, and what the center gets, which is made of it."""
    for camera in range(1, cameras + 1):
        host = f"198.18.{camera // 250 % 250}.{camera % 250 + 1}"
        common = {"camera_id": camera}
        yield common | {
            "id": camera,
            "name": "main",
            "hop": Hop.CAMERA,
            "url": f"rtsp://{{user}}:{{password}}@{host}:554/Streaming/Channels/101",
            "taken_from_id": None,
            "delivers_to_id": None,
        }
    for camera in range(1, cameras + 1):
        center = _district_of(_site_of(camera))
        yield {
            "camera_id": camera,
            "id": cameras + camera,
            "name": "duty",
            "hop": Hop.CENTER,
            "url": f"rtsp://198.19.200.{center}:554/live/{camera}",
            "taken_from_id": camera,
            "delivers_to_id": center,
        }


def _deliveries(cameras: int) -> Iterator[Row]:
    for camera in range(1, cameras + 1):
        center = _district_of(_site_of(camera))
        yield {
            "id": camera,
            "camera_id": camera,
            "center_id": center,
            "proof": Proof.HANDED_ON,
        }


_FEED_STATES = {
    DeliveryState.REACHING: FeedState.LIVE,
    DeliveryState.DEGRADED: FeedState.DEGRADED,
    DeliveryState.NOT_REACHING: FeedState.DOWN,
}
_REASONS = {
    DeliveryState.REACHING: None,
    DeliveryState.DEGRADED: Reason.TOO_DARK,
    DeliveryState.NOT_REACHING: Reason.TIMEOUT,
}


def _feed_states(states: list[DeliveryState], now: datetime) -> Iterator[Row]:
    for turn in range(2):
        for at, state in enumerate(states, start=1):
            yield {
                "feed_id": turn * len(states) + at,
                "vantage_id": VANTAGE_ID,
                "state": _FEED_STATES[state],
                "reason": _REASONS[state],
                "detail": None,
                "since": now - timedelta(hours=3),
                "valid_until": now + timedelta(days=1),
                "last_look_at": now,
                "last_frame_at": now,
                "last_fresh_picture_at": now,
                "memory": {},
            }


def _delivery_states(states: list[DeliveryState], now: datetime) -> Iterator[Row]:
    for at, state in enumerate(states, start=1):
        broken = state is DeliveryState.NOT_REACHING
        yield {
            "delivery_id": at,
            "vantage_id": VANTAGE_ID,
            "state": state,
            "failing_at": FailingAt.CAMERA if broken else None,
            "reason": _REASONS[state],
            "since": now - timedelta(hours=3),
            "valid_until": now + timedelta(days=1),
        }
