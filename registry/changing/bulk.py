"""One change of many cameras: what becomes of each, and of which it cannot be. It selects none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.carrying_out import plan
from registry.changing.inventory import FeedRecord, Inventory, RecorderRecord, What
from registry.changing.known import load_some
from registry.changing.log import Batch, code_of
from registry.changing.preview import Conflict, Preview
from registry.changing.sight import Sight
from registry.changing.wishes import Intent, Wish
from registry.feed_url import BadFeedUrl, address_and_path
from registry.security.sealing import Sealer
from registry.security.secrets_in_urls import require_clean


@dataclass(frozen=True, slots=True)
class Bulk:
    """`fields` of each camera, or that it is retired; `feeds` by id; an assignment of each."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    retire: bool = False
    feeds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    assignment: Mapping[str, Any] = field(default_factory=dict)


async def plan_bulk(
    session: AsyncSession,
    bulk: Bulk,
    cameras: Sequence[str],
    batch: Batch,
    sealer: Sealer,
    sight: Sight,
) -> Preview:
    wishes = list(_wishes(bulk, cameras))
    if bulk.feeds:
        known = await load_some(session, {What.FEED: cameras, What.CAMERA: cameras}, None)
        wishes += _of_feeds(bulk, cameras, known)
    unfit = [_conflict(wish, why) for wish in wishes if (why := _unfit(wish))]
    wishes = [wish for wish in wishes if not _unfit(wish)]
    planned = await plan(session, wishes, batch, sealer, sight)
    conflicts = [_conflict(wishes[each.place], each.detail) for each in planned.refusals]
    return Preview(planned.changes, (*unfit, *conflicts))


def _unfit(wish: Wish) -> str:
    """Why a template filled in is no URL; it was no mistake of the request as such."""
    try:
        require_clean(wish.fields.get("url") or "rtsp://unchanged")
    except BadFeedUrl as error:
        return str(error)
    return ""


def _conflict(wish: Wish, detail: str) -> Conflict:
    return Conflict(wish.what, code_of(wish.key), detail)


def _wishes(bulk: Bulk, cameras: Iterable[str]) -> Iterable[Wish]:
    for code in cameras:
        if bulk.retire:
            yield Wish(What.CAMERA, (code,), Intent.RETIRE)
        elif bulk.fields:
            yield Wish(What.CAMERA, (code,), Intent.CHANGE, bulk.fields)
        if bulk.assignment:
            about = {**bulk.assignment, "camera": code}
            yield Wish(What.ASSIGNMENT, (_code_of(about),), Intent.CREATE, about)


def _code_of(assignment: Mapping[str, Any]) -> str:
    """The same each time: what is applied must be what was shown."""
    told = "|".join(f"{name}={assignment[name]}" for name in sorted(assignment))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _of_feeds(bulk: Bulk, cameras: Iterable[str], known: Inventory) -> Iterable[Wish]:
    """Only of cameras that have such a feed: the others have nothing to change."""
    for code in cameras:
        for name, fields in bulk.feeds.items():
            feed = known.records[What.FEED].get((code, name))
            if isinstance(feed, FeedRecord) and not feed.retired:
                said = dict(fields)
                if said.get("url"):
                    said["url"] = _filled(said["url"], feed, _host_of(code, known))
                yield Wish(What.FEED, (code, name), Intent.CHANGE, said)


def _host_of(camera: str, known: Inventory) -> str:
    """Of the recorder that the camera hangs on, if it has an address."""
    code = getattr(known.records[What.CAMERA].get((camera,)), "recorder", None)
    recorder = known.records[What.RECORDER].get((code or "",))
    return recorder.host if isinstance(recorder, RecorderRecord) else ""


def _filled(template: str, feed: FeedRecord, host: str) -> str:
    """`{host}` is the recorder's, or else as it is; `{path}` as it is; `{camera}` is the code."""
    try:
        present, path = address_and_path(feed.url)
    except BadFeedUrl:
        return template  # a URL that came in by no door of ours: it is told as one that cannot be
    host = host or present
    shown = f"[{host}]" if ":" in host else host
    filled = template.replace("{host}", shown).replace("{path}", path)
    return filled.replace("{camera}", feed.camera)
