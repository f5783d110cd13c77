"""A small estate planted straight into a real database, and what is known of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import (
    Area,
    Assignment,
    Camera,
    Center,
    Contract,
    Contractor,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    Feed,
    FeedInterval,
    FeedStatus,
    Site,
    Vantage,
)
from registry.search import search_text
from registry.vocabulary import (
    AreaKind,
    CameraKind,
    CenterKind,
    DeliveryState,
    FailingAt,
    FeedState,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Reason,
    Sector,
)

VALID_FOR = timedelta(seconds=180)
CONTRACTOR = "almatel"
_CARE_ID = 90  # far from the first numbers, which tests give out themselves
VANTAGE_ID = 1  # the first row of an empty database, as the other numbers below are


class Estate:
    """Region `zhetisu`: city `taldykorgan`, district `aksu`; centers `ou` and `duty-aksu`."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session = session
        self.now = now

    async def places(self) -> None:
        zone = "Asia/Almaty"
        region = Area(path="zhetisu", name="Жетысу", kind=AreaKind.REGION, time_zone=zone)
        city = Area(
            path="zhetisu/taldykorgan",
            name="Талдыкорган",
            kind=AreaKind.CITY,
            parent_id=1,
            time_zone=zone,
        )
        district = Area(
            path="zhetisu/aksu",
            name="Аксуский район",
            kind=AreaKind.DISTRICT,
            parent_id=1,
            time_zone=zone,
        )
        self.session.add_all(
            [
                region,
                city,
                district,
                Center(
                    code="ou",
                    name="ЦОУ Талдыкорган",
                    kind=CenterKind.OPERATIONS_CENTER,
                    area_id=2,
                ),
                Center(
                    code="duty-aksu",
                    name="Дежурная часть Аксу",
                    kind=CenterKind.DUTY_UNIT,
                    area_id=3,
                ),
                Site(
                    code="zhansugurov-114",
                    name="Жансугурова 114",
                    address="ул. Жансугурова, 114",
                    sector=Sector.STREET,
                    latitude=45.0156,
                    longitude=78.3739,
                    area_id=2,
                ),
                Vantage(code="ou", name="ЦОУ", center_id=1),
            ]
        )
        await self.session.flush()

    async def contractor(self) -> None:
        """Contractor `almatel` looks after the site in the city, and with it after its cameras."""
        care = {"contractor_id": _CARE_ID, "starts_on": self.now.date()}
        self.session.add(Contractor(id=_CARE_ID, code=CONTRACTOR, name="Алмател"))
        await self.session.flush()
        self.session.add(Contract(id=_CARE_ID, code="2026-1", **care))
        await self.session.flush()
        self.session.add(
            Assignment(
                code="as-1", contract_id=_CARE_ID, site_id=1, hops=[], starts_at=self._ago(1)
            )
        )
        await self.session.flush()

    async def camera(
        self,
        code: str,
        *,
        name: str = "",
        kind: CameraKind = CameraKind.STREET,
        lifecycle: Lifecycle = Lifecycle.IN_SERVICE,
        importance: Importance = Importance.NORMAL,
        area_id: int = 2,
        centers: tuple[int, ...] = (1,),
        state: DeliveryState | None = DeliveryState.REACHING,
        reason: Reason | None = None,
        failing_at: FailingAt | None = None,
        seen_ago: float = 20.0,
        since_ago: float = 3600.0,
        relay: bool = False,
        feeds: bool = True,
        snapshots: bool | None = None,
    ) -> Camera:
        """With `state` None nothing was ever known of it. A `relay` stands before the center."""
        name = name or f"Камера {code}"
        camera = Camera(
            code=code,
            name=name,
            kind=kind,
            lifecycle=lifecycle,
            importance=importance,
            area_id=area_id,
            site_id=1 if area_id == 2 else None,
            snapshots=snapshots,
            search=search_text(code, name),
        )
        self.session.add(camera)
        await self.session.flush()
        made = await self._feeds(camera, centers, relay) if feeds else []
        deliveries = [
            Delivery(camera_id=camera.id, center_id=center, proof=Proof.PULLED)
            for center in centers
        ]
        self.session.add_all(deliveries)
        await self.session.flush()
        if state is not None:
            looked, since = self._ago(seen_ago), self._ago(since_ago)
            for feed in made:
                await self.know_feed(feed, _FEED_STATES[state], reason, looked, since)
            for delivery in deliveries:
                await self.know_delivery(delivery, state, reason, failing_at, looked, since)
        await self.session.flush()
        return camera

    async def know_feed(
        self,
        feed: Feed,
        state: FeedState,
        reason: Reason | None,
        looked: datetime,
        since: datetime,
    ) -> None:
        self.session.add(
            FeedStatus(
                feed_id=feed.id,
                vantage_id=VANTAGE_ID,
                state=state,
                reason=reason,
                detail=f"seen {reason.value}, expected frames" if reason else None,
                since=since,
                valid_until=looked + VALID_FOR,
                last_look_at=looked,
                last_frame_at=looked,
                last_fresh_picture_at=looked,
                memory={},
            )
        )
        self.session.add(
            FeedInterval(
                feed_id=feed.id,
                vantage_id=VANTAGE_ID,
                state=state,
                reason=reason,
                started_at=since,
            )
        )

    async def know_delivery(
        self,
        delivery: Delivery,
        state: DeliveryState,
        reason: Reason | None,
        failing_at: FailingAt | None,
        looked: datetime,
        since: datetime,
    ) -> None:
        self.session.add(
            DeliveryStatus(
                delivery_id=delivery.id,
                vantage_id=VANTAGE_ID,
                state=state,
                failing_at=failing_at,
                reason=reason,
                since=since,
                valid_until=looked + VALID_FOR,
            )
        )
        self.session.add(
            DeliveryInterval(
                delivery_id=delivery.id,
                vantage_id=VANTAGE_ID,
                state=state,
                failing_at=failing_at,
                reason=reason,
                started_at=since,
            )
        )

    async def _feeds(self, camera: Camera, centers: tuple[int, ...], relay: bool) -> list[Feed]:
        url = "rtsp://{user}:{password}@198.18.0.7:554/" + camera.code
        main = Feed(camera_id=camera.id, name="main", url=url, hop=Hop.CAMERA)
        self.session.add(main)
        await self.session.flush()
        if not relay:
            main.delivers_to_id = centers[0] if centers else None
            return [main]
        relayed = Feed(
            camera_id=camera.id,
            name="cou",
            url=f"rtsp://198.18.9.1:554/{camera.code}",
            hop=Hop.RELAY,
            taken_from_id=main.id,
            delivers_to_id=centers[0] if centers else None,
        )
        self.session.add(relayed)
        await self.session.flush()
        return [main, relayed]

    def _ago(self, seconds: float) -> datetime:
        return self.now - timedelta(seconds=seconds)


_FEED_STATES = {
    DeliveryState.REACHING: FeedState.LIVE,
    DeliveryState.DEGRADED: FeedState.DEGRADED,
    DeliveryState.NOT_REACHING: FeedState.DOWN,
    DeliveryState.UNKNOWN: FeedState.UNKNOWN,
}
