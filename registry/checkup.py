"""What can be said of the registry's own health in a few queries. It changes and logs nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import Database
from registry.dialects import INTEGRITY
from registry.feed_url import BadFeedUrl, feed_address
from registry.models import Camera, Credential, Feed, Heartbeat
from registry.security.sealing import Sealer, SealingError
from registry.vocabulary import Lifecycle


@dataclass(frozen=True, slots=True)
class Checkup:
    damage: str | None  # in the database's own words
    logins: int
    closed_logins: tuple[str, ...]  # codes of credentials that the key file does not open
    hosts: Mapping[str, int]  # how many probed feeds each host serves
    last_beat: datetime | None


async def check_up(database: Database, sealer: Sealer) -> Checkup:
    async with database.read() as session:
        damage = await _damage(session)
        sealed = (await session.execute(sa.select(Credential.code, Credential.sealed))).all()
        return Checkup(
            damage=damage,
            logins=len(sealed),
            closed_logins=tuple(code for code, text in sealed if not _opens(sealer, text)),
            hosts=await _hosts(session),
            last_beat=await session.scalar(sa.select(sa.func.max(Heartbeat.beat_at))),
        )


async def _damage(session: AsyncSession) -> str | None:
    question = INTEGRITY.get(session.get_bind().dialect.name)
    said = await session.scalar(sa.text(question)) if question else "ok"
    return None if said == "ok" else str(said)


def _opens(sealer: Sealer, sealed: bytes) -> bool:
    try:
        sealer.unseal(sealed)
    except SealingError:
        return False
    return True


async def _hosts(session: AsyncSession) -> Mapping[str, int]:
    probed = [lifecycle for lifecycle in Lifecycle if lifecycle.is_probed]
    urls = await session.scalars(
        sa.select(Feed.url).join(Camera).where(Camera.lifecycle.in_(probed))
    )
    return Counter(host for url in urls if (host := _host(url)) is not None)


def _host(url: str) -> str | None:
    try:
        return feed_address(url).host
    except BadFeedUrl:
        return None  # the importer refuses these; the monitor names what slipped in
