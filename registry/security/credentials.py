"""What is asked of the stored logins as a whole. It opens none."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Credential


async def count_credentials(session: AsyncSession) -> int:
    """How many logins are sealed: while there are any, no new key may take the old one's place."""
    return await session.scalar(sa.select(sa.func.count()).select_from(Credential)) or 0
