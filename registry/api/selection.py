"""Which cameras are meant: the filters of the API and of the wall as SQL. It loads nothing."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement

from registry.api.routing import Strict
from registry.api.standing import (
    Moment,
    Select,
    Standing,
    of_delivery,
    of_feed,
    reason_known,
    standing,
)
from registry.models import Area, Camera, Center, Delivery, DeliveryStatus, Feed, FeedStatus
from registry.vocabulary import CameraKind, Importance, Lifecycle, Reason

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_SEVERAL = 50  # values of one filter


class CameraFilter(Strict):
    """All filters must hold, any value of each. Retired cameras only when asked for."""

    kind: list[CameraKind] = Field([], max_length=_SEVERAL)
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    center: list[Text] = Field(
        [], max_length=_SEVERAL, description="codes; `state` and `reason` then mean these"
    )
    state: list[Standing] = Field([], max_length=_SEVERAL)
    reason: list[Reason] = Field([], max_length=_SEVERAL)
    lifecycle: list[Lifecycle] = Field([], max_length=_SEVERAL)
    importance: list[Importance] = Field([], max_length=_SEVERAL)
    q: Text | None = Field(None, description="words in code, name, address, area; any case")


def conditions(wanted: CameraFilter, moment: Moment) -> list[ColumnElement[bool]]:
    """For a statement over Camera joined with Area."""
    found: list[ColumnElement[bool]] = [Camera.lifecycle.in_(wanted.lifecycle or _not_retired())]
    if wanted.kind:
        found.append(Camera.kind.in_(wanted.kind))
    if wanted.importance:
        found.append(Camera.importance.in_(wanted.importance))
    if wanted.area:
        found.append(_inside(wanted.area.strip("/")))
    if wanted.center:
        found.append(_delivered(moment, Center.code.in_(wanted.center)))
    if wanted.reason:
        found.append(_has_reason(wanted, moment))
    if wanted.state:
        found.append(standing(moment, wanted.center).in_([word.value for word in wanted.state]))
    return found + _containing(wanted.q)


def selected(columns: Select, wanted: CameraFilter, moment: Moment) -> Select:
    return columns.join(Area, Area.id == Camera.area_id).where(*conditions(wanted, moment))


def _not_retired() -> list[Lifecycle]:
    return [life for life in Lifecycle if life is not Lifecycle.RETIRED]


def _inside(path: str) -> ColumnElement[bool]:
    return sa.or_(Area.path == path, Area.path.startswith(f"{path}/", autoescape=True))


def _containing(text: str | None) -> list[ColumnElement[bool]]:
    # Casefolded here and when stored: SQLite by itself folds ASCII only (PARTS.md).
    words = (text or "").casefold().split()
    return [Camera.search.contains(word, autoescape=True) for word in words]


def _has_reason(wanted: CameraFilter, moment: Moment) -> ColumnElement[bool]:
    words = [reason.value for reason in wanted.reason]
    on_delivery = reason_known(DeliveryStatus, moment).in_(words)
    if wanted.center:
        return _delivered(moment, Center.code.in_(wanted.center), on_delivery)
    on_feed = (
        sa.select(Feed.id)
        .outerjoin(FeedStatus, of_feed(moment))
        .where(Feed.camera_id == Camera.id, reason_known(FeedStatus, moment).in_(words))
    )
    return sa.or_(_delivered(moment, on_delivery), on_feed.correlate(Camera).exists())


def _delivered(moment: Moment, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    found = (
        sa.select(Delivery.id)
        .join(Center, Center.id == Delivery.center_id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .where(Delivery.camera_id == Camera.id, *where)
    )
    return found.correlate(Camera).exists()
