"""A plan against what somebody sees: he changes nothing else, and refers to nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from registry.changing.inventory import Change, Record, What
from registry.changing.writing import write_changes
from registry.clock import Clock
from registry.database import Database, bump_revision
from registry.models import (
    Area,
    Base,
    Camera,
    Center,
    Credential,
    Program,
    Recorder,
    Site,
    System,
)
from registry.security.sealing import Sealer
from registry.transfer.plan import Plan
from registry.transfer.problems import ImportRefused, Problem

# True for the rows of a class that somebody sees.
Sight: TypeAlias = Callable[[type[Base]], sa.ColumnElement[bool]]
_Named: TypeAlias = tuple[What, str]

_SLICE: Final = 500
_CODES: Final[Mapping[What, tuple[type[Base], InstrumentedAttribute[Any]]]] = {
    What.PROGRAM: (Program, Program.code),
    What.AREA: (Area, Area.path),
    What.CENTER: (Center, Center.code),
    What.SITE: (Site, Site.code),
    What.SYSTEM: (System, System.code),
    What.RECORDER: (Recorder, Recorder.code),
    What.CREDENTIAL: (Credential, Credential.code),
    What.CAMERA: (Camera, Camera.code),
}
_REFERENCES: Final[Mapping[str, What]] = {
    "area": What.AREA,
    "site": What.SITE,
    "system": What.SYSTEM,
    "recorder": What.RECORDER,
    "program": What.PROGRAM,
    "center": What.CENTER,
    "delivers_to": What.CENTER,
    "credential": What.CREDENTIAL,
}


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
        for named in (_named(change), *_referred(change.after))
        if named not in created
    }
    async with database.write() as session:
        hidden = await _hidden(session, sight, touched)
        if not hidden:
            await bump_revision(session)
            await write_changes(session, plan.changes, sealer, clock.now())
            touched = {_named(change): change for change in plan.changes}
            hidden = await _hidden(session, sight, touched)
        await session.rollback()
    if hidden:
        raise ImportRefused(_problem(plan, touched[named], named) for named in hidden)


def _named(change: Change) -> _Named:
    """Devices, feeds and deliveries are their camera's."""
    return (change.what if change.what in _CODES else What.CAMERA), change.key[0]


def _referred(record: Record | None) -> Iterator[_Named]:
    for name, what in _REFERENCES.items():
        if code := getattr(record, name, None):
            yield what, code


async def _hidden(session: AsyncSession, sight: Sight, named: Iterable[_Named]) -> set[_Named]:
    asked: defaultdict[What, list[str]] = defaultdict(list)
    for what, code in named:
        asked[what].append(code)
    hidden: set[_Named] = set()
    for what, codes in asked.items():
        model, column = _CODES[what]
        for start in range(0, len(codes), _SLICE):
            some = codes[start : start + _SLICE]
            found = sa.select(column).where(column.in_(some), sight(model))
            seen = set(await session.scalars(found))
            hidden |= {(what, code) for code in some if code not in seen}
    return hidden


def _problem(plan: Plan, change: Change, named: _Named) -> Problem:
    what, code = named
    row = plan.rows_of.get((change.what, change.key), 1)
    return Problem(row, what, code, f"a {what} within what you may change")
