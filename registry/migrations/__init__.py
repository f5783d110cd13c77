"""Brings a database to the schema of this camreach, forward only.

It blocks: from a loop, call it in a thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

VERSIONS = Path(__file__).parent / "versions"
_ADVISORY_LOCK = 0x63616D72  # "camr": one migration at a time on PostgreSQL


class MigrationRefused(Exception):
    """The database cannot be brought to this schema; it was left as it was."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which schema to which; `copy` is the file kept of the database as it was before."""

    before: str | None
    after: str
    copy: Path | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema a database has, None while it has none, and the one this camreach works with."""

    found: str | None
    needed: str

    @property
    def fits(self) -> bool:
        return self.found == self.needed


def schema_at(url: str) -> Schema:
    """Looks and changes nothing; a file that is not there has no schema and is not made."""
    parsed, scripts = sa.make_url(url), _Scripts((VERSIONS,))
    if parsed.get_backend_name() != "sqlite":
        return Schema(asyncio.run(_schema_on_server(parsed, scripts)), scripts.head)
    if not Path(parsed.database or "").is_file():
        return Schema(None, scripts.head)
    engine = sa.create_engine(parsed.set(drivername="sqlite"), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return Schema(scripts.schema_of(connection), scripts.head)
    finally:
        engine.dispose()


def make_ready(url: str) -> Migrated:
    """What a start may do by itself: upgrade its own file, never a server that others may use."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        return migrate(url)
    schema = schema_at(url)
    if not schema.fits:
        raise MigrationRefused(
            f"the database has schema {schema.found or 'none'}, this camreach needs "
            f"{schema.needed}: stop every camreach that uses it, keep a backup of what it holds, "
            "then run `camreach migrate`"
        )
    return Migrated(schema.needed, schema.needed)


def is_known(schema: str) -> bool:
    """Whether this camreach can take a database of that schema over."""
    return schema in _Scripts((VERSIONS,)).known


def migrate(url: str, versions: Sequence[Path] = (VERSIONS,)) -> Migrated:
    """Upgrade the database at `url` to the newest schema, creating it if need be.

    `versions` are the folders of migration files; a test adds one that is not released.
    """
    parsed = sa.make_url(url)
    scripts = _Scripts(versions)
    if parsed.get_backend_name() == "sqlite":
        return _migrate_file(parsed, scripts)
    return asyncio.run(_migrate_server(parsed, scripts))


class _Scripts:
    """The migration files, and the schema they lead to."""

    def __init__(self, versions: Sequence[Path]) -> None:
        self.config = Config()
        self.config.set_main_option("script_location", _escaped(Path(__file__).parent))
        self.config.set_main_option("path_separator", "newline")
        self.config.set_main_option("version_locations", "\n".join(map(_escaped, versions)))
        directory = ScriptDirectory.from_config(self.config)
        self.known = {script.revision for script in directory.walk_revisions()}
        head = directory.get_current_head()
        if head is None:
            raise MigrationRefused("this installation of camreach carries no migrations")
        self.head = head

    def schema_of(self, connection: sa.Connection) -> str | None:
        """The schema a database has; None for an empty one."""
        schema = MigrationContext.configure(connection).get_current_revision()
        if schema is not None and schema not in self.known:
            raise MigrationRefused(
                f"the database has schema {schema!r}, this camreach knows schemas up to "
                f"{self.head!r}: it was written by a newer camreach; install that one, or "
                "restore a backup"
            )
        return schema

    def upgrade(self, connection: sa.Connection) -> str | None:
        """Run what is missing on this connection; the schema it had before."""
        before = self.schema_of(connection)
        self.config.attributes["connection"] = connection
        command.upgrade(self.config, "head")
        return before


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _migrate_file(url: sa.URL, scripts: _Scripts) -> Migrated:
    path = Path(url.database or "")
    _create_private(path)
    engine = sa.create_engine(url.set(drivername="sqlite"), poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _leave_transactions_to_us)
    try:
        with engine.connect() as connection:
            before = scripts.schema_of(connection)
            connection.rollback()
            if before == scripts.head:
                return Migrated(before, before)
            copy = _copy_of(connection, path, scripts.head) if before else None
            # Rebuilding a table under foreign keys deletes its children; the switch has no effect
            # inside a transaction, so it comes first and the check comes last.
            _autocommitted(connection, "PRAGMA journal_mode = WAL")
            _autocommitted(connection, "PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            before = scripts.upgrade(connection)
            _refuse_orphans(connection)
            connection.commit()
            return Migrated(before, scripts.head, copy)
    finally:
        engine.dispose()


async def _migrate_server(url: sa.URL, scripts: _Scripts) -> Migrated:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            return Migrated(await connection.run_sync(scripts.upgrade), scripts.head)
    finally:
        await engine.dispose()


async def _schema_on_server(url: sa.URL, scripts: _Scripts) -> str | None:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(scripts.schema_of)
    finally:
        await engine.dispose()


def _copy_of(connection: sa.Connection, path: Path, head: str) -> Path:
    """A copy beside the file, made before an upgrade of a database that holds something."""
    copy = path.with_name(f"{path.name}.before-{head}")
    copy.unlink(missing_ok=True)
    _create_private(copy)
    connection.execute(sa.text("VACUUM INTO :copy"), {"copy": str(copy)})
    connection.rollback()
    return copy


def _create_private(path: Path) -> None:
    """Where cameras are is sensitive: the file, and with it its WAL, is its owner's only."""
    if not path.parent.is_dir():
        raise MigrationRefused(f"the folder {str(path.parent)!r} of the database does not exist")
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _refuse_orphans(connection: sa.Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        connection.rollback()
        tables = sorted({str(row[0]) for row in orphans})
        raise MigrationRefused(
            f"the upgrade would leave {len(orphans)} rows of {tables} without parents"
        )


def _autocommitted(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
    connection.rollback()


def _leave_transactions_to_us(connection: object, _entry: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # sqlite3.Connection
