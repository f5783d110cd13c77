"""/api/v1/audit: who did and saw what. It can be read, and that is all that can be done with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.routing import Call, Nothing, Route, Strict
from registry.models import AuditEntry
from registry.security.access import Access


class AuditQuery(Strict):
    """All filters must hold; the newest first."""

    who: str | None = Field(None, max_length=100)
    action: str | None = Field(None, max_length=64)
    subject: str | None = Field(None, max_length=200)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(100, ge=1, le=1000)
    cursor: int | None = Field(None, ge=1, le=2**31 - 1, description="`next` of the page before")


class AuditShape(BaseModel):
    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, Any]
    address: str
    request_id: str


class AuditPage(BaseModel):
    items: list[AuditShape]
    next: int | None


async def list_audit(call: Call[Nothing, AuditQuery, Nothing]) -> AuditPage:
    async with call.serving.database.read() as session:
        return await read_audit(session, call.query)


async def read_audit(session: AsyncSession, query: AuditQuery) -> AuditPage:
    statement = sa.select(AuditEntry).where(*_conditions(query)).order_by(AuditEntry.id.desc())
    found = list(await session.scalars(statement.limit(query.limit + 1)))
    shown = found[: query.limit]
    return AuditPage(
        items=[AuditShape.model_validate(entry, from_attributes=True) for entry in shown],
        next=shown[-1].id if len(found) > len(shown) else None,
    )


def _conditions(query: AuditQuery) -> list[sa.ColumnElement[bool]]:
    given = query.model_dump(include={"who", "action", "subject"}, exclude_none=True)
    found = [getattr(AuditEntry, name) == value for name, value in given.items()]
    if query.since is not None:
        found.append(AuditEntry.at >= query.since)
    if query.until is not None:
        found.append(AuditEntry.at < query.until)
    if query.cursor is not None:
        found.append(AuditEntry.id < query.cursor)
    return found


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/audit",
        name="listAudit",
        tag="people",
        summary="The audit log, the newest first",
        access=Access.ADMIN_OF_ALL,
        handler=list_audit,
        query_model=AuditQuery,
        answers=AuditPage,
    ),
)
