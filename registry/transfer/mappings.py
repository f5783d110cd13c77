"""Column mappings kept by name. Who saves or deletes one is audited by the caller."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import ImportMapping
from registry.transfer.mapping import ColumnMapping

MAX_MAPPINGS: Final = 500
NAME = re.compile(r"[^\W_][\w .-]{0,63}")


class NoSuchMapping(LookupError):
    """There is none by that name."""


class NameTaken(ValueError):
    """Another mapping goes by it."""


class BadMapping(ValueError):
    """It cannot be saved so; the message says what was expected."""


async def find_mapping(session: AsyncSession, name: str) -> ColumnMapping:
    return ColumnMapping.model_validate((await _known(session, name)).definition)


async def list_mappings(session: AsyncSession) -> list[ImportMapping]:
    return list(await session.scalars(sa.select(ImportMapping).order_by(ImportMapping.name)))


async def save_mapping(
    session: AsyncSession, name: str, mapping: ColumnMapping, who: str, now: datetime
) -> None:
    """A mapping of that name is replaced."""
    _check(name)
    row = await _row(session, name)
    if row is None:
        held = await session.scalar(sa.select(sa.func.count()).select_from(ImportMapping)) or 0
        if held >= MAX_MAPPINGS:
            raise BadMapping(f"{held} mappings are saved already, expected at most {MAX_MAPPINGS}")
        row = ImportMapping(name=name)
        session.add(row)
    row.definition = mapping.model_dump(mode="json", exclude_defaults=True)
    row.changed_at, row.changed_by = now, who[:100]
    await session.flush()


async def rename_mapping(
    session: AsyncSession, name: str, new: str, who: str, now: datetime
) -> ColumnMapping:
    _check(new)
    row = await _known(session, name)
    if new != name and await _row(session, new) is not None:
        raise NameTaken(f"there is a mapping named {new!r} already")
    row.name, row.changed_at, row.changed_by = new, now, who[:100]
    await session.flush()
    return ColumnMapping.model_validate(row.definition)


async def delete_mapping(session: AsyncSession, name: str) -> None:
    await session.delete(await _known(session, name))
    await session.flush()


def _check(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadMapping(f"{name!r}, expected letters, digits, spaces and . _ - (at most 64)")


async def _known(session: AsyncSession, name: str) -> ImportMapping:
    row = await _row(session, name)
    if row is None:
        raise NoSuchMapping(f"there is no mapping named {name!r}")
    return row


async def _row(session: AsyncSession, name: str) -> ImportMapping | None:
    return await session.scalar(sa.select(ImportMapping).where(ImportMapping.name == name))
