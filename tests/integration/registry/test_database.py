"""Sessions, the turn to write, and the revision a monitor follows."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest
import sqlalchemy as sa

from registry.database import Database, Rows, bump_revision, current_revision, upsert
from registry.history import row_of_heartbeat
from registry.models import Area, Base, Event, Heartbeat, Program, Vantage
from registry.vocabulary import AreaKind
from tests.fakes.clock import FakeClock


def area(path: str = "region") -> Area:
    return Area(path=path, name="Region", kind=AreaKind.REGION, time_zone="Asia/Almaty")


async def cancelled_once(inside: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def revision_of(database: Database) -> int:
    async with database.read() as session:
        return await current_revision(session)


async def test_a_write_is_seen_by_another_session_as_one_more_revision(database, database_url):
    before = await revision_of(database)

    async with database.write() as session:
        session.add_all([area(), Program(code="carpet", name="Carpet")])
        await session.flush()
        session.add(area("other"))

    elsewhere = Database(database_url)
    assert await revision_of(elsewhere) == before + 1
    await elsewhere.close()


async def test_changes_deletions_and_statements_bump_the_revision(database):
    async with database.write() as session:
        session.add(area())
    async with database.write() as session:
        (await session.scalars(sa.select(Area))).one().name = "Renamed"
    async with database.write() as session:
        await session.execute(sa.update(Area).values(name="Renamed again"))
    async with database.write() as session:
        await session.delete((await session.scalars(sa.select(Area))).one())
    async with database.write() as session:
        await bump_revision(session)

    assert await revision_of(database) == 5


async def test_what_was_observed_and_what_did_not_change_leave_the_revision_alone(database):
    clock = FakeClock()
    async with database.write() as session:
        session.add_all([area(), Vantage(code="here", name="Here")])
    before = await revision_of(database)

    async with database.write() as session:
        session.add(Event(at=clock.now(), what="started", detail={}))
        connection = await session.connection()
        await connection.run_sync(upsert, row_of_heartbeat(1, clock.now(), clock.now()))
        region = (await session.scalars(sa.select(Area))).one()
        region.name = str(region.name)

    assert await revision_of(database) == before


async def test_an_error_takes_back_the_whole_transaction(database):
    async def fail_half_way() -> None:
        async with database.write() as session:
            session.add(area())
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail_half_way()

    async with database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Area)) == 0
    assert await revision_of(database) == 0


async def test_a_cancelled_write_leaves_nothing_and_gives_up_its_turn(database):
    inside = asyncio.Event()

    async def write_forever() -> None:
        async with database.write() as session:
            session.add(area())
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    await cancelled_once(inside, write_forever())

    async with database.write() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Area)) == 0


async def test_writers_take_turns_and_lose_nothing(database):
    async def rename(number: int) -> None:
        async with database.write() as session:
            program = (await session.scalars(sa.select(Program))).one()
            await asyncio.sleep(0)
            program.name = f"{program.name}{number}"

    async with database.write() as session:
        session.add(Program(code="p", name=""))
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(rename(number))

    async with database.read() as session:
        name = await session.scalar(sa.select(Program.name))
    assert sorted(name) == list("01234567")


async def test_a_reader_keeps_its_view_while_a_writer_commits(database):
    async with database.read() as reader:
        before = await current_revision(reader)
        async with database.write() as session:
            session.add(area())

        assert await current_revision(reader) == before


async def test_a_single_statement_is_kept_or_taken_back_whole(database):
    started = {"at": FakeClock().now(), "what": "started", "vantage_id": None, "detail": {}}
    stopped, elsewhere = started | {"what": "stopped"}, started | {"vantage_id": 99}
    async with database.write(single=True) as session:
        await session.execute(sa.insert(Event).values([started]))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(single=True) as session:
            await session.execute(sa.insert(Event).values([stopped, elsewhere]))

    async with database.read(single=True) as session:
        assert (await session.scalars(sa.select(Event.what))).all() == ["started"]


async def test_foreign_keys_are_enforced(database):
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as session:
            session.add(
                Heartbeat(vantage_id=99, started_at=FakeClock().now(), beat_at=FakeClock().now())
            )


_PROGRAM = ("code", "name")
SYNCHRONOUS = {  # what is said of writes that wait for the disk, and of those that do not
    "sqlite": ("PRAGMA synchronous", 2, 1),
    "postgresql": ("SHOW synchronous_commit", "on", "off"),
}


@pytest.mark.parametrize("durable", [True, False])
async def test_durable_writes_wait_for_the_disk(database, durable):
    async with database.write(durable=durable) as session:
        question, waits, goes_on = SYNCHRONOUS[session.get_bind().dialect.name]
        said = await session.scalar(sa.text(question))

    assert said == (waits if durable else goes_on)


async def test_upsert_inserts_then_updates_ten_thousand_rows(database):
    table = Base.metadata.tables["program"]

    def write(connection: sa.Connection) -> None:
        for name in ("first", "second"):
            rows = [(f"p{number}", name) for number in range(10_000)]
            upsert(connection, Rows(table, ("code",), ("code", "name"), rows))

    await database.batch(write, durable=False)

    async with database.read() as session:
        names = await session.execute(
            sa.select(Program.name, sa.func.count()).group_by(Program.name)
        )
        assert names.all() == [("second", 10_000)]


async def test_a_batch_that_is_cancelled_is_done_whole_or_not_at_all(database):
    """It runs in a thread that nobody can stop, or is taken back: what it says is what is there."""
    loop, inside, written = asyncio.get_running_loop(), asyncio.Event(), False

    def write(connection: sa.Connection) -> None:
        loop.call_soon_threadsafe(inside.set)
        for number in range(200):
            rows = [(f"p{number}", "written")]
            upsert(connection, Rows(Base.metadata.tables["program"], ("code",), _PROGRAM, rows))

    async def write_and_go_on() -> None:
        nonlocal written
        await database.batch(write, durable=False)
        written = True
        await asyncio.sleep(0)  # here at the latest

    await cancelled_once(inside, write_and_go_on())

    async with database.write() as session:
        count = await session.scalar(sa.select(sa.func.count()).select_from(Program))
    assert count == (200 if written else 0)


def test_a_database_without_a_file_is_refused():
    with pytest.raises(ValueError, match="names no file"):
        Database("sqlite+aiosqlite://")
