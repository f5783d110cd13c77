"""What differs where the database is a server: who upgrades it, and that it may go away."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from registry.database import Database, DatabaseTrouble, current_revision, first_line
from registry.migrations import MigrationRefused, make_ready, migrate, schema_at
from registry.models import Base, Event
from tests.fakes.clock import FakeClock
from tests.fakes.databases import PASSWORD


@pytest.fixture
def blank_url(postgresql_server, tmp_path):
    with postgresql_server.blank(tmp_path) as url:
        yield url


def differences(connection: sa.Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": _differs,
        "include_object": _is_modelled,
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Base.metadata))


def _differs(
    _context: object,
    _found: object,
    column: sa.Column[object],
    default: str | None,
    _modelled: object,
    expected: str | None,
) -> bool | None:
    """None: as Alembic compares. It asks the server whether both are equal, and of JSON no server
    says that.
    """
    if not isinstance(column.type, sa.JSON):
        return None
    return default != (expected and f"'{expected}'::json")


def _is_modelled(_thing: object, name: str | None, *_more: object) -> bool:
    """Trigrams need an extension that a server may not have: nothing depends on them but speed."""
    return name is None or not name.endswith("_trigrams")


async def test_migrations_make_exactly_the_models(blank_url):
    await asyncio.to_thread(migrate, blank_url)

    engine = create_async_engine(blank_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_a_start_refuses_a_server_that_was_not_migrated(blank_url):
    with pytest.raises(MigrationRefused, match=r"schema none.*camreach migrate"):
        make_ready(blank_url)

    assert schema_at(blank_url).found is None
    migrate(blank_url)
    assert make_ready(blank_url).before == schema_at(blank_url).needed


def test_migrations_at_the_same_time_take_turns(blank_url):
    outcomes: list[str | None] = []

    def run() -> None:
        outcomes.append(migrate(blank_url).before)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    newest = migrate(blank_url).after
    assert sorted(outcomes, key=str) == [newest, newest, None]


async def test_a_time_comes_back_as_it_was_whatever_the_zone_of_the_server(blank_url):
    await asyncio.to_thread(migrate, blank_url)
    database, now = Database(blank_url), FakeClock().now()
    async with database.write() as session:
        session.add(Event(at=now, what="started", detail={}))
    async with database.read() as session:
        assert await session.scalar(sa.text("show timezone")) == "Asia/Almaty"
        back = await session.scalar(sa.select(Event.at))
    await database.close()

    assert back is not None
    assert (back, back.utcoffset()) == (now, timedelta(0))


async def test_a_wrong_password_is_said_in_one_line_without_it(blank_url):
    database = Database(blank_url.replace(PASSWORD, "wrong-horse"))
    with pytest.raises(DatabaseTrouble) as caught:
        async with database.read() as session:
            await current_revision(session)

    said = first_line(caught.value)
    assert "password authentication failed" in said
    assert "horse" not in said
    await database.close()


async def test_a_server_that_was_restarted_costs_no_reader_an_error(blank_url):
    await asyncio.to_thread(migrate, blank_url)
    database, other = Database(blank_url), Database(blank_url)
    async with database.read() as session:
        await current_revision(session)
    async with other.read() as session:
        ended = await session.scalars(
            sa.text(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
        assert ended.all() == [True]

    async with database.read() as session:
        assert await current_revision(session) == 0
    await database.close()
    await other.close()


@dataclass(slots=True)
class Line:
    """What lies between us and a server. Who used it before a loss learns of it when he speaks."""

    server: str
    losses: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        losses = self.losses
        answers, questions = await asyncio.open_unix_connection(self.server)
        back = asyncio.create_task(_pass_on(answers, writer))
        while (said := await reader.read(65536)) and self.losses == losses:
            questions.write(said)
        back.cancel()
        questions.transport.abort()
        writer.transport.abort()


async def _pass_on(answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await answers.read(65536):
        writer.write(said)
    writer.close()


async def test_a_server_that_was_lost_without_a_word_costs_no_reader_an_error(blank_url):
    await asyncio.to_thread(migrate, blank_url)
    url = sa.make_url(blank_url)
    line = Line(f"{url.query['host']}/.s.PGSQL.5432")
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket is short
        server = await asyncio.start_unix_server(line.carry, f"{folder}/.s.PGSQL.5432")
        ours = url.set(query={"host": folder}).render_as_string(hide_password=False)
        async with server:
            database = Database(ours, trusted_s=0)
            async with database.read() as session:
                await current_revision(session)
            line.losses += 1

            async with database.read() as session:
                assert await current_revision(session) == 0
            await database.close()
