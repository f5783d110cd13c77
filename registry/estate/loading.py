"""Rows -> the estate a monitor follows, as it stands at one revision.

It never looks at anything and decides nothing about what is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import current_revision
from registry.estate.contractors import Contractors
from registry.estate.deliveries import deliveries_of
from registry.estate.logins import opened_logins
from registry.estate.places import Places, places_of
from registry.estate.rows import Row, Rows, by_id, load_rows
from registry.estate.targets import target_of
from registry.estate.vantages import vantage_id_of
from registry.security.sealing import Sealer
from registry.targets import CameraFacts, CenterFacts, Estate


async def load_estate(
    session: AsyncSession, vantage_code: str, sealer: Sealer, now: datetime | None = None
) -> Estate:
    """Everything as it stands at one revision; one session sees one consistent view.

    Rows arrive in slices and are put together in a thread: the loop goes on meanwhile.
    """
    revision = await current_revision(session)
    vantage_id = await vantage_id_of(session, vantage_code)
    rows = await load_rows(session, now or datetime.now(UTC))
    return await asyncio.to_thread(_estate, rows, sealer, revision, vantage_code, vantage_id)


def _estate(
    rows: Rows, sealer: Sealer, revision: int, vantage_code: str, vantage_id: int
) -> Estate:
    places, logins = places_of(rows, vantage_id), opened_logins(rows.credentials, sealer)
    contractors = Contractors(rows.assignments, places)
    cameras, feeds = by_id(rows.cameras), by_id(rows.feeds)
    targets = {
        target.key: target
        for feed in rows.feeds
        if cameras[feed.camera_id].lifecycle.is_probed
        and (target := target_of(feed, cameras[feed.camera_id], places, logins)) is not None
    }
    return Estate(
        revision=revision,
        vantage=vantage_code,
        vantage_id=vantage_id,
        targets=targets,
        deliveries=tuple(deliveries_of(rows.deliveries, feeds, cameras)),
        cameras={
            camera.code: _facts(camera, places, contractors.of(camera)) for camera in rows.cameras
        },
        centers={
            center.code: CenterFacts(
                code=center.code, kind=center.kind, area=places.areas[center.area_id].path
            )
            for center in rows.centers
        },
    )


def _facts(camera: Row, places: Places, contractor: str) -> CameraFacts:
    def code(rows: Mapping[int, Row], row_id: int | None) -> str:
        return rows[row_id].code if row_id is not None else ""

    return CameraFacts(
        camera=camera.code,
        kind=camera.kind,
        importance=camera.importance,
        lifecycle=camera.lifecycle,
        area=places.areas[camera.area_id].path,
        site=code(places.sites, camera.site_id),
        system=code(places.systems, camera.system_id),
        recorder=code(places.recorders, camera.recorder_id),
        contractor=contractor,
        program=code(places.programs, camera.program_id),
    )
