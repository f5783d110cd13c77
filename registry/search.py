"""The folded text a camera is found by: SQLite itself folds ASCII only. It searches nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.folding import folded
from registry.models import Area, Base, Camera, Device, Feed, Recorder, Site, System

_HOST: Final = re.compile(r"://(?:[^/@]*@)?(\[[^\]/]*\]|[^/:?#]*)")
_IDS_A_QUERY: Final = 500


def search_text(*parts: str | None) -> str:
    return folded(" ".join(part for part in parts if part))


async def refresh_search(session: AsyncSession, cameras: Collection[int] | None = None) -> int:
    """Bring the search texts of these cameras, or of all, up to date; how many were not.

    Bumps no revision.
    """
    stale: list[dict[str, Any]] = []
    for ids in _slices(cameras):
        traces = await _traces(session, ids)
        for row in await session.execute(_names(ids)):
            row_id, search, technical, *parts = row
            texts = search_text(*parts), search_text(*traces[row_id])
            if texts != (search, technical):
                stale.append({"row_id": row_id, "text": texts[0], "traces": texts[1]})
    await _write(session, stale)
    return len(stale)


def _slices(cameras: Collection[int] | None) -> list[list[int] | None]:
    if cameras is None:
        return [None]
    ids = list(cameras)
    return [ids[at : at + _IDS_A_QUERY] for at in range(0, len(ids), _IDS_A_QUERY)]


def _of(column: sa.orm.InstrumentedAttribute[int], ids: list[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if ids is None else column.in_(ids)


def _names(ids: list[int] | None) -> sa.Select[*tuple[Any, ...]]:
    """What anybody who sees a camera may find it by."""
    return (
        sa.select(
            Camera.id,
            Camera.search,
            Camera.search_technical,
            Camera.code,
            Camera.name,
            Site.code,
            Site.name,
            Site.address,
            Area.name,
            System.code,
            Recorder.code,
            Recorder.name,
        )
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(Site, Site.id == Camera.site_id)
        .outerjoin(System, System.id == Camera.system_id)
        .outerjoin(Recorder, Recorder.id == Camera.recorder_id)
        .where(_of(Camera.id, ids))
    )


async def _traces(session: AsyncSession, ids: list[int] | None) -> defaultdict[int, list[str]]:
    """What only technicians find a camera by: serials, MACs, hosts; each once, in order."""
    devices = sa.select(Device.camera_id, Device.serial, Device.mac)
    hosts = sa.select(Camera.id, Recorder.host).join(Recorder, Recorder.id == Camera.recorder_id)
    feeds = sa.select(Feed.camera_id, Feed.url).where(Feed.retired_at.is_(None))
    found: defaultdict[int, list[str]] = defaultdict(list)
    for camera, serial, mac in await session.execute(
        devices.where(_of(Device.camera_id, ids)).order_by(Device.id)
    ):
        _add(found[camera], (serial, mac))
    for camera, host in await session.execute(hosts.where(_of(Camera.id, ids))):
        _add(found[camera], (host,))
    for camera, url in await session.execute(
        feeds.where(_of(Feed.camera_id, ids)).order_by(Feed.id)
    ):
        _add(found[camera], _HOST.findall(url)[:1])
    return found


def _add(traces: list[str], parts: Iterable[str]) -> None:
    traces.extend(part for part in parts if part and part not in traces)


async def _write(session: AsyncSession, stale: list[dict[str, Any]]) -> None:
    if not stale:
        return
    camera = Base.metadata.tables["camera"]
    statement = (
        sa.update(camera)
        .where(camera.c.id == sa.bindparam("row_id"))
        .values(search=sa.bindparam("text"), search_technical=sa.bindparam("traces"))
    )
    await (await session.connection()).execute(statement, stale)
