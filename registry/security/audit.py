"""The audit log: who did what to what, written in the transaction of the deed and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import AuditEntry
from registry.security.redaction import redacted


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
    session.add(
        AuditEntry(
            at=now,
            who=who[:100],
            action=action[:64],
            subject=subject[:200],
            detail=redacted(dict(detail)),
            address=address[:64],
            request_id=request_id[:32],
        )
    )
    await session.flush()
