"""Papers, desks and responsibility by file: planned, written, taken back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from registry.changing.carrying_out import hold, write
from registry.changing.inventory import What
from registry.changing.log import new_batch
from registry.changing.sight import everything
from registry.changing.undoing import plan_undo
from registry.models import Assignment, Contact, Contract, Contractor
from registry.transfer import ImportRefused, apply_plan, plan_import
from registry.vocabulary import ChangeSource

FILE = (
    "Код подрядчика;Подрядчик;Договор;Дата договора;Контакт;contact_name;Телефон;"
    "assignment;assignment_area;assignment_hops;assignment_from;area;area_name;time_zone\n"
    "almatel;Алмател;2026-1;01.02.2026;desk;Дежурный;+7 700 000 00 00;"
    "as-1;reg;relay camera;2026-02-01T00:00+05:00;reg;Region;Asia/Almaty\n"
)


async def held(database) -> list[int]:
    models = (Contractor, Contract, Contact, Assignment)
    async with database.read() as session:
        counts = [sa.select(sa.func.count()).select_from(each) for each in models]
        return [await session.scalar(each) for each in counts]


async def test_a_row_brings_paper_desk_and_responsibility_and_all_is_taken_back(
    database, sealer, clock
):
    plan = await plan_import(database, FILE.encode(), sealer=sealer, clock=clock)
    batch = await apply_plan(database, plan, sealer=sealer, clock=clock)
    after: dict[What, Any] = {change.what: change.after for change in plan.changes}
    again = await plan_import(database, FILE.encode(), sealer=sealer, clock=clock)
    written = await held(database)

    assert after[What.CONTRACT].contractor == after[What.CONTACT].contractor == "almatel"
    assert after[What.ASSIGNMENT].contract == "2026-1"
    assert after[What.ASSIGNMENT].hops == ("camera", "relay")
    assert after[What.ASSIGNMENT].starts_at.isoformat() == "2026-01-31T19:00:00+00:00"
    assert (again.changes, written) == ((), [1, 1, 1, 1])

    assert batch is not None
    undo = new_batch("undoer", ChangeSource.UNDO, clock.now())
    async with database.write() as session:
        await hold(session)
        preview = await plan_undo(session, batch.id, undo, sealer, everything)
        await write(session, preview.changes, undo, sealer, everything)
    assert (preview.conflicts, await held(database)) == ((), [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contact,contact_name\nd,Desk", "exactly one of contractor, center, site"),
        ("contract,contract_from\nc,2026-01-01", "a value: contract c is not registered yet"),
        ("contract,contract_contractor,contract_from\nc,gone,2026-01-01", "a contractor of"),
        ("assignment,assignment_from\na,2026-01-01", "a moment with its zone"),
        ("assignment,assignment_hops\na,camera moon", "one of camera, recorder, relay, center"),
        ("contractor_name,contract\nFirm,c", "a contractor for contractor_name"),
    ],
)
async def test_what_is_missing_is_told_by_its_column(database, sealer, clock, text, expected):
    with pytest.raises(ImportRefused) as refused:
        await plan_import(database, text.encode(), sealer=sealer, clock=clock)

    assert expected in str(refused.value)
