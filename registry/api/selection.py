"""Which cameras are meant: the filters of the API and of the wall as SQL. It loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from registry.api.routing import Strict
from registry.api.standing import (
    Moment,
    Select,
    Standing,
    expired,
    failing_at_known,
    is_measured,
    of_delivery,
    of_feed,
    reason_known,
    standing,
)
from registry.folding import fold, folded
from registry.models import (
    Area,
    Camera,
    Center,
    Delivery,
    DeliveryStatus,
    Feed,
    FeedStatus,
    Program,
    Recorder,
    Site,
    System,
)
from registry.security.within import looked_after_by
from registry.vocabulary import CameraKind, DeliveryState, FailingAt, Importance, Lifecycle, Reason

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_SEVERAL = 50  # values of one filter
Codes = Annotated[list[Text], Field(max_length=_SEVERAL)]


class EstateFilter(Strict):
    """What the registry says of cameras. All must hold, any value of each."""

    kind: list[CameraKind] = Field([], max_length=_SEVERAL)
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    center: Codes = Field([], description="codes; `state` and `reason` then mean these")
    site: Codes = Field([], description="codes")
    system: Codes = Field([], description="codes")
    recorder: Codes = Field([], description="codes")
    contractor: Codes = Field([], description="codes; through the assignments in force")
    program: Codes = Field([], description="codes")
    lifecycle: list[Lifecycle] = Field([], max_length=_SEVERAL)
    importance: list[Importance] = Field([], max_length=_SEVERAL)
    q: Text | None = Field(
        None,
        description="words in code, name, address, area, site, recorder; any case, ё and е alike; "
        "for operators in serials, MACs and hosts as well",
    )


class CameraFilter(EstateFilter):
    """And what is known of them now. Retired cameras only when asked for."""

    state: list[Standing] = Field([], max_length=_SEVERAL)
    reason: list[Reason] = Field([], max_length=_SEVERAL)
    failing_at: list[FailingAt] = Field([], max_length=_SEVERAL)


def chosen(
    wanted: EstateFilter, moment: Moment, *, technical: bool = False
) -> list[ColumnElement[bool]]:
    """For a statement over Camera joined with Area. `technical`: text finds hosts and serials."""
    traces = [Camera.search_technical] if technical else []
    return [*_of_the_registry(wanted, moment), *containing(wanted.q, Camera.search, *traces)]


def conditions(
    wanted: CameraFilter, moment: Moment, *, technical: bool = False
) -> list[ColumnElement[bool]]:
    return [*chosen(wanted, moment, technical=technical), *_of_the_knowledge(wanted, moment)]


def _of_the_registry(wanted: EstateFilter, moment: Moment) -> Iterator[ColumnElement[bool]]:
    yield Camera.lifecycle.in_(wanted.lifecycle or _not_retired())
    if wanted.kind:
        yield Camera.kind.in_(wanted.kind)
    if wanted.importance:
        yield Camera.importance.in_(wanted.importance)
    if wanted.area:
        yield inside(wanted.area)
    for column, model, codes in (
        (Camera.site_id, Site, wanted.site),
        (Camera.system_id, System, wanted.system),
        (Camera.recorder_id, Recorder, wanted.recorder),
        (Camera.program_id, Program, wanted.program),
    ):
        if codes:
            yield column.in_(sa.select(model.id).where(model.code.in_(codes)))
    if wanted.contractor:
        yield looked_after_by(wanted.contractor, moment.now)
    if wanted.center:
        yield _delivered(moment, Center.code.in_(wanted.center))


def _of_the_knowledge(wanted: CameraFilter, moment: Moment) -> Iterator[ColumnElement[bool]]:
    if wanted.reason:
        yield _has_reason(wanted, moment)
    if wanted.failing_at:
        words = [place.value for place in wanted.failing_at]
        of_centers = [Center.code.in_(wanted.center)] if wanted.center else []
        yield _delivered(moment, failing_at_known(moment).in_(words), *of_centers)
    if wanted.state:
        yield _standing_in(wanted, moment)


_BROKEN = frozenset({Standing.NOT_REACHING, Standing.DEGRADED})


def _standing_in(wanted: CameraFilter, moment: Moment) -> ColumnElement[bool]:
    """As `standing` says. Of many cameras few are broken, and those are found by index."""
    if not _BROKEN.issuperset(wanted.state):
        return standing(moment, wanted.center).in_([word.value for word in wanted.state])
    found = _has_a_delivery_that_is(wanted.state, wanted, moment)
    if Standing.NOT_REACHING not in wanted.state:
        worse = _has_a_delivery_that_is([Standing.NOT_REACHING], wanted, moment)
        found = sa.and_(found, sa.not_(worse))
    return sa.and_(is_measured(), found)


def _has_a_delivery_that_is(
    states: Sequence[Standing], wanted: CameraFilter, moment: Moment
) -> ColumnElement[bool]:
    """EXISTS and not IN: what is not there, PostgreSQL would first list for all cameras."""
    of_centers = sa.select(Center.id).where(Center.code.in_(wanted.center)).correlate(None)
    here = [Delivery.center_id.in_(of_centers)] if wanted.center else []
    found = (
        sa.select(Delivery.id)
        .join(DeliveryStatus, of_delivery(moment))
        .where(
            Delivery.camera_id == Camera.id,
            Delivery.retired_at.is_(None),
            DeliveryStatus.state.in_([DeliveryState(state.value) for state in states]),
            sa.not_(expired(DeliveryStatus, moment)),
            *here,
        )
    )
    return found.correlate(Camera).exists()


def selected(
    columns: Select,
    wanted: CameraFilter,
    moment: Moment,
    visible: ColumnElement[bool],
    *,
    technical: bool = False,
) -> Select:
    """`visible` is the reach of whoever asks, as `within` makes it."""
    return columns.join(Area, Area.id == Camera.area_id).where(
        visible, *conditions(wanted, moment, technical=technical)
    )


def _not_retired() -> list[Lifecycle]:
    return [life for life in Lifecycle if life is not Lifecycle.RETIRED]


def inside(area: str) -> ColumnElement[bool]:
    """That area and all below it, over Area."""
    path = area.strip("/")
    return sa.or_(Area.path == path, Area.path.startswith(f"{path}/", autoescape=True))


def containing(text: str | None, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Every word in any of these columns, which are kept folded."""
    return [
        sa.or_(*(_searchable(column, word).contains(word, autoescape=True) for column in columns))
        for word in folded(text or "").split()
    ]


