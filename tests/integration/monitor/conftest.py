"""A real database with a small estate on three-hop paths, and a monitor's knowledge of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from monitor.changes import Changes
from monitor.exposition import Exposition
from monitor.frames import Frames
from monitor.knowledge import Knowledge
from monitor.verdict import Rhythm, Seen
from registry.database import Database
from registry.estate import ensure_vantage, load_estate
from registry.look import FeedKey, Finding, Look, Video
from registry.models import Area, Camera, Center, Delivery, Feed, FeedInterval
from registry.observations import ObservationWriter
from registry.restoring import Restored, restore
from registry.security.sealing import Sealer
from registry.vocabulary import (
    Answer,
    AreaKind,
    CameraKind,
    CenterKind,
    Depth,
    Hop,
    Lifecycle,
    Reason,
)
from tests.fakes.clock import FakeClock

CAMERA, RECORDER, CENTER = FeedKey("K1", "main"), FeedKey("K1", "nvr"), FeedKey("K1", "cou")
ALONE = FeedKey("K2", "main")
RHYTHM = Rhythm(effective_cadence_s=60, picture_cadence_s=600)


@dataclass
class Monitor:
    """The state side of a monitor, driven by hand instead of by cameras."""

    database: Database
    clock: FakeClock
    vantage_id: int
    writer: ObservationWriter = field(init=False)
    exposition: Exposition = field(init=False)
    knowledge: Knowledge = field(init=False)
    restored: Restored = field(init=False)

    async def start(self) -> Monitor:
        """As the service starts: restore, take up the estate, write."""
        self.restored = await restore(self.database, self.vantage_id, self.clock.now())
        self.writer = ObservationWriter(self.database, self.vantage_id, self.clock.now())
        self.exposition = Exposition("main")
        self.knowledge = Knowledge(
            self.clock, self.writer, self.exposition, Changes(), lambda _: RHYTHM, Frames(1_000_000)
        )
        self.writer.event(self.clock.now(), "started", {})
        await self.follow()
        return self

    async def follow(self) -> None:
        async with self.database.read() as session:
            estate = await load_estate(session, "main", Sealer([KEY]), self.clock.now())
        self.knowledge.follow(estate, self.restored)
        await self.flush()

    async def flush(self) -> None:
        await self.writer.flush(self.clock.now())

    def good(self, *keys: FeedKey) -> None:
        for key in keys:
            self._look(key, None)

    def bad(self, key: FeedKey, reason: Reason) -> None:
        self._look(key, reason)

    def wait(self, seconds: float) -> None:
        self.clock.jump(seconds)

    async def page(self) -> str:
        self.knowledge.expire()
        return (await self.exposition.per_camera()).decode()

    async def intervals(
        self, key: FeedKey
    ) -> list[tuple[str, str | None, datetime, datetime | None]]:
        await self.flush()
        async with self.database.read() as session:
            rows = await session.scalars(
                sa.select(FeedInterval)
                .join(Feed, Feed.id == FeedInterval.feed_id)
                .join(Camera, Camera.id == Feed.camera_id)
                .where(Camera.code == key.camera, Feed.name == key.feed)
                .order_by(FeedInterval.started_at, FeedInterval.id)
            )
            return [(r.state, r.reason, r.started_at, r.ended_at) for r in rows]

    def _look(self, key: FeedKey, failure: Reason | None) -> None:
        findings = {} if failure else {Reason.BLACK: Finding(Answer.OK)}
        look = Look(
            depth=Depth.PICTURE,
            started_at=self.clock.now() - timedelta(seconds=1),
            duration_s=1.0,
            failure=failure,
            detail=f"saw {failure}" if failure else None,
            findings=findings,
            video=Video(frames=0 if failure else 5),
        )
        target = self.knowledge.feeds[key].target
        self.knowledge.take(target, Seen(look, self.clock.now(), fresh_picture=not failure), None)


KEY = b"x" * 43 + b"="


@pytest.fixture
async def database(database_url):
    database = Database(database_url)
    async with database.write() as session:
        area = Area(path="zh", name="Жетысу", kind=AreaKind.REGION, time_zone="Asia/Almaty")
        center = Center(code="cou", name="ЦОУ", kind=CenterKind.OPERATIONS_CENTER, area=area)
        session.add_all([area, center])
        for code in ("K1", "K2"):
            camera = Camera(
                code=code,
                name=code,
                kind=CameraKind.STREET,
                lifecycle=Lifecycle.IN_SERVICE,
                area=area,
            )
            main = Feed(name="main", url="rtsp://198.18.0.1:554/1", hop=Hop.CAMERA)
            camera.feeds = [main]
            if code == "K1":
                nvr = Feed(name="nvr", url="rtsp://198.18.0.2/1", hop=Hop.RECORDER, taken_from=main)
                cou = Feed(
                    name="cou",
                    url="rtsp://198.18.0.3/1",
                    hop=Hop.CENTER,
                    taken_from=nvr,
                    delivers_to=center,
                )
                camera.feeds += [nvr, cou]
            else:
                main.delivers_to = center
            camera.deliveries = [Delivery(center=center)]
            session.add(camera)
    yield database
    await database.close()


@pytest.fixture
async def monitor(database):
    async with database.write() as session:
        vantage_id = await ensure_vantage(session, "main", "main")
    return await Monitor(database, FakeClock(), vantage_id).start()
