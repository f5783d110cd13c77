"""The change log as a page: what was done together, field by field. The API takes batches back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.changes import ChangeQuery, ChangeShape, Word, conditions, read_changes
from registry.api.problems import Problem, refused
from registry.api.routing import Strict
from registry.changing.inventory import What, key_fields
from registry.models import LoggedChange
from registry.security.within import Condition
from registry.serving import SERVING
from registry.vocabulary import ChangeSource
from registry.web.facts import page_words
from registry.web.guard import within_reach
from registry.web.languages import language_of
from registry.web.local_time import zone_of_reader
from registry.web.rendering import render
from registry.web.zones import ZONES

ROWS: Final = 100
ROWS_OF_A_BATCH: Final = 6  # in the list; its own page shows them all


class ChangesAsked(Strict):
    """The filters of the page; days are whole days, in the time of the page."""

    kind: What | None = None
    object: Word | None = None
    who: Word | None = None
    source: ChangeSource | None = None
    since: date | None = None
    until: date | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field that differs; of what was made or removed, one that says something."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowShown:
    kind: What
    code: str
    camera: str  # whose page it leads to; empty where it belongs to none
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @classmethod
    def of(cls, row: ChangeShape) -> RowShown:
        of_camera = row.kind is What.CAMERA or key_fields(row.kind)[0] == "camera"
        camera = row.code.partition("/")[0] if of_camera else ""
        return cls(row.kind, row.code, camera, row.before, row.after)

    @property
    def deed(self) -> str:
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "changed"

    @property
    def fields(self) -> list[FieldShown]:
        before, after = self.before or {}, self.after or {}
        keys = key_fields(self.kind)
        names = [name for name in {**before, **after} if name not in keys]
        each = [FieldShown(name, before.get(name), after.get(name)) for name in names]
        return [one for one in each if _says_something(one.before) or _says_something(one.after)]

    @property
    def differing(self) -> list[FieldShown]:
        return [each for each in self.fields if each.before != each.after]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShown:
    """What was done together, with the first of its rows that fit the filters."""

    first: ChangeShape
    rows: Sequence[RowShown]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    asked: ChangesAsked
    zone: str
    batches: Sequence[BatchShown]
    next: str | None

    def link(self, **changes: object) -> str:
        """This page with other filters, from its beginning."""
        given = self.asked.model_dump(mode="json", exclude_none=True) | {"cursor": None}
        values = {name: value for name, value in (given | changes).items() if value}
        return f"/changes?{urlencode(values)}" if values else "/changes"

    @property
    def is_filtered(self) -> bool:
        return self.link() != "/changes"


async def show_changes(request: web.Request) -> web.StreamResponse:
    asked = _asked(request)
    async with request.app[SERVING].database.read() as session:
        zone = await zone_of_reader(request, session)
        wanted = _conditions(asked, request.app[ZONES][zone])
        log = await _log(session, within_reach(request, LoggedChange), wanted, asked, zone)
    return render(request, "changes.html", log=log, kinds=tuple(What), sources=tuple(ChangeSource))


async def show_batch(request: web.Request) -> web.StreamResponse:
    """Everything that was done together, page by page."""
    visible = within_reach(request, LoggedChange)
    query = _query(batch=request.match_info["batch"], cursor=request.query.get("cursor"))
    async with request.app[SERVING].database.read() as session:
        zone = await zone_of_reader(request, session)
        page = await read_changes(session, visible, query, conditions(query))
        counts = await _counts(session, visible, [LoggedChange.batch == query.batch])
    if not page.items:
        raise Problem(404, f"the change log has no batch {query.batch!r} for you")
    batch = BatchShown(
        first=page.items[0],
        rows=[RowShown.of(row) for row in page.items],
        total=sum(number for number, _ in counts.values()),
    )
    words = page_words(language_of(request))
    return render(request, "change.html", batch=batch, zone=zone, next=page.next, words=words)


async def _log(
    session: AsyncSession,
    visible: Condition,
    wanted: Sequence[Condition],
    asked: ChangesAsked,
    zone: str,
) -> Log:
    """Batch by batch. One of 20,000 rows is passed over at once: the next page begins behind it."""
    page = await read_changes(session, visible, _query(cursor=asked.cursor), wanted)
    ids = {row.batch for row in page.items}
    counts = await _counts(session, visible, [*wanted, LoggedChange.batch.in_(ids)])
    # Whoever writes holds the registry meanwhile, so that no two batches mix.
    batches = [
        _batch(list(rows), counts[batch][0])
        for batch, rows in groupby(page.items, key=lambda row: row.batch)
    ]
    behind = counts[page.items[-1].batch][1] if page.next else 0
    earlier = await session.scalar(
        sa.select(LoggedChange.id).where(visible, *wanted, LoggedChange.id < behind).limit(1)
    )
    return Log(asked=asked, zone=zone, batches=batches, next=str(behind) if earlier else None)


def _batch(rows: Sequence[ChangeShape], total: int) -> BatchShown:
    shown = [RowShown.of(row) for row in rows[:ROWS_OF_A_BATCH]]
    return BatchShown(first=rows[0], rows=shown, total=total)


async def _counts(
    session: AsyncSession, visible: Condition, wanted: Sequence[Condition]
) -> dict[str, tuple[int, int]]:
    """Of each batch how many rows, and the id of the first."""
    statement = (
        sa.select(LoggedChange.batch, sa.func.count(), sa.func.min(LoggedChange.id))
        .where(visible, *wanted)
        .group_by(LoggedChange.batch)
    )
    return {batch: (number, first) for batch, number, first in await session.execute(statement)}


def _conditions(asked: ChangesAsked, zone: tzinfo) -> list[Condition]:
    query = _query(
        kind=asked.kind,
        who=asked.who,
        source=asked.source,
        since=midnight(asked.since, zone),
        until=midnight(asked.until, zone, days_later=1),
    )
    found = conditions(query)
    if asked.object is not None:
        named = sa.or_(LoggedChange.code == asked.object, LoggedChange.camera == asked.object)
        found.append(named)
    return found


def midnight(day: date | None, zone: tzinfo, days_later: int = 0) -> datetime | None:
    """When that day begins there; of the last day of a filter, when the next one does."""
    if day is None:
        return None
    try:
        local = datetime.combine(day + timedelta(days=days_later), time(), zone)
        return local.astimezone(UTC)
    except OverflowError:
        raise Problem(422, f"no calendar goes on from {day.isoformat()}") from None


def _asked(request: web.Request) -> ChangesAsked:
    """An empty field of the form means no filter."""
    given = {name: value.strip() for name, value in request.query.items() if value.strip()}
    try:
        return ChangesAsked.model_validate(given)
    except ValidationError as error:
        raise refused("query", error) from error


def _query(**given: object) -> ChangeQuery:
    try:
        return ChangeQuery.model_validate({"limit": ROWS, **given})
    except ValidationError as error:
        raise refused("query", error) from error


def _says_something(value: object) -> bool:
    return value not in (None, "", [], False)
