"""What every mapped class shares: names of constraints, UTC times, closed words, the revision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_TIMES = 1024  # a second's batch: seven are bound for a look, of which half are the same


class Utc(sa.types.TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite keeps it without a zone, PostgreSQL as timestamptz."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any] | None:
        """The text that SQLite's own type would write, in one step, and once for the same time."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        at = None if value is None else _in_utc(value)
        return at.replace(tzinfo=None) if at and dialect.name == "sqlite" else at

    def result_processor(
        self, dialect: sa.Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """One step again, and none for what asyncpg gives: it is UTC, whatever the server's zone.

        A list of a hundred cameras reads a thousand times.
        """
        return _from_sqlite_text if dialect.name == "sqlite" else None


@lru_cache(_TIMES)
def _sqlite_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_sqlite_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone reached the database: {value!r}")
    return value.astimezone(UTC)


def word(closed: type[StrEnum], *, growing: bool = False) -> sa.Enum:
    """A column of a closed vocabulary. `growing` ones have no CHECK: a new word is no migration."""
    return sa.Enum(
        closed,
        native_enum=False,
        create_constraint=not growing,
        length=32,
        name=closed.__name__.lower(),
        values_callable=lambda enum: [member.value for member in enum],
    )


Code = Annotated[str, mapped_column(sa.String(64))]
Name = Annotated[str, mapped_column(sa.String(200))]


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Utc(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }


class Revised:
    """Marks a class whose every write bumps the revision that a running monitor follows."""


class Retirable:
    """What may go out of use: its history stays and its code is not used again."""

    retired_at: Mapped[datetime | None]


def made_up_code() -> str:
    """For a thing that nobody gave a code."""
    return uuid.uuid4().hex[:12]


class Revision(Base):
    """One row: how often the registry was written. The monitor polls it instead of the tables."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
