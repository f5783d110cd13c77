"""A file against what somebody sees: of the rest it neither changes nor learns anything."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import (
    REFERENCES,
    Change,
    Inventory,
    Key,
    What,
    references,
)
from registry.changing.known import HEADS, model_of
from registry.changing.sight import Named, Sight, hidden_of, is_about, is_limited, used_outside
from registry.transfer.plan import Plan
from registry.transfer.problems import ImportRefused, Problem
from registry.transfer.statements import Statement, Statements


async def seen_of(session: AsyncSession, known: Inventory, sight: Sight) -> Inventory:
    """Without what is out of sight; of that only its codes are left, none of which is free."""
    if not is_limited(sight):
        return known
    seen = Inventory(known.revision)
    for what, records in known.records.items():
        head = HEADS[what]
        heads = set(await session.scalars(sa.select(head).where(sight(model_of(what)))))
        seen.records[what] |= {key: each for key, each in records.items() if key[0] in heads}
        seen.beyond[what] |= {key[0] for key in records} - heads
    return seen


def require_in_sight(statements: Statements, known: Inventory) -> None:
    """Raises `ImportRefused` with each row that names what is out of sight, changed or not."""
    problems = [
        _problem(row, named)
        for what, said in statements.by_key.items()
        for key, statement in said.items()
        for row, named in _names(what, key, statement, known)
        if named[1] in known.beyond[named[0]]
    ]
    if problems:
        raise ImportRefused([*statements.problems, *problems])


def _names(
    what: What, key: Key, statement: Statement, known: Inventory
) -> Iterator[tuple[int, Named]]:
    """Itself, and what it shall refer to and does not yet."""
    yield statement.row, (what, key[0])
    before = known.records[what].get(key)
    old = set() if before is None else {(kind, code) for _, kind, code in references(before)}
    said = {**statement.beside, **statement.fields}
    named = {(REFERENCES[name], code): name for name, code in said.items() if name in REFERENCES}
    for each, name in named.items():
        if each not in old:
            yield statement.rows.get(name, statement.row), each
    if what is What.DELIVERY:
        yield statement.row, (What.CENTER, key[1])
    if what is What.AREA and before is None and "/" in key[0]:
        yield statement.row, (What.AREA, key[0].rpartition("/")[0])


async def require_whole(session: AsyncSession, plan: Plan, sight: Sight) -> None:
    """Raises `ImportRefused` with the rows that change what is used out of sight as well."""
    touched = {each: set(_touched(change)) for each, change in enumerate(plan.changes)}
    outside = await used_outside(session, sight, set().union(*touched.values()))
    problems = [
        _problem(_row_of(plan, plan.changes[each]), min(named & outside), "used nowhere but ")
        for each, named in touched.items()
        if named & outside
    ]
    if problems:
        raise ImportRefused(problems)


def _touched(change: Change) -> Iterator[Named]:
    if change.before is not None:
        yield change.what, change.key[0]
    for record in (change.before, change.after):
        for _, what, code in () if record is None else references(record):
            if is_about(change.what, what):
                yield what, code


async def require_seen_rows(session: AsyncSession, plan: Plan, sight: Sight) -> None:
    """After it was written: what is new is in sight too, or `ImportRefused`."""
    if not is_limited(sight):
        return
    made = {(change.what, change.key[0]): change for change in plan.changes}
    hidden = await hidden_of(session, sight, made)
    if hidden:
        raise ImportRefused(_problem(_row_of(plan, made[named]), named) for named in hidden)


def _row_of(plan: Plan, change: Change) -> int:
    return plan.rows_of.get((change.what, change.key), 1)


def _problem(row: int, named: Named, how: str = "") -> Problem:
    what, code = named
    return Problem(row, what, code, f"a {what} {how}within what you may change")
