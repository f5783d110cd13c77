"""A plan against what somebody sees: he changes nothing else, and refers to nothing else."""

from __future__ import annotations

from typing import TypeAlias

from registry.changing.inventory import Change, What, references
from registry.changing.sight import Sight, hidden_of
from registry.changing.writing import write_changes
from registry.clock import Clock
from registry.database import Database, bump_revision
from registry.security.sealing import Sealer
from registry.transfer.plan import Plan
from registry.transfer.problems import ImportRefused, Problem

_Named: TypeAlias = tuple[What, str]


async def require_reach(
    database: Database, plan: Plan, sight: Sight, *, sealer: Sealer, clock: Clock
) -> None:
    """Raises `ImportRefused` with the rows that lie outside. Writes everything, and takes it back.

    What somebody will see of new things depends on all of them together: so they are made, looked
    at with his eyes, and undone.
    """
    created = {_named(change) for change in plan.changes if change.before is None}
    touched = {
        named: change
        for change in plan.changes
        for named in (_named(change), *_referred(change))
        if named not in created
    }
    async with database.write() as session:
        hidden = await hidden_of(session, sight, touched)
        if not hidden:
            await bump_revision(session)
            await write_changes(session, plan.changes, sealer, clock.now())
            touched = {_named(change): change for change in plan.changes}
            hidden = await hidden_of(session, sight, touched)
        await session.rollback()
    if hidden:
        raise ImportRefused(_problem(plan, touched[named], named) for named in hidden)


def _named(change: Change) -> _Named:
    """Devices, feeds and deliveries are found by their camera."""
    return change.what, change.key[0]


def _referred(change: Change) -> set[_Named]:
    """What it did not refer to before."""
    before, after = (
        set() if record is None else {(what, code) for _, what, code in references(record)}
        for record in (change.before, change.after)
    )
    return after - before


def _problem(plan: Plan, change: Change, named: _Named) -> Problem:
    what, code = named
    row = plan.rows_of.get((change.what, change.key), 1)
    return Problem(row, what, code, f"a {what} within what you may change")
