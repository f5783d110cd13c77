"""Who looks after the sample region: what the CSV format does not carry."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import (
    Area,
    Assignment,
    Camera,
    Center,
    Contact,
    Contract,
    Contractor,
    Recorder,
)
from registry.sample.fleet import CLOUD
from registry.sample.names import CITY, DISTRICTS
from registry.vocabulary import CameraKind, Hop

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_CONTRACTORS = {
    "region-service": ("ТОО «Жетікөл Сервис»", "Аварийная служба", "+7 700 000 01 01"),
    "city-optic": ("ТОО «Актерек Оптика»", "Диспетчерская", "+7 700 000 02 02"),
    "telecom": ("АО «Телеком-Облако»", "Центр поддержки", "+7 700 000 03 03"),
}
# code: contractor, title, end, availability target, hours to repair
_CONTRACTS: dict[str, tuple[str, str, date | None, float, float]] = {
    "2026-014": (
        "region-service",
        "Обслуживание камер районов",
        date(2026, 12, 31),
        0.95,
        24.0,
    ),
    "2026-015": ("city-optic", "Обслуживание камер города", date(2027, 6, 30), 0.98, 12.0),
    "2025-112": ("telecom", "Облачное хранение, подъезды", None, 0.99, 6.0),
}


async def plant(session: AsyncSession) -> None:
    """Add to a registry that holds the imported sample; once, not again."""
    for code in _CONTRACTORS:
        await _add_contractor(session, code)
    await session.flush()
    await _assign(session)
    await _add_duty_desks(session)


async def plant_demo(session: AsyncSession) -> None:
    """Somebody to call for every camera of the demo: one service firm, and the duty desks."""
    await _add_contractor(session, "region-service")
    await session.flush()
    contract = (await session.scalars(sa.select(Contract))).one()
    areas = await session.scalars(sa.select(Area).where(Area.parent_id.is_(None)))
    for area in areas:
        session.add(Assignment(contract_id=contract.id, area_id=area.id, hops=[], starts_at=_SINCE))
    await _add_duty_desks(session)


async def _add_contractor(session: AsyncSession, code: str) -> None:
    name, desk, phone = _CONTRACTORS[code]
    contractor = Contractor(code=code, name=name)
    session.add(contractor)
    await session.flush()
    session.add(
        Contact(
            contractor_id=contractor.id,
            name=desk,
            duty="круглосуточно",
            phone=phone,
            email=f"dispatch@{code}.example",
        )
    )
    _add_contracts(session, contractor)


def _add_contracts(session: AsyncSession, contractor: Contractor) -> None:
    for code, (party, title, ends_on, target, hours) in _CONTRACTS.items():
        if party == contractor.code:
            session.add(
                Contract(
                    code=code,
                    contractor_id=contractor.id,
                    title=title,
                    starts_on=_SINCE.date(),
                    ends_on=ends_on,
                    availability_target=target,
                    repair_hours=hours,
                )
            )


async def _assign(session: AsyncSession) -> None:
    """Areas to the two service firms, the cloud recorder to the telecom provider."""
    contracts = {row.code: row.id for row in await session.scalars(sa.select(Contract))}
    areas = {row.path: row.id for row in await session.scalars(sa.select(Area))}
    cloud = await session.scalar(sa.select(Recorder.id).where(Recorder.code == CLOUD))
    for district in DISTRICTS:
        contract = contracts["2026-015" if district.path == CITY else "2026-014"]
        session.add(
            Assignment(
                contract_id=contract, area_id=areas[district.path], hops=[], starts_at=_SINCE
            )
        )
    if cloud is not None:
        session.add(
            Assignment(
                contract_id=contracts["2025-112"],
                recorder_id=cloud,
                hops=[Hop.RECORDER.value],
                starts_at=_SINCE,
            )
        )
    await _hand_one_back(session, contracts["2026-015"])


async def _hand_one_back(session: AsyncSession, contract: int) -> None:
    """An assignment of one camera that has ended: history knows who answered for it then."""
    camera = await session.scalar(
        sa.select(Camera.id).where(Camera.kind == CameraKind.STREET).order_by(Camera.code).limit(1)
    )
    if camera is not None:
        session.add(
            Assignment(
                contract_id=contract,
                camera_id=camera,
                hops=[],
                starts_at=_SINCE,
                ends_at=datetime(2026, 6, 1, tzinfo=UTC),
            )
        )


async def _add_duty_desks(session: AsyncSession) -> None:
    for number, center in enumerate(await session.scalars(sa.select(Center)), start=1):
        session.add(
            Contact(
                center_id=center.id,
                name="Оперативный дежурный",
                duty="круглосуточно",
                phone=f"+7 700 100 {number:02} 02",
            )
        )
