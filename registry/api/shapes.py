"""What the API says of cameras; the page renders the same values. They hold no secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from pydantic import BaseModel, Field

from registry.api.paging import Page
from registry.api.standing import Standing
from registry.api.tags import Shape
from registry.vocabulary import (
    CameraKind,
    CenterKind,
    DeliveryState,
    DeviceState,
    FailingAt,
    FeedState,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Reason,
    Silence,
)


class Known(BaseModel):
    """When something was last known, and until when that may be said."""

    reason: Reason | None = Field(description="why it is not live; null while it is")
    reason_label: str | None = Field(None, description="the reason in the language asked for")
    next_step: str | None = Field(None, description="what to do about it; of one camera only")
    since: datetime | None = Field(description="since when this state holds; null if never known")
    known_at: datetime | None = Field(description="the last completed look that this stands on")
    valid_until: datetime | None = Field(description="past this moment the state is unknown")
    knowledge_age_s: float | None = Field(description="seconds since known_at; null if never")


class FeedShape(Known):
    id: str
    hop: Hop
    taken_from: str | None
    delivers_to: str | None
    state: FeedState
    last_frame_at: datetime | None
    last_fresh_picture_at: datetime | None
    detail: str | None = Field(description="for the technician: role operator and above")
    url: str | None = Field(description="without credentials: role operator and above")


class DeliveryShape(Known):
    center: str
    center_name: str
    center_kind: CenterKind
    proof: Proof
    state: DeliveryState
    failing_at: FailingAt | None
    path: list[str] = Field(description="ids of feeds from the lens to the center")


class PictureShape(BaseModel):
    """Whether the last picture may be shown, and which it is."""

    allowed: bool
    feed: str | None
    taken_at: datetime | None


class ContactShape(BaseModel):
    """The last word of a device that pushes: what it said of itself, not what was seen."""

    state: DeviceState
    at: datetime = Field(description="when the device says it was so")
    received_at: datetime
    silence: Silence = Field(description="how long ago that is, in the deployment's steps")
    due: bool = Field(description="on shift by its last word; off shift no picture is due")

    @classmethod
    def of(
        cls, state: DeviceState, at: datetime, received_at: datetime, silence: Silence
    ) -> ContactShape:
        due = state.is_on_shift
        return cls(state=state, at=at, received_at=received_at, silence=silence, due=due)


KNOWN: Final = frozenset(Known.model_fields)


class CameraShape(Shape):
    LIVE: ClassVar[dict[str, Any]] = {
        "state": True,
        "picture": True,
        "contact": True,
        "feeds": {"__all__": KNOWN | {"state", "detail", "last_frame_at", "last_fresh_picture_at"}},
        "deliveries": {"__all__": KNOWN | {"state", "failing_at"}},
    }

    code: str
    name: str
    kind: CameraKind
    importance: Importance
    lifecycle: Lifecycle
    lifecycle_note: str
    area: str = Field(description="path of the area: region/district/town")
    area_name: str
    time_zone: str
    site: str | None
    address: str
    system: str | None
    recorder: str | None
    program: str | None
    snapshots: bool | None = Field(description="is the last picture kept; null: as its kind says")
    azimuth_degrees: float | None = Field(
        default=None, description="where it looks, clockwise from north"
    )
    view_degrees: float | None = Field(
        default=None, description="angle of view; null: not registered"
    )
    range_m: float | None = Field(
        default=None, description="how far it sees what it is there to see"
    )
    state: Standing = Field(description="its worst delivery, or why there is none to speak of")
    deliveries: list[DeliveryShape]
    feeds: list[FeedShape]
    picture: PictureShape
    contact: ContactShape | None = Field(description="of a device that pushes; null: none came yet")


class CameraPage(Page[CameraShape]):
    pass
