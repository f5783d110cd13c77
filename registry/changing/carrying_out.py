"""How changes become rows: written, logged, audited and found again; all of it, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing import log
from registry.changing.inventory import Change, What
from registry.changing.known import HEADS
from registry.changing.log import Batch
from registry.changing.planning import Planned, plan_wishes
from registry.changing.referring import slices
from registry.changing.sight import Sight, require_seen
from registry.changing.wishes import Wish
from registry.changing.writing import write_changes
from registry.database import bump_revision
from registry.models import Area, Camera, Recorder, Site, System
from registry.search import refresh_search
from registry.security.audit import record
from registry.security.sealing import Sealer

# Through which of its columns a camera is found by the words of something else.
_FOUND_BY = {
    What.AREA: (Camera.area_id, Area.id),
    What.SITE: (Camera.site_id, Site.id),
    What.SYSTEM: (Camera.system_id, System.id),
    What.RECORDER: (Camera.recorder_id, Recorder.id),
}


async def hold(session: AsyncSession) -> None:
    """First in a transaction that plans and writes: on a server it keeps other writers waiting."""
    await bump_revision(session)


async def plan(
    session: AsyncSession, wishes: Sequence[Wish], batch: Batch, sealer: Sealer, sight: Sight
) -> Planned:
    return await plan_wishes(session, wishes, sealer, batch.at, sight=sight, reason=batch.reason)


async def write(
    session: AsyncSession, changes: Sequence[Change], batch: Batch, sealer: Sealer, sight: Sight
) -> None:
    """Within the transaction of the session. `OutOfReach` if it would lead out of sight."""
    if not changes:
        return
    await write_changes(session, changes, sealer, batch.at)
    await require_seen(session, sight, changes)
    await log.record(session, batch, changes)
    await refresh_search(session, await _found_by(session, changes))
    told = [f"{each.what} {log.code_of(each.key)}" for each in changes[:1]]
    subject = told[0] if len(changes) == 1 else f"{len(changes)} objects"
    detail = {"batch": batch.id, "source": batch.source.value, "reason": batch.reason}
    await record(
        session,
        batch.who,
        "registry.changed",
        subject,
        detail,
        batch.at,
        address=batch.address,
        request_id=batch.request_id,
    )


async def _found_by(session: AsyncSession, changes: Sequence[Change]) -> set[int]:
    """The cameras whose search text may be another now."""
    codes: defaultdict[What, set[str]] = defaultdict(set)
    for change in changes:
        of_camera = change.what in (What.CAMERA, What.DEVICE, What.FEED)
        codes[What.CAMERA if of_camera else change.what].add(change.key[0])
    found: set[int] = set()
    for some in slices(codes[What.CAMERA]):
        found |= set(await session.scalars(sa.select(Camera.id).where(Camera.code.in_(some))))
    for what, (column, target) in _FOUND_BY.items():
        for some in slices(codes[what]):
            held = sa.select(Camera.id).join(target.class_, target == column)
            found |= set(await session.scalars(held.where(HEADS[what].in_(some))))
    return found
