"""/api/v1/cameras/{code}: one camera with all that helps to mend it. It decides nothing anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.calls import calls_for
from registry.api.cameras import CameraPath, camera_id, reading_of
from registry.api.care import care_since
from registry.api.devices import DeviceShape, device_rows
from registry.api.language import Spoken
from registry.api.listing import Reader
from registry.api.looks import LookShape, looks_at
from registry.api.outages import OutageShape, is_open, outage_rows
from registry.api.reading import Reading, read_cameras
from registry.api.routing import Call, Nothing, Route, Tagged
from registry.api.shapes import CameraShape
from registry.api.standing import RANK, Standing
from registry.api.tags import tag_of
from registry.look import FeedKey
from registry.models import Camera, Device, Feed, Outage
from registry.security.access import Access
from registry.vocabulary import FailingAt, Hop


class DeskToCall(BaseModel):
    """Whom to call about this camera now."""

    model_config = ConfigDict(from_attributes=True)

    party: str
    role: str = Field(description="contractor, center or site")
    name: str
    duty: str
    phone: str
    email: str
    hops: list[Hop] = Field(description="what a contractor answers for; empty: everything")
    contract: str | None
    first: bool = Field(description="answers for the place that fails now")


class CameraDetail(CameraShape):
    LIVE: ClassVar[dict[str, Any]] = CameraShape.LIVE | dict.fromkeys(
        ("calls", "outages", "looks"), True
    )

    devices: list[DeviceShape] = Field(
        description="the hardware in its place, the newest first: role operator and above"
    )
    calls: list[DeskToCall]
    outages: list[OutageShape] = Field(description="of its feeds, those that are not over")
    looks: Mapping[str, list[LookShape]] = Field(
        description="the last looks at each feed and, besides them, the last failing ones"
    )


async def get_camera(call: Call[CameraPath, Spoken, Nothing]) -> Tagged:
    reading = replace(reading_of(call), detailed=True)
    async with call.serving.database.read() as session:
        id_ = await camera_id(session, call.path.code, call.within(Camera))
        (camera,) = await read_cameras(session, [id_], reading)
        now, failing_at = reading.moment.now, _failing_at(camera)
        detail = CameraDetail(
            **dict(camera),
            devices=await _devices(session, id_, reading) if reading.technical else [],
            calls=[
                DeskToCall.model_validate(desk)
                for desk in await calls_for(session, id_, now, failing_at)
            ],
            outages=await _outages(session, id_, reading),
            looks=await _looks(session, id_, camera, reading),
        )
    return Tagged(detail, tag_of(detail), only_for_changes=True)


def _failing_at(camera: CameraShape) -> FailingAt | None:
    """Of its worst delivery."""
    worst = sorted(camera.deliveries, key=lambda each: RANK[Standing(each.state.value)])
    return worst[0].failing_at if worst else None


async def _devices(session: AsyncSession, id_: int, reading: Reading) -> list[DeviceShape]:
    rows = device_rows(Reader(reading.moment, reading.technical)).where(Device.camera_id == id_)
    newest = rows.order_by(Device.installed_from.desc().nulls_last(), Device.id.desc())
    return [DeviceShape.of_row(row) for row in await session.execute(newest)]


async def _outages(session: AsyncSession, id_: int, reading: Reading) -> list[OutageShape]:
    reader = Reader(reading.moment, reading.technical, reach=reading.reach)
    rows = outage_rows(reader).where(Feed.camera_id == id_, is_open())
    found = await session.execute(rows.order_by(Outage.first_bad_at))
    return [OutageShape.of_row(row) for row in found]


async def _looks(
    session: AsyncSession, id_: int, camera: CameraShape, reading: Reading
) -> dict[str, list[LookShape]]:
    answered = await care_since(session, [id_], reading.reach, reading.moment.now)
    return {
        feed.id: looks_at(
            reading.live,
            FeedKey(camera.code, feed.id),
            technical=reading.technical,
            since=answered.get(id_),
        )
        for feed in camera.feeds
    }


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/cameras/{code}",
        name="getCamera",
        tag="cameras",
        summary="One camera with its paths, feed by feed, whom to call and what to do",
        access=Access.OWN,
        handler=get_camera,
        path_model=CameraPath,
        query_model=Spoken,
        answers=CameraDetail,
        problems=(404,),
    ),
)
