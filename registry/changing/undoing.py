"""Takes a batch back: each object as it was before, unless somebody changed it since."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.carrying_out import plan
from registry.changing.inventory import RECORDS, Key, Record, What, key_fields
from registry.changing.known import load_some
from registry.changing.log import Batch, key_of, public
from registry.changing.preview import Conflict, Preview
from registry.changing.sight import Sight
from registry.changing.wishes import Intent, Refusal, Why, Wish
from registry.models import LoggedChange
from registry.security.sealing import Sealer

_PARTS: Final = frozenset({What.DEVICE, What.FEED, What.DELIVERY})


class UnknownBatch(LookupError):
    """The log knows no such batch."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """What a batch did to one object, from its first row to its last."""

    what: What
    key: Key
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    login_changed: bool


async def plan_undo(
    session: AsyncSession, undone: str, batch: Batch, sealer: Sealer, sight: Sight
) -> Preview:
    """Row by row; a row that was changed since, or that holds others, is a conflict."""
    deeds = await _deeds(session, undone, sight)
    now = await _current(session, deeds, sealer)
    conflicts = [
        each for deed in deeds if (each := _conflict(deed, now.get((deed.what, deed.key))))
    ]
    hindered = {(each.what, each.code) for each in conflicts}
    made = {deed.key for deed in deeds if deed.what is What.CAMERA and deed.before is None}
    wishes = [
        _inverse(deed)
        for deed in deeds
        if (deed.what, "/".join(deed.key)) not in hindered
        and not (deed.what in _PARTS and deed.key[:1] in made)  # it goes with its camera
    ]
    wishes = await _retiring_what_is_held(session, wishes, batch, sealer, sight)
    planned = await plan(session, wishes, batch, sealer, sight)
    conflicts += [_told(wishes[each.place], each) for each in planned.refusals]
    return Preview(planned.changes, tuple(conflicts))


async def _deeds(session: AsyncSession, undone: str, sight: Sight) -> list[_Deed]:
    statement = sa.select(LoggedChange).where(LoggedChange.batch == undone, sight(LoggedChange))
    found: dict[tuple[What, Key], _Deed] = {}
    for row in await session.scalars(statement.order_by(LoggedChange.id)):
        what = What(row.kind)
        key = key_of(what, row.code)
        after = dict(row.after) if row.after is not None else None
        login_changed = bool(after and after.pop("login", None))
        first = found.get((what, key))
        before = row.before if first is None else first.before
        login_changed |= first is not None and first.login_changed
        found[what, key] = _Deed(what, key, before, after, login_changed)
    if not found:
        raise UnknownBatch(f"the change log knows no batch {undone!r}")
    return list(found.values())


async def _current(
    session: AsyncSession, deeds: Sequence[_Deed], sealer: Sealer
) -> dict[tuple[What, Key], Record]:
    heads: dict[What, set[str]] = {}
    for deed in deeds:
        heads.setdefault(deed.what, set()).add(deed.key[0])
    known = await load_some(session, heads, sealer)
    return {(what, key): each for what, all_ in known.records.items() for key, each in all_.items()}


def _conflict(deed: _Deed, now: Record | None) -> Conflict | None:
    why = _hindrance(deed, now)
    return Conflict(deed.what, "/".join(deed.key), why) if why else None


def _hindrance(deed: _Deed, now: Record | None) -> str:
    if (None if now is None else public(now)) != deed.after:
        return "it was changed since"
    if deed.login_changed:
        return "its login was changed, and the old one is not kept"
    if deed.what is What.CREDENTIAL and deed.after is None:
        return "its login went with it"
    if deed.what is What.DEVICE and _is_swap(deed):
        return "a device that took another's place: swap it by its serial"
    return ""


def _is_swap(deed: _Deed) -> bool:
    if deed.before is None or deed.after is None:
        return False
    return bool(deed.before["serial"]) and deed.before["serial"] != deed.after["serial"]


def _inverse(deed: _Deed) -> Wish:
    if deed.before is None:
        return Wish(deed.what, deed.key, Intent.DELETE)
    intent = Intent.CREATE if deed.after is None else Intent.RESTORE
    return Wish(deed.what, deed.key, intent, _fields(deed.what, deed.before))


def _fields(what: What, told: Mapping[str, Any]) -> dict[str, Any]:
    """The way back from words of JSON; a login is not among them and stays as it is."""
    extra = {"login": None} if what is What.CREDENTIAL else {}
    record = TypeAdapter(RECORDS[what]).validate_python({**told, **extra})
    keys = {*key_fields(what), *extra, "changed_at"}
    names = [each.name for each in dataclasses.fields(record) if each.name not in keys]
    return {name: getattr(record, name) for name in names}


async def _retiring_what_is_held(
    session: AsyncSession, wishes: list[Wish], batch: Batch, sealer: Sealer, sight: Sight
) -> list[Wish]:
    """What was observed meanwhile is not deleted: it goes out of use, and its history stays."""
    planned = await plan(session, wishes, batch, sealer, sight)
    held = {each.place for each in planned.refusals if each.why is Why.HELD}
    return [
        dataclasses.replace(wish, intent=Intent.RETIRE)
        if place in held and wish.intent is Intent.DELETE
        else wish
        for place, wish in enumerate(wishes)
    ]


def _told(wish: Wish, refusal: Refusal) -> Conflict:
    return Conflict(wish.what, "/".join(wish.key), refusal.detail)
