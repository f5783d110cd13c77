"""The change log: what is written down, what never is, and that nothing takes it back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from registry.models import LoggedChange
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import ChangeSource

HEADER = "camera,area,area_name,time_zone,kind,feed,url,username,password,importance\n"
FIRST = HEADER + "C-1,reg,Region,Asia/Almaty,street,main,rtsp://198.18.0.1/1,op,old-word,normal\n"
SECOND = HEADER + "C-1,reg,Region,Asia/Almaty,street,main,rtsp://198.18.0.1/2,op,new-word,high\n"


@pytest.fixture
def take_in(database, sealer, clock):
    async def run(text: str):
        plan = await plan_import(database, text.encode(), sealer=sealer, clock=clock)
        return await apply_plan(
            database, plan, sealer=sealer, clock=clock, who="a clerk", reason="letter 14"
        )

    return run


async def log_of(database) -> list[LoggedChange]:
    async with database.read() as session:
        return list(await session.scalars(sa.select(LoggedChange).order_by(LoggedChange.id)))


async def test_an_import_tells_what_it_made_and_what_it_changed(take_in, database):
    first, second = await take_in(FIRST), await take_in(SECOND)

    made = [row for row in await log_of(database) if row.batch == first.id]
    changed = {row.kind: row for row in await log_of(database) if row.batch == second.id}
    assert [(row.kind, row.code) for row in made] == [
        ("area", "reg"),
        ("credential", "login-198.18.0.1"),
        ("camera", "C-1"),
        ("feed", "C-1/main"),
    ]
    assert all(row.before is None for row in made)
    assert set(changed) == {"credential", "camera", "feed"}
    camera = changed["camera"]
    assert (camera.who, camera.source, camera.reason, camera.camera) == (
        "a clerk",
        ChangeSource.IMPORT,
        "letter 14",
        "C-1",
    )
    assert camera.before is not None
    assert camera.after is not None
    assert (camera.before["importance"], camera.after["importance"]) == ("normal", "high")


async def test_a_login_is_told_as_changed_and_as_nothing_else(take_in, database):
    await take_in(FIRST)
    await take_in(SECOND)

    rows = await log_of(database)
    logins = [(row.after or {}).get("login") for row in rows if row.kind == "credential"]
    assert logins == [None, "changed"]
    assert "word" not in str([(row.before, row.after) for row in rows])


async def test_nothing_changes_or_deletes_what_stands_in_the_log(take_in, database):
    await take_in(FIRST)

    for statement in ("update change set who = 'nobody'", "delete from change"):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
            async with database.write() as session:
                await session.execute(sa.text(statement))
    assert {row.who for row in await log_of(database)} == {"a clerk"}


async def test_an_empty_import_leaves_no_trace(take_in, database):
    await take_in(FIRST)
    before = len(await log_of(database))

    assert await take_in(FIRST) is None
    assert len(await log_of(database)) == before
