"""What SQLite and PostgreSQL do differently, and nothing else.

No other file asks which database it talks to, but the migrations.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from registry.folding import SQLITE_NAME, folded

BUSY_TIMEOUT_MS = 10_000
# A connection that was in use so short a time ago is not asked whether it is there.
TRUSTED_S = 30.0
_SYNCHRONOUS = "camreach_synchronous"
_MOST_STATEMENTS = 64  # few tables are upserted, each with one set of columns

_PLANNING = {
    # Compiling a statement of ours takes PostgreSQL longer than running it.
    "jit": "off",
    # A plan that is good for any text and any area is very bad for most of them.
    "plan_cache_mode": "force_custom_plan",
    # All that is asked for by page is in memory; disks that turn are what 4 was meant for.
    "random_page_cost": "1.1",
}

# Answered with "ok" by a sound database. A server checks its pages itself, as it reads them.
INTEGRITY = {"sqlite": "PRAGMA quick_check(1)"}


class Use(StrEnum):
    """What a transaction is for, as an execution option of its connection."""

    READ = "read"  # one consistent view, however many statements
    ASK = "ask"  # a single statement
    WRITE = "write"
    BATCH = "batch"  # a power cut may lose the last, never tear one
    RECORD = "record"  # a single statement that writes


_USE = "camreach_use"
# A single statement is a transaction by itself: BEGIN and COMMIT would be two round trips more.
_ISOLATION = {
    Use.READ: "REPEATABLE READ",  # a reader sees one moment, as it does in SQLite
    Use.ASK: "AUTOCOMMIT",
    Use.WRITE: "READ COMMITTED",
    Use.BATCH: "READ COMMITTED",
    Use.RECORD: "AUTOCOMMIT",
}


def engine_options(dialect: str) -> dict[str, Any]:
    if dialect == "sqlite":
        return {}
    # The connection used last is used next: it has the statements prepared.
    return {"pool_use_lifo": True, "connect_args": {"server_settings": _PLANNING}}


def options_for(use: Use, dialect: str) -> dict[str, Any]:
    """The execution options of an engine that is used so."""
    return {_USE: use} | ({} if dialect == "sqlite" else {"isolation_level": _ISOLATION[use]})


def prepare(engine: sa.Engine, *, trusted_s: float = TRUSTED_S) -> None:
    """Teach an engine's connections our manners: WAL, foreign keys, and who may begin a write."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_connected)
        sa.event.listen(engine, "begin", _sqlite_begin)
    else:
        _notice_restarts(engine, trusted_s)
        sa.event.listen(engine, "begin", _postgresql_begin)
        # Many rows in one INSERT: a third less work for the server than one by one.
        engine.dialect.use_insertmanyvalues_wo_returning = True


def threads_for(url: sa.URL) -> dict[Use, sa.Engine]:
    """For whole transactions in a thread, where the driver is but a thread with a queue: the batch
    of a second would go there and back fourteen times. None where it waits for a server.
    """
    if url.get_backend_name() != "sqlite":
        return {}
    engine = sa.create_engine(url.set(drivername="sqlite"))
    prepare(engine)
    return {
        use: engine.execution_options(**options_for(use, "sqlite"))
        for use in (Use.WRITE, Use.BATCH)
    }


