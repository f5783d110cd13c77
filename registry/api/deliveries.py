"""/api/v1/deliveries: which center must have which camera's picture, and whether it has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.listing import CodePath, Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Code, Page, Paged
from registry.api.selection import CameraFilter, conditions
from registry.api.standing import (
    Select,
    failing_at_known,
    of_delivery,
    reason_known,
    since_known,
    state_known,
)
from registry.api.tags import Retired, Shape
from registry.changing.known import is_retired
from registry.models import Area, Camera, Center, Delivery, DeliveryStatus
from registry.security.access import Access
from registry.vocabulary import DeliveryState, FailingAt, Proof, Reason


class DeliveryRow(Shape):
    """A delivery by itself; the camera's representation has it with its path."""

    LIVE: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("state", "failing_at", "reason", "since", "valid_until"), True
    )

    camera: str
    center: str
    proof: Proof = Field(description="what a look can prove of it")
    retired: Retired
    state: DeliveryState
    failing_at: FailingAt | None
    reason: Reason | None
    since: datetime | None
    valid_until: datetime | None


class DeliveryPage(Page[DeliveryRow]):
    pass


class DeliveryQuery(CameraFilter, Paged):
    """The filters of /cameras. `center` and `delivery_state` are the delivery's own."""

    delivery_state: list[DeliveryState] = Field([], max_length=len(DeliveryState))


class DeliveryPath(CodePath):
    center: Code


def _rows(reader: Reader) -> Select:
    moment = reader.moment
    return (
        sa.select(
            Camera.code.label("camera"),
            Center.code.label("center"),
            Delivery.proof,
            is_retired(Delivery),
            state_known(DeliveryStatus, moment).label("state"),
            failing_at_known(moment).label("failing_at"),
            reason_known(DeliveryStatus, moment).label("reason"),
            reader.begun(since_known(DeliveryStatus, moment)).label("since"),
            DeliveryStatus.valid_until,
        )
        .select_from(Delivery)
        .join(Camera, Camera.id == Delivery.camera_id)
        .join(Area, Area.id == Camera.area_id)
        .join(Center, Center.id == Delivery.center_id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
    )


def _filters(query: DeliveryQuery, reader: Reader) -> list[Condition]:
    found = conditions(query, reader.moment, technical=reader.technical)
    if query.center:
        found.append(Center.code.in_(query.center))
    if query.delivery_state:
        words = [state.value for state in query.delivery_state]
        found.append(state_known(DeliveryStatus, reader.moment).in_(words))
    return found


def _named(path: DeliveryPath) -> tuple[Condition, str]:
    where = sa.and_(Camera.code == path.code, Center.code == path.center)
    return where, f"{path.code} to {path.center}"


DELIVERIES: Final = Listing(
    one="delivery",
    many="deliveries",
    model=Delivery,
    key=Delivery.id,
    rows=_rows,
    shows=DeliveryRow,
    filters=_filters,
    observed=True,
)
ROUTES: Final = (
    list_route(DELIVERIES, DeliveryQuery, DeliveryPage, Access.OWN),
    read_route(
        DELIVERIES,
        path="/api/v1/cameras/{{code}}/deliveries/{{center}}",
        path_model=DeliveryPath,
        where=_named,
        access=Access.OWN,
    ),
)
