"""Oneself, and for admins accounts, tokens and the audit log. The API does all deeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

import sqlalchemy as sa
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.accounts import AccountShape
from registry.api.audit import AuditQuery, read_audit
from registry.api.problems import FieldError, Problem, refused
from registry.api.tokens import TokenShape
from registry.models import Account, ApiToken, WebSession
from registry.security.accounts import ROLES
from registry.security.sessions import sessions_of
from registry.serving import SERVING
from registry.vocabulary import Role
from registry.web.changes import midnight
from registry.web.deeds import DEEDS
from registry.web.local_time import zone_of_reader
from registry.web.rendering import CALLER, render
from registry.web.zones import ZONES

MOST_TOKENS: Final = 500  # the latest


@dataclass(frozen=True, slots=True)
class Person:
    account: AccountShape
    sessions: Sequence[WebSession]


async def show_me(request: web.Request) -> web.StreamResponse:
    caller, now = request[CALLER], request.app[SERVING].clock.now()
    principal = caller.principal
    by_password = principal.account_id is not None and principal.token_id is None
    async with request.app[SERVING].database.read() as session:
        zone = await zone_of_reader(request, session)
        sessions = (
            await sessions_of(session, principal.account_id, now)
            if caller.by_cookie and by_password and principal.account_id is not None
            else None
        )
    current = principal.session_id
    return render(request, "me.html", sessions=sessions, current=current, zone=zone)


async def show_people(request: web.Request) -> web.StreamResponse:
    now = request.app[SERVING].clock.now()
    async with request.app[SERVING].database.read() as session:
        zone = await zone_of_reader(request, session)
        people = await _people(session, now)
        tokens = await _tokens(session)
    return render(
        request,
        "people.html",
        people=people,
        tokens=tokens,
        zone=zone,
        offset=f"{now.astimezone(request.app[ZONES][zone]):%z}",
        roles=ROLES,
        all_roles=tuple(Role),
    )


async def show_audit(request: web.Request) -> web.StreamResponse:
    """Days are whole days, in the time of the page."""
    given = {name: value.strip() for name, value in request.query.items() if value.strip()}
    async with request.app[SERVING].database.read() as session:
        zone = await zone_of_reader(request, session)
        query = _audit_query(given, request.app[ZONES][zone])
        page = await read_audit(session, query)
    return render(
        request,
        "audit.html",
        given=given,
        zone=zone,
        deeds=tuple(DEEDS),
        items=page.items,
        next=page.next,
    )


async def _people(session: AsyncSession, now: datetime) -> list[Person]:
    accounts = list(await session.scalars(sa.select(Account).order_by(Account.folded)))
    held = sa.select(WebSession).where(
        WebSession.account_id.is_not(None), WebSession.expires_at > now
    )
    sessions = list(await session.scalars(held.order_by(WebSession.id.desc())))
    return [
        Person(AccountShape.of(each), [one for one in sessions if one.account_id == each.id])
        for each in accounts
    ]


async def _tokens(session: AsyncSession) -> list[TokenShape]:
    statement = (
        sa.select(ApiToken, Account.name)
        .outerjoin(Account, Account.id == ApiToken.account_id)
        .order_by(ApiToken.id.desc())
        .limit(MOST_TOKENS)
    )
    rows = await session.execute(statement)
    return [TokenShape.of(token, account) for token, account in rows]


def _audit_query(given: dict[str, str], zone: tzinfo) -> AuditQuery:
    try:
        return AuditQuery.model_validate(
            {
                **{name: value for name, value in given.items() if name not in ("since", "until")},
                "since": midnight(_day(given, "since"), zone),
                "until": midnight(_day(given, "until"), zone, days_later=1),
            }
        )
    except ValidationError as error:
        raise refused("query", error) from error


def _day(given: dict[str, str], name: str) -> date | None:
    said = given.get(name)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        detail = f"{said!r}, expected a day as in 2026-11-22"
        errors = [FieldError(field=f"query.{name}", detail=detail)]
        raise Problem(422, detail, errors=errors) from None