_TRIGRAM = 3


def _searchable(column: InstrumentedAttribute[str], word: str) -> ColumnElement[str]:
    """An index of trigrams knows nothing of a shorter word: all of it would be read, row by row."""
    indexed = sa.type_coerce(column, sa.Text)
    return indexed if len(word) >= _TRIGRAM else indexed.concat("")


def containing_words(
    text: str | None, *columns: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """The same of columns as they were written: for tables with hundreds of rows, not thousands."""
    return [
        sa.or_(*(fold(column).contains(word, autoescape=True) for column in columns))
        for word in folded(text or "").split()
    ]


def _has_reason(wanted: CameraFilter, moment: Moment) -> ColumnElement[bool]:
    words = [reason.value for reason in wanted.reason]
    on_delivery = reason_known(DeliveryStatus, moment).in_(words)
    if wanted.center:
        return _delivered(moment, Center.code.in_(wanted.center), on_delivery)
    on_feed = (
        sa.select(Feed.id)
        .outerjoin(FeedStatus, of_feed(moment))
        .where(
            Feed.camera_id == Camera.id,
            Feed.retired_at.is_(None),
            reason_known(FeedStatus, moment).in_(words),
        )
    )
    return sa.or_(_delivered(moment, on_delivery), on_feed.correlate(Camera).exists())


def _delivered(moment: Moment, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    found = (
        sa.select(Delivery.id)
        .join(Center, Center.id == Delivery.center_id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .where(Delivery.camera_id == Camera.id, Delivery.retired_at.is_(None), *where)
    )
    return found.correlate(Camera).exists()
