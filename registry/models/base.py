"""What every mapped class shares: names of constraints, UTC times, closed words, the revision."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
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


class Utc(sa.types.TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite keeps it without a zone, PostgreSQL as timestamptz."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the database: {value!r}")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
