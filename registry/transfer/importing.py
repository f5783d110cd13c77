"""Bytes of a file -> a plan: reads it, and the registry, in a thread's time. It writes nothing."""

from __future__ import annotations

import asyncio
from datetime import date

from registry.changing.inventory import Inventory
from registry.changing.known import load_inventory
from registry.changing.sight import Sight, everything
from registry.changing.writing import Progress
from registry.clock import Clock
from registry.database import Database
from registry.security.sealing import Sealer
from registry.transfer.expanding import at_known_sites, expanded
from registry.transfer.mapping import NO_MAPPING, ColumnMapping
from registry.transfer.plan import Plan
from registry.transfer.planning import make_plan
from registry.transfer.problems import ImportRefused
from registry.transfer.reaching import require_in_sight, require_whole, seen_of
from registry.transfer.statements import gather
from registry.transfer.table import read_table

_STEPS = 3


async def plan_import(
    database: Database,
    data: bytes,
    *,
    sealer: Sealer,
    clock: Clock,
    mapping: ColumnMapping = NO_MAPPING,
    progress: Progress | None = None,
    sight: Sight = everything,
) -> Plan:
    """What importing `data` would do. Raises `ImportRefused` with every problem of the file.

    With a `sight` the rest of the registry is not there: no hint, no login and no value of it shows
    in the plan. Whether all that is new will be in sight, only `apply_plan` knows.
    """
    tell = progress or _tell_nobody
    tell(0, _STEPS, "reading the registry")
    async with database.read() as session:
        known = await seen_of(session, await load_inventory(session, sealer), sight)
    tell(1, _STEPS, "reading the file")
    plan = await asyncio.to_thread(_plan, data, mapping, known, clock.now().date())
    async with database.read() as session:
        await require_whole(session, plan, sight)
    tell(_STEPS, _STEPS, "planned")
    return plan


def _plan(data: bytes, mapping: ColumnMapping, known: Inventory, today: date) -> Plan:
    table = at_known_sites(expanded(read_table(data, mapping)), known)
    try:
        statements = gather(table)
        require_in_sight(statements, known)
        return make_plan(statements, known, rows=len(table.rows), today=today)
    except ImportRefused as error:
        raise error.placed(table.sheet, table.titles) from error


def _tell_nobody(_done: int, _total: int, _what: str) -> None:
    return