def _notice_restarts(engine: sa.Engine, trusted_s: float) -> None:
    """A server may have been restarted since its connection was last used; a file may not.

    It then closed the connection, which the driver saw: asking the server each time would be three
    round trips for nothing. Who says nothing when he goes is found out by asking after a pause.
    """
    returned = "returned"

    def check_in(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[returned] = time.monotonic()

    def check_out(
        connection: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        is_trusted = time.monotonic() - entry.info.get(returned, time.monotonic()) < trusted_s
        if connection.driver_connection.is_closed() or not (is_trusted or _answers(connection)):
            raise sa.exc.InvalidatePoolError

    def _answers(connection: Any) -> bool:
        try:
            return engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            return False

    sa.event.listen(engine, "checkin", check_in)
    sa.event.listen(engine, "checkout", check_out)


def _sqlite_connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, before some statements only.
    connection.isolation_level = None
    connection.create_function(SQLITE_NAME, 1, _folded, deterministic=True)
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _sqlite_begin(connection: sa.Connection) -> None:
    use = connection.get_execution_options()[_USE]
    if use in (Use.READ, Use.ASK):
        connection.exec_driver_sql("BEGIN")
        return
    _wait_for_disk(connection, "NORMAL" if use is Use.BATCH else "FULL")
    # A transaction that reads first and writes later fails at once, busy timeout or not, when
    # somebody else wrote in between; IMMEDIATE waits for its turn at the start instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _wait_for_disk(connection: sa.Connection, manner: str) -> None:
    """A connection keeps its manner: batches, one a second, all have the same."""
    if connection.info.get(_SYNCHRONOUS) != manner:
        connection.exec_driver_sql(f"PRAGMA synchronous = {manner}")
        connection.info[_SYNCHRONOUS] = manner


def _postgresql_begin(connection: sa.Connection) -> None:
    use = connection.get_execution_options()[_USE]
    if use in (Use.WRITE, Use.BATCH):
        # What is written goes by keys, thousands of times: one plan for all of it.
        connection.exec_driver_sql("SET LOCAL plan_cache_mode TO auto")
    if use is Use.BATCH:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


class Ids(sa.types.TypeDecorator[Sequence[int]]):
    """Any number of ids as one value."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind = sa.Text() if dialect.name == "sqlite" else sa.ARRAY(sa.Integer())
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[int] | None, dialect: sa.Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class among(FunctionElement[bool]):
    """Whether a column is one of `Ids`: one statement, where IN is another one for each number.

    Each of those would be compiled here and planned on the server.
    """

    type = sa.Boolean()
    inherit_cache = True
    name = "among"


@compiles(among, "sqlite")
def _among_in_sqlite(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  # compiled SQL


@compiles(among)
def _among_in_others(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({ids})"


@lru_cache(_MOST_STATEMENTS)
def upsert_statement(
    dialect: str, table: sa.Table, columns: tuple[str, ...], keys: tuple[str, ...]
) -> sa.Executable:
    """INSERT that updates the row with the same `keys` instead, if there is anything to update.

    Made once: `excluded` is a copy of the whole table, and the batch of a second needs three.
    """
    insert: Any = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert(table)
    others = {name: statement.excluded[name] for name in columns if name not in keys}
    if not others:
        conflict: sa.Executable = statement.on_conflict_do_nothing(index_elements=keys)
    else:
        conflict = statement.on_conflict_do_update(index_elements=keys, set_=others)
    return conflict


@dataclass(frozen=True, slots=True)
class _Bound:
    """A statement as the driver takes it: its text, and of which value each place is made how."""

    text: str
    places: tuple[tuple[int, Callable[[Any], Any] | None], ...]

    def bind(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Column by column: row by row each value would be asked for by its name."""
        columns = list(zip(*rows, strict=True))
        bound = (map(make, columns[of]) if make else columns[of] for of, make in self.places)
        return list(zip(*bound, strict=True))


def upsert_rows(
    connection: sa.Connection,
    table: sa.Table,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Rows with their values in the order of `columns`."""
    dialect = connection.dialect
    if dialect.name == "sqlite":
        bound = _bound(dialect, table, columns, keys)
        connection.exec_driver_sql(bound.text, bound.bind(rows))
    else:  # many rows in one statement: only SQLAlchemy can write that
        statement = upsert_statement(dialect.name, table, columns, keys)
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.execute(statement, named)


@lru_cache(_MOST_STATEMENTS)
def _bound(
    dialect: sa.Dialect, table: sa.Table, columns: tuple[str, ...], keys: tuple[str, ...]
) -> _Bound:
    statement: Any = upsert_statement(dialect.name, table, columns, keys)
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    places = (
        (columns.index(name), table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup
    )
    return _Bound(str(compiled), tuple(places))
