"""The one way to the database: sessions to read, one transaction at a time to write.

It knows no table but `revision`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from registry.dialects import (
    TRUSTED_S,
    Use,
    engine_options,
    options_for,
    prepare,
    threads_for,
    upsert_rows,
)
from registry.models import Revised, Revision

THE_REVISION = 1

# What a database that is full, locked or gone raises; who must live through it catches this.
DatabaseTrouble = (sa.exc.SQLAlchemyError, OSError)
# What an address that cannot be used raises before any connection: no driver, no such dialect.
DatabaseUnusable = (sa.exc.SQLAlchemyError, ImportError, ValueError)
UPSERT_SLICE = 1_000  # rows made and bound between two breaths of the loop

_BUMPED = "revision_bumped"


class RegistrySession(Session):
    """A session whose first write to a `Revised` class in a transaction bumps the revision."""


class Database:
    """An engine and the turn to write. Whoever creates it closes it.

    `url` names the driver: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`. A database in
    memory has as many contents as connections, so it is refused.
    """

    def __init__(self, url: str, *, trusted_s: float = TRUSTED_S) -> None:
        parsed = sa.make_url(url)
        dialect = parsed.get_backend_name()
        if dialect == "sqlite" and parsed.database in (None, "", ":memory:"):
            raise ValueError(f"database url {url!r} names no file")
        self._engine = create_async_engine(parsed, **engine_options(dialect))
        prepare(self._engine.sync_engine, trusted_s=trusted_s)
        self._engines = {
            use: self._engine.execution_options(**options_for(use, dialect)) for use in Use
        }
        self._threads = threads_for(parsed)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self, *, single: bool = False) -> AsyncIterator[AsyncSession]:
        """A session over one consistent view; what is written through it is rolled back.

        `single`: for one statement and no more, which is cheaper on a server.
        """
        async with self._session(Use.ASK if single else Use.READ) as session:
            yield session

    @asynccontextmanager
    async def write(
        self, *, durable: bool = True, single: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back on any error; one at a time.

        `durable=False` is for result batches: a power cut may lose the last, never tear one.
        `single`: for one statement and no more, so not for a `Revised` class, which bumps.
        """
        use = Use.RECORD if single else Use.WRITE if durable else Use.BATCH
        async with self._turn, self._session(use) as session, _committed(session):
            yield session

    async def batch(self, write: Callable[[sa.Connection], None], *, durable: bool) -> None:
        """One transaction of rows alone: a plain function over a plain connection.

        It may run in a thread, so it has its values to itself. It bumps no revision.
        """
        use = Use.WRITE if durable else Use.BATCH
        async with self._turn:
            if self._threads:
                await _to_its_end(partial(_in_one_go, self._threads[use], write))
                return
            async with self._engines[use].connect() as connection:
                await connection.run_sync(_transacted, write)

    async def close(self) -> None:
        await self._engine.dispose()
        for engine in self._threads.values():
            await asyncio.to_thread(engine.dispose)

    def _session(self, use: Use) -> AsyncSession:
        return AsyncSession(
            self._engines[use], sync_session_class=RegistrySession, expire_on_commit=False
        )


@asynccontextmanager
async def _committed(session: AsyncSession) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await session.rollback()
        raise
    await session.commit()


def _transacted(connection: sa.Connection, write: Callable[[sa.Connection], None]) -> None:
    with connection.begin():
        write(connection)


def _in_one_go(engine: sa.Engine, write: Callable[[sa.Connection], None]) -> None:
    with engine.begin() as connection:
        write(connection)


async def _to_its_end(job: Callable[[], None]) -> None:
    """In a thread, which nobody can stop: a cancellation is heard once the job is over. One that
    was done is never told as cancelled, or it would be done again.
    """
    running = asyncio.ensure_future(asyncio.to_thread(job))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        task = asyncio.current_task()
        if task is None or running.exception() is not None:
            raise
        task.cancel()


def file_of(url: str) -> Path | None:
    """The file a URL names; None for a server."""
    parsed = sa.make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def shown(url: str) -> str:
    """A URL as it may be told: without the password."""
    return sa.make_url(url).render_as_string(hide_password=True)


def first_line(trouble: Exception) -> str:
    """What a driver said, without the statement and the links that follow it."""
    said = str(trouble.orig) if isinstance(trouble, sa.exc.DBAPIError) else str(trouble)
    return said.partition("\n")[0]


async def current_revision(session: AsyncSession) -> int:
    """How often the registry was written; a monitor compares it with the one it last loaded."""
    value = await session.scalar(sa.select(Revision.value).where(Revision.id == THE_REVISION))
    if value is None:
        raise LookupError("the revision row is missing: the database was not migrated")
    return value


async def bump_revision(session: AsyncSession) -> None:
    """For statements the session cannot see into, such as `upsert` on a table."""
    await session.run_sync(_bump)


class Rows(NamedTuple):
    """Rows for one table, values in the order of `columns`; `keys` tell which are there already."""

    table: sa.Table
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    values: Iterable[tuple[Any, ...]]


def upsert(connection: sa.Connection, *tables: Rows) -> None:
    """Insert rows, or update those that are there. It bumps no revision."""
    for table, keys, columns, values in tables:
        rest = iter(values)
        while rows := list(islice(rest, UPSERT_SLICE)):
            upsert_rows(connection, table, keys, columns, rows)


def _bump(session: Session) -> None:
    if session.info.get(_BUMPED):
        return
    session.info[_BUMPED] = True
    session.connection().execute(
        sa.update(Revision).where(Revision.id == THE_REVISION).values(value=Revision.value + 1)
    )


@sa.event.listens_for(RegistrySession, "after_flush")
def _objects_written(session: Session, _work: UOWTransaction) -> None:
    changed = (*session.new, *session.deleted, *filter(session.is_modified, session.dirty))
    if any(isinstance(each, Revised) for each in changed):
        _bump(session)


@sa.event.listens_for(RegistrySession, "do_orm_execute")
def _statement_executed(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and mapper is not None and issubclass(mapper.class_, Revised):
        _bump(state.session)


@sa.event.listens_for(RegistrySession, "after_commit")
def _committed_once(session: Session) -> None:
    session.info.pop(_BUMPED, None)


@sa.event.listens_for(RegistrySession, "after_soft_rollback")
def _rolled_back(session: Session, _previous: Any) -> None:
    session.info.pop(_BUMPED, None)
