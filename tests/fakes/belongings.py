"""One of every object of the registry, around one camera of the small estate."""

from __future__ import annotations

from datetime import date, timedelta
from types import MappingProxyType

import sqlalchemy as sa

from registry.models import (
    Contact,
    Credential,
    Device,
    Feed,
    Outage,
    Program,
    Recorder,
    System,
)
from registry.models.cameras import Camera
from registry.search import refresh_search
from registry.vocabulary import Reason
from tests.fakes.estate import VANTAGE_ID, Estate

CIPHERTEXT = b"sealed-hunter2secret"

# Where each single read finds what `belong` made, and what its path is called in the documents.
SINGLES = MappingProxyType(
    {
        "/api/v1/areas/{path}": "/api/v1/areas/zhetisu%2Ftaldykorgan",
        "/api/v1/centers/{code}": "/api/v1/centers/ou",
        "/api/v1/sites/{code}": "/api/v1/sites/zhansugurov-114",
        "/api/v1/systems/{code}": "/api/v1/systems/sys-1",
        "/api/v1/recorders/{code}": "/api/v1/recorders/nvr-1",
        "/api/v1/cameras/{code}/device": "/api/v1/cameras/A1/device",
        "/api/v1/devices/{id}": "/api/v1/devices/1",
        "/api/v1/credentials/{code}": "/api/v1/credentials/login-1",
        "/api/v1/programs/{code}": "/api/v1/programs/safe-yard",
        "/api/v1/contractors/{code}": "/api/v1/contractors/almatel",
        "/api/v1/contracts/{code}": "/api/v1/contracts/2026-1",
        "/api/v1/assignments/{code}": "/api/v1/assignments/as-1",
        "/api/v1/desks/{code}": "/api/v1/desks/desk-1",
        "/api/v1/outages/{id}": "/api/v1/outages/2",
        "/api/v1/cameras/{code}": "/api/v1/cameras/A1",
        "/api/v1/cameras/{code}/feeds/{id}": "/api/v1/cameras/A1/feeds/main",
        "/api/v1/cameras/{code}/deliveries/{center}": "/api/v1/cameras/A1/deliveries/ou",
    }
)


async def belong(plant: Estate, camera: Camera) -> None:
    """What `camera` hangs on and has; its first feed was down an hour ago, and is again.

    Needs a contractor.
    """
    session, now = plant.session, plant.now
    system = System(code="sys-1", name="Система", owner="КСК", site_id=1)
    recorder = Recorder(code="nvr-1", name="Ёлка", host="198.18.9.9", site_id=1)
    program = Program(code="safe-yard", name="Безопасный двор")
    login = Credential(code="login-1", sealed=CIPHERTEXT, hosts=["198.18.0.0/15"], changed_at=now)
    session.add_all([system, recorder, program, login])
    await session.flush()
    camera.system_id, camera.recorder_id = system.id, recorder.id
    camera.program_id = program.id
    feed = await session.scalar(sa.select(Feed).where(Feed.camera_id == camera.id).limit(1))
    assert feed is not None
    feed.credential_id = login.id
    session.add_all(
        [
            Device(
                camera_id=camera.id,
                serial="SN-77",
                mac="AA:BB:CC:00:11:22",
                vendor="Axis",
                installed_from=date(2026, 1, 2),
            ),
            Contact(code="desk-1", site_id=1, name="Вахта", phone="+7 700 000 00 00"),
            Outage(
                feed_id=feed.id,
                vantage_id=VANTAGE_ID,
                reason=Reason.TIMEOUT,
                last_good_at=now - timedelta(hours=2),
                first_bad_at=now - timedelta(hours=2),
                last_bad_at=now - timedelta(hours=1),
                first_good_at=now - timedelta(hours=1),
            ),
            Outage(
                feed_id=feed.id,
                vantage_id=VANTAGE_ID,
                reason=Reason.REFUSED,
                last_good_at=now - timedelta(minutes=2),
                first_bad_at=now - timedelta(minutes=1),
            ),
        ]
    )
    await session.flush()
    await refresh_search(session, [camera.id])
