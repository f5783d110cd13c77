"""One monitor a database: two would double every session and cut each other's history."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

_WATCHING = 0x63616D73  # "cams"; migrations take turns on another number


class HeldElsewhere(Exception):
    """Another process watches with this database; the message names it."""


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Hold the database of `url` for one monitor, as long as this is open.

    The lock is the kernel's, or the server's for its connection: it ends with the process however
    that ends.
    """
    database = sa.make_url(url)
    if database.get_backend_name() != "sqlite":
        async with _held_on_server(database):
            yield
        return
    holding = held_file(Path(database.database or ""))
    await asyncio.to_thread(holding.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(holding.__exit__, None, None, None)


@contextmanager
def held_file(database: Path) -> Iterator[None]:
    """The same for a file alone, blocking."""
    path = database.with_name(f"{database.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            raise HeldElsewhere(
                f"{database} is in use: another camreach (pid {holder}) watches with it"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@asynccontextmanager
async def _held_on_server(url: sa.URL) -> AsyncIterator[None]:
    """A connection of its own, outside any transaction, that does nothing but hold the lock."""
    engine = create_async_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            if not await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_WATCHING))):
                raise HeldElsewhere(
                    f"database {url.database!r} is in use: another camreach watches with it"
                )
            yield
    finally:
        await engine.dispose()
