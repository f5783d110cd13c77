"""Where a prober stands: its row, made on its first start. It looks at nothing."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Center, Vantage

log = structlog.get_logger()


async def ensure_vantage(
    session: AsyncSession, code: str, name: str, *, center: str | None = None
) -> int:
    """The id of the vantage, made on the first start of a prober that stands there.

    `center` is the code of the center inside whose network that is; None leaves what is known.
    """
    vantage = await session.scalar(sa.select(Vantage).where(Vantage.code == code))
    if vantage is None:
        vantage = Vantage(code=code, name=name)
        session.add(vantage)
    if center:
        vantage.center_id = await session.scalar(sa.select(Center.id).where(Center.code == center))
        if vantage.center_id is None:
            log.warning("center_not_in_registry", center=center)
    await session.flush()
    return vantage.id


async def vantage_id_of(session: AsyncSession, code: str) -> int:
    found = await session.scalar(sa.select(Vantage.id).where(Vantage.code == code))
    if found is None:
        raise LookupError(f"vantage {code!r} is not in the registry")
    return found
