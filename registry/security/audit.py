"""The audit log: who did what to what, in the transaction of the deed. Nothing changes an entry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import AuditEntry
from registry.security.redaction import redacted

_BATCH: Final = 500

Entry = dict[str, Any]


async def record(
    session: AsyncSession,
    who: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now: datetime,
    *,
    address: str = "",
    request_id: str = "",
) -> None:
    row = entry(who, action, subject, detail, now, address=address, request_id=request_id)
    await record_all(session, [row])


async def record_all(session: AsyncSession, entries: Sequence[Entry]) -> None:
    await session.execute(sa.insert(AuditEntry), entries)


def entry(
    who: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now: datetime,
    *,
    address: str,
    request_id: str,
) -> Entry:
    return {
        "at": now,
        "who": who[:100],
        "action": action[:64],
        "subject": subject[:200],
        "detail": redacted(dict(detail)),
        "address": address[:64],
        "request_id": request_id[:32],
    }


async def all_entries(session: AsyncSession) -> AsyncIterator[dict[str, Any]]:
    """The oldest first, in batches: a log of years takes no more memory than one of a day."""
    last = 0
    entries = sa.select(AuditEntry).order_by(AuditEntry.id).limit(_BATCH)
    while found := (await session.scalars(entries.where(AuditEntry.id > last))).all():
        for entry in found:
            columns = AuditEntry.__table__.columns
            shown = {column.key: getattr(entry, column.key) for column in columns}
            yield shown | {"at": entry.at.isoformat()}
        last = found[-1].id
        session.expunge_all()
