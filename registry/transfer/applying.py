"""Carries out a plan in one transaction: all of it, or nothing. It decides nothing about a file."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing import log
from registry.changing.log import Batch, new_batch
from registry.changing.sight import Sight, everything
from registry.changing.writing import Progress, write_changes
from registry.clock import Clock
from registry.database import Database, bump_revision, current_revision
from registry.search import refresh_search
from registry.security.audit import record
from registry.security.sealing import Sealer
from registry.transfer.plan import Plan
from registry.transfer.reaching import require_seen_rows
from registry.vocabulary import ChangeSource


class PlanOutdated(Exception):
    """The registry was written since the plan was made: make it again."""


async def apply_plan(
    database: Database,
    plan: Plan,
    *,
    sealer: Sealer,
    clock: Clock,
    who: str = "import",
    reason: str = "",
    progress: Progress | None = None,
    sight: Sight = everything,
    request_id: str = "",
    address: str = "",
) -> Batch | None:
    """Write the plan, log it, bump the revision once; None, and nothing done, if it is empty.

    Raises `ImportRefused` if what it makes is out of sight: what somebody sees of new things
    depends on all of them together.
    """
    if plan.is_empty:
        return None
    batch = new_batch(
        who,
        ChangeSource.IMPORT,
        clock.now(),
        reason=reason,
        request_id=request_id,
        address=address,
    )
    async with database.write() as session:
        await bump_revision(session)  # first: where many processes write, it holds the others off
        seen = await current_revision(session) - 1
        if seen != plan.revision:
            raise PlanOutdated(f"the registry is at revision {seen}, the plan at {plan.revision}")
        await write_changes(session, plan.changes, sealer, batch.at, progress)
        await require_seen_rows(session, plan, sight)
        await log.record(session, batch, plan.changes)
        await _finish(session, plan, batch)
    return batch


async def _finish(session: AsyncSession, plan: Plan, batch: Batch) -> None:
    await refresh_search(session)
    counts = {
        what.value: {"created": created, "changed": changed}
        for what, (created, changed, _) in plan.counts().items()
        if created or changed
    }
    detail = {**counts, "batch": batch.id}
    await record(
        session,
        batch.who,
        "import",
        f"{plan.rows} rows",
        detail,
        batch.at,
        address=batch.address,
        request_id=batch.request_id,
    )
