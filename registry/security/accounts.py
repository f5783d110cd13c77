"""Accounts of people: made, changed, signed in to. A password comes in and never goes out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import Database
from registry.models import Account, WebSession
from registry.security.attempts import Attempts
from registry.security.audit import record
from registry.security.delays import FREE_FOR_ACCOUNT, delay_s
from registry.security.limits import require_existing
from registry.security.passwords import CROWDED_S, Crowded, Passwords
from registry.security.principals import Principal, limit, of_account
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import Role

ROLES: Final = (Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.CONTRACTOR)
NAME_CHARS: Final = 128  # of the folded name: some letters fold into two
ADDRESSES_KNOWN: Final = 8  # of an account: from where its owner signed in last


class AccountExists(Exception):
    """The name is taken, in whatever case it was written."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing was compared: too many wrong passwords lately."""

    seconds: float

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(math.ceil(self.seconds))}


async def create_account(
    session: AsyncSession,
    *,
    name: str,
    password_hash: str,
    role: Role,
    now: datetime,
    reach: Reach = EVERYTHING,
) -> Account:
    """Raises AccountExists or ReachRefused."""
    await require_existing(session, role, reach)
    if await find_account(session, name) is not None:
        raise AccountExists(f"there is an account {name!r} already")
    account = Account(
        name=name,
        folded=name.casefold(),
        password_hash=password_hash,
        role=role,
        created_at=now,
        password_changed_at=now,
        failures=0,
        known_addresses=[],
    )
    limit(account, reach)
    session.add(account)
    await session.flush()
    return account


async def find_account(session: AsyncSession, name: str) -> Account | None:
    folded = name.casefold()[:NAME_CHARS]
    found = await session.scalars(sa.select(Account).where(Account.folded == folded))
    return found.one_or_none()


async def end_sessions(session: AsyncSession, account_id: int, *, but: int | None = None) -> int:
    """How many ended. Whatever changes about an account ends those that stood on what it was."""
    statement = sa.delete(WebSession).where(WebSession.account_id == account_id)
    if but is not None:
        statement = statement.where(WebSession.id != but)
    ended = await session.scalars(statement.returning(WebSession.id))
    return len(ended.all())


def set_password(account: Account, password_hash: str, now: datetime) -> None:
    account.password_hash = password_hash
    account.password_changed_at = now
    account.failures, account.locked_until = 0, None


class Guards(Protocol):
    """What stands between a guess and an account."""

    @property
    def database(self) -> Database: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def attempts(self) -> Attempts: ...


@dataclass(frozen=True, slots=True)
class Knock:
    """One attempt to sign in: as whom, with what, from where."""

    name: str
    password: str = field(repr=False)
    address: str
    request_id: str = ""


async def sign_in(
    guards: Guards, knock: Knock, now: datetime, now_s: float
) -> Principal | Wait | None:
    """Compares name and password. Each attempt that is compared leaves a trace, good or bad."""
    if wait_s := guards.attempts.crowd_s(knock.address, now_s):
        return Wait(wait_s)
    with guards.attempts.under_way(knock.address):
        if isinstance(found := await _found(guards, knock, now), Wait):
            return found  # without a turn: who must wait anyway keeps nobody else waiting
        try:
            async with guards.passwords.turn():
                return await _in_turn(guards, knock, now, now_s)
        except Crowded:
            return Wait(CROWDED_S)


async def _found(guards: Guards, knock: Knock, now: datetime) -> Account | Wait | None:
    async with guards.database.read() as session:
        account = await find_account(session, knock.name)
    return None if account is None else _wait(account, knock.address, now) or account


async def _in_turn(
    guards: Guards, knock: Knock, now: datetime, now_s: float
) -> Principal | Wait | None:
    """Looks again at what those before it left: who waited for his turn may have to wait now."""
    if wait_s := guards.attempts.wait_s(knock.address, now_s):
        return Wait(wait_s)
    found = await _found(guards, knock, now)
    if isinstance(found, Wait):
        return found
    kept = None if found is None else found.password_hash
    matches = await guards.passwords.matches(kept, knock.password)
    async with guards.database.write() as session:
        # Read again: what is remembered of it may have changed while the password was compared.
        known = await find_account(session, knock.name)
        principal = None if known is None or not matches else of_account(known)
        if known is not None:
            _remember(known, knock.address, principal is not None, now)
        await _trace(session, knock, None if known is None else known.name, principal, now)
    if principal is None:
        guards.attempts.failed(knock.address, now_s)
    return principal


async def _trace(
    session: AsyncSession,
    knock: Knock,
    known: str | None,
    principal: Principal | None,
    now: datetime,
) -> None:
    """An unknown name is not written down: people type passwords into the wrong field."""
    who, action = known or "", "login.bad" if principal is None else "login.good"
    address, request_id = knock.address, knock.request_id
    await record(session, who, action, who, {}, now, address=address, request_id=request_id)


def _wait(account: Account, address: str, now: datetime) -> Wait | None:
    """A stranger's guesses keep strangers out, not the owner at the address he comes from."""
    if account.locked_until is None or account.locked_until <= now:
        return None
    if address in account.known_addresses:
        return None
    return Wait((account.locked_until - now).total_seconds())


def _remember(account: Account, address: str, good: bool, now: datetime) -> None:
    if good:
        account.failures, account.locked_until = 0, None
        others = [each for each in account.known_addresses if each != address]
        account.known_addresses = [address, *others][:ADDRESSES_KNOWN]
        return
    account.failures = min(account.failures + 1, 1000)
    seconds = delay_s(account.failures, FREE_FOR_ACCOUNT)
    account.locked_until = now + timedelta(seconds=seconds) if seconds else None
