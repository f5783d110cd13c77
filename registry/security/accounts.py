"""Accounts of people: made, changed, signed in to. A password comes in and never goes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import Database
from registry.models import Account, WebSession
from registry.security.audit import record
from registry.security.delays import FREE_FOR_ACCOUNT, delay_s
from registry.security.limits import require_existing
from registry.security.passwords import Passwords
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


async def sign_in(
    database: Database,
    passwords: Passwords,
    *,
    name: str,
    password: str,
    address: str,
    now: datetime,
    request_id: str = "",
) -> Principal | Wait | None:
    """Compares name and password. Each attempt that is compared leaves a trace, good or bad."""
    async with database.read() as session:
        account = await find_account(session, name)
    if account is not None and (wait := _wait(account, address, now)) is not None:
        return wait
    matches = await passwords.matches(account.password_hash if account else None, password)
    async with database.write() as session:
        # Read again: what is remembered of it may have changed while the password was compared.
        known = await find_account(session, name)
        principal = None if known is None or not matches else of_account(known)
        if known is not None:
            _remember(known, address, principal is not None, now)
        # An unknown name is not written down: people type passwords into the wrong field.
        who = "" if known is None else known.name
        action = "login.bad" if principal is None else "login.good"
        await record(session, who, action, who, {}, now, address=address, request_id=request_id)
    return principal


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
