"""/api/v1/feeds: every stream with how it is asked for and what is known of it now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy.orm import aliased

from registry.api.listing import CodePath, Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import CameraFilter, conditions
from registry.api.standing import (
    Row,
    Select,
    of_feed,
    reason_known,
    since_known,
    state_known,
)
from registry.api.tags import Retired, Shape
from registry.changing.known import is_retired
from registry.models import Area, Camera, Center, Credential, Feed, FeedStatus
from registry.security.access import Access
from registry.security.redaction import redacted_text
from registry.vocabulary import Codec, FeedState, Hop, Reason, TlsPolicy, TransportPolicy


class FeedRow(Shape):
    """A feed by itself; the camera's representation has it with its path."""

    LIVE: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("state", "reason", "since", "known_at", "valid_until"), True
    )

    camera: str
    id: str
    hop: Hop
    taken_from: str | None
    delivers_to: str | None
    url: str | None = Field(description="without credentials: role operator and above")
    credential: str | None = Field(description="its code: role operator and above")
    transport: TransportPolicy
    tls: TlsPolicy
    expected_codec: Codec | None
    expected_width: int | None
    expected_height: int | None
    expected_fps: float | None
    keyframe_limit_s: float | None
    liveness_every_s: float | None
    picture_every_s: float | None
    retired: Retired
    state: FeedState
    reason: Reason | None
    since: datetime | None
    known_at: datetime | None
    valid_until: datetime | None


class FeedPage(Page[FeedRow]):
    pass


class FeedQuery(CameraFilter, Paged):
    """The filters of /cameras, and those of feeds."""

    hop: list[Hop] = Field([], max_length=len(Hop))
    feed_state: list[FeedState] = Field([], max_length=len(FeedState))


class FeedPath(CodePath):
    id: Annotated[str, StringConstraints(min_length=1, max_length=32)]


_Source = aliased(Feed)


def _rows(reader: Reader) -> Select:
    moment = reader.moment
    return (
        sa.select(
            Camera.code.label("camera"),
            Feed.name.label("id"),
            Feed.hop,
            _Source.name.label("taken_from"),
            Center.code.label("delivers_to"),
            Feed.url,
            Credential.code.label("credential"),
            Feed.transport,
            Feed.tls_policy.label("tls"),
            Feed.expected_codec,
            Feed.expected_width,
            Feed.expected_height,
            Feed.expected_fps,
            Feed.keyframe_limit_s,
            Feed.liveness_every_s,
            Feed.picture_every_s,
            is_retired(Feed),
            state_known(FeedStatus, moment).label("state"),
            reason_known(FeedStatus, moment).label("reason"),
            reader.begun(since_known(FeedStatus, moment)).label("since"),
            FeedStatus.last_look_at.label("known_at"),
            FeedStatus.valid_until,
        )
        .select_from(Feed)
        .join(Camera, Camera.id == Feed.camera_id)
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(_Source, _Source.id == Feed.taken_from_id)
        .outerjoin(Center, Center.id == Feed.delivers_to_id)
        .outerjoin(Credential, Credential.id == Feed.credential_id)
        .outerjoin(FeedStatus, of_feed(moment))
    )


def _told(row: Row, reader: Reader) -> FeedRow:
    hidden = {"url": None, "credential": None}
    shown = {"url": redacted_text(row.url)}
    return FeedRow(**row._asdict() | (shown if reader.technical else hidden))


def _filters(query: FeedQuery, reader: Reader) -> list[Condition]:
    found = conditions(query, reader.moment, technical=reader.technical)
    if query.hop:
        found.append(Feed.hop.in_(query.hop))
    if query.feed_state:
        words = [state.value for state in query.feed_state]
        found.append(state_known(FeedStatus, reader.moment).in_(words))
    return found


def _named(path: FeedPath) -> tuple[Condition, str]:
    where = sa.and_(Camera.code == path.code, Feed.name == path.id)
    return where, f"{path.code}/{path.id}"


FEEDS: Final = Listing(
    one="feed",
    many="feeds",
    model=Feed,
    key=Feed.id,
    rows=_rows,
    shows=FeedRow,
    told=_told,
    filters=_filters,
    observed=True,
)
ROUTES: Final = (
    list_route(FEEDS, FeedQuery, FeedPage, Access.OWN),
    read_route(
        FEEDS,
        path="/api/v1/cameras/{{code}}/feeds/{{id}}",
        path_model=FeedPath,
        where=_named,
        access=Access.OWN,
    ),
)
