"""After a new key was put on top of the key file: every login is sealed with it. It shows none."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Credential
from registry.security.sealing import Sealer, SealingError


@dataclass(frozen=True, slots=True)
class Resealed:
    count: int
    closed: tuple[str, ...]  # codes of those that no key of the file opens; left as they were


async def reseal_all(session: AsyncSession, sealer: Sealer) -> Resealed:
    """The keys below the first are not needed any more when `closed` is empty."""
    closed = []
    credentials = (await session.scalars(sa.select(Credential).order_by(Credential.code))).all()
    for credential in credentials:
        try:
            credential.sealed = sealer.reseal(credential.sealed)
        except SealingError:
            closed.append(credential.code)
    return Resealed(len(credentials) - len(closed), tuple(closed))
