"""Whether a reach may be given to a role, and whether what it names exists. It gives none."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from registry.models import Area, Center, Contractor
from registry.security.reach import Reach
from registry.vocabulary import Role

_WITHOUT_LIMITS = frozenset({Role.SCRAPE})


class ReachRefused(Exception):
    """Limits that do not fit the role, or that name what is not there."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


async def require_existing(session: AsyncSession, role: Role, reach: Reach) -> None:
    if role is Role.CONTRACTOR and reach.contractor is None:
        raise ReachRefused("contractor", "role contractor needs the code of a contractor")
    if role in _WITHOUT_LIMITS and not reach.is_everything:
        raise ReachRefused("role", f"role {role.value} reads figures of all: it takes no limits")
    contractors = () if reach.contractor is None else (reach.contractor,)
    await _require(session, "area", Area.path, reach.areas)
    await _require(session, "center", Center.code, reach.centers)
    await _require(session, "contractor", Contractor.code, contractors)


async def _require(
    session: AsyncSession, field: str, column: InstrumentedAttribute[str], named: tuple[str, ...]
) -> None:
    found = set(await session.scalars(sa.select(column).where(column.in_(named))))
    missing = [code for code in named if code not in found]
    if missing:
        raise ReachRefused(field, f"there is no {field} {missing[0]!r}")
