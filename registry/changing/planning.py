"""Wishes -> changes, or every reason against them, by the rules that an import goes by.

It reads what the wishes are about, and writes nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import (
    REFERENCES,
    Change,
    Inventory,
    Key,
    What,
    is_retired,
    key_fields,
    references,
)
from registry.changing.known import load_some
from registry.changing.referring import Referrer, observed, referrers
from registry.changing.sight import (
    Named,
    Sight,
    hidden_of,
    is_about,
    is_limited,
    unseen,
    used_outside,
)
from registry.changing.wishes import Intent, Refusal, Why, Wish, WishesRefused, heads_of, is_removal
from registry.models import Camera, Credential, Feed
from registry.security.sealing import Sealer
from registry.transfer.columns import BY_NAME
from registry.transfer.planning import make_plan
from registry.transfer.problems import ImportRefused, Problem
from registry.transfer.statements import Statement, Statements
from registry.vocabulary import Lifecycle

_TOLD: Final = 5  # referrers that are named; of the others only the number
_KINDS: Final = frozenset(What)
_AT_ONCE: Final = 200  # wishes judged without leaving the loop to others


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of the wishes that can be fulfilled, and why the others cannot."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    known: Inventory

    def or_refuse(self) -> Planned:
        """All of them or none."""
        if self.refusals:
            raise WishesRefused(self.refusals)
        return self


async def plan_wishes(
    session: AsyncSession,
    wishes: Sequence[Wish],
    sealer: Sealer,
    now: datetime,
    *,
    sight: Sight,
    reason: str = "",
) -> Planned:
    """What is out of sight is not there: neither what is changed nor what it shall refer to."""
    refusals = await unseen(session, sight, wishes)
    out = {each.place for each in refusals}
    judged = {place: wish for place, wish in enumerate(wishes) if place not in out}
    heads = heads_of(judged.values())
    users = await _users_of_credentials(session, judged.values())
    heads.setdefault(What.CAMERA, set()).update(camera for camera, _ in users)
    heads.setdefault(What.FEED, set()).update(camera for camera, _ in users)
    known = await load_some(session, heads, sealer)
    refusals += _existence(judged, known)
    hidden = await _forget_hidden(session, sight, judged, known)
    refusals += await _shared(session, sight, judged, known, hidden)
    refused = {each.place for each in refusals}
    held = {place: wish for place, wish in judged.items() if place not in refused}
    refusals += await _holding(session, sight, held, known, now)
    judge = _Judge(wishes, known, users, now, reason)
    refused = {each.place for each in refusals}
    if len(wishes) <= _AT_ONCE:
        changes, invalid = judge.judge(refused)
    else:
        changes, invalid = await asyncio.to_thread(judge.judge, refused)
    return Planned(tuple(changes), (*refusals, *invalid), known)


async def _shared(
    session: AsyncSession,
    sight: Sight,
    wishes: Mapping[int, Wish],
    known: Inventory,
    hidden: Collection[Named],
) -> list[Refusal]:
    """What is used out of sight as well is not for him to change, nor to answer for."""
    touched = {place: {*_touched(wish, known)} - {*hidden} for place, wish in wishes.items()}
    outside = await used_outside(session, sight, set().union(*touched.values()))
    return [
        Refusal(place, Why.HELD, "", f"{what} {code!r} is used outside of what you may change too")
        for place, named in touched.items()
        for what, code in sorted(named & outside)[:1]
    ]


def _touched(wish: Wish, known: Inventory) -> Iterator[Named]:
    """What else changes with it: itself where others use it, and what it says something of."""
    before = known.records[wish.what].get(wish.key)
    if before is not None:
        yield wish.what, wish.key[0]
        yield from (
            (what, code) for _, what, code in references(before) if is_about(wish.what, what)
        )
    yield from (each for each in _named(wish) if is_about(wish.what, each[0]))


def _named(wish: Wish) -> Iterator[Named]:
    """What it shall refer to."""
    for name, code in wish.fields.items():
        if name in REFERENCES and code is not None:
            yield REFERENCES[name], code
    if wish.what is What.DELIVERY:
        yield What.CENTER, wish.key[1]
    if wish.what is What.AREA and "/" in wish.key[0]:
        yield What.AREA, wish.key[0].rpartition("/")[0]


async def _forget_hidden(
    session: AsyncSession, sight: Sight, wishes: Mapping[int, Wish], known: Inventory
) -> set[Named]:
    """What lies out of sight cannot be newly referred to: afterwards it would be in sight."""
    if not is_limited(sight):
        return set()
    newly: set[Named] = set()
    for wish in wishes.values():
        before = known.records[wish.what].get(wish.key)
        old = () if before is None else references(before)
        newly |= set(_named(wish)) - {(what, code) for _, what, code in old}
    hidden = await hidden_of(session, sight, newly)
    for what, code in hidden:
        known.records[what].pop((code,), None)
    return hidden


def _existence(wishes: Mapping[int, Wish], known: Inventory) -> list[Refusal]:
    refusals = []
    for place, wish in wishes.items():
        there = known.records[wish.what].get(wish.key)
        field = key_fields(wish.what)[-1]
        if wish.intent is Intent.CREATE and there is not None:
            said = "retired, and its code is not used again" if is_retired(there) else "there"
            refusals.append(Refusal(place, Why.TAKEN, field, f"{wish} is {said} already"))
        elif wish.intent is not Intent.CREATE and there is None:
            refusals.append(Refusal(place, Why.UNKNOWN, "", f"there is no {wish}"))
        elif wish.intent is Intent.RETIRE and is_retired(there):
            refusals.append(Refusal(place, Why.HELD, "", f"{wish} is retired already"))
    return refusals


async def _holding(
    session: AsyncSession,
    sight: Sight,
    wishes: Mapping[int, Wish],
    known: Inventory,
    now: datetime,
) -> list[Refusal]:
    """What is referred to, or was observed, is not taken away; what goes along does not count."""
    going = {(w.what.value, w.key): w for w in wishes.values() if is_removal(w.intent)}
    places = {id(wish): place for place, wish in wishes.items()}
    refusals = []
    for what in dict.fromkeys(wish.what for wish in going.values()):
        some = {wish.key: wish for wish in going.values() if wish.what is what}
        seen = await _seen(session, what, some, known)
        held = await referrers(session, what, some, now)
        for key, wish in some.items():
            for_good = wish.intent is Intent.DELETE
            holders = [
                each
                for each in held.get(key, ())
                if (each.in_use or for_good) and (each.kind, each.key) not in going
            ]
            if holders:
                detail = f"{wish} is referred to by {await _listed(session, sight, holders)}"
                refusals.append(Refusal(places[id(wish)], Why.HELD, "", detail))
            elif for_good and key in seen:
                detail = f"{wish} was observed: retire it, so that its history stays"
                refusals.append(Refusal(places[id(wish)], Why.HELD, "", detail))
    return refusals


async def _seen(
    session: AsyncSession, what: What, keys: Collection[Key], known: Inventory
) -> set[Key]:
    """Of a camera, whatever is known of its feeds and deliveries counts."""
    seen = await observed(session, what, keys)
    if what is What.CAMERA:
        for part in (What.FEED, What.DELIVERY):
            of_these = [key for key in known.records[part] if key[:1] in keys]
            seen |= {key[:1] for key in await observed(session, part, of_these)}
    return seen


async def _listed(session: AsyncSession, sight: Sight, holders: Sequence[Referrer]) -> str:
    """By name, as far as whoever asks sees them."""
    named = {(What(each.kind), each.key[0]): each for each in holders if each.kind in _KINDS}
    hidden = await hidden_of(session, sight, named) if is_limited(sight) else set()
    shown = sorted(
        f"{each.kind} {'/'.join(each.key)}"
        for each in holders
        if each.kind not in _KINDS or (What(each.kind), each.key[0]) not in hidden
    )
    more = [f"{len(shown) - _TOLD} more"] if len(shown) > _TOLD else []
    unseen = ["what lies outside of what you may change"] if hidden else []
    first = ", ".join(shown[:_TOLD])
    return " and ".join(filter(None, [first, *more, *unseen]))


async def _users_of_credentials(session: AsyncSession, wishes: Collection[Wish]) -> list[Key]:
    """Feeds that a login must still fit when the hosts it is bound to change."""
    codes = [wish.key[0] for wish in wishes if wish.what is What.CREDENTIAL]
    if not codes:
        return []
    rows = await session.execute(
        sa.select(Camera.code, Feed.name)
        .join(Feed, Feed.camera_id == Camera.id)
        .join(Credential, Credential.id == Feed.credential_id)
        .where(Credential.code.in_(codes), Feed.retired_at.is_(None))
    )
    return [tuple(row) for row in rows]


class _Judge:
    def __init__(
        self,
        wishes: Sequence[Wish],
        known: Inventory,
        users: Sequence[Key],
        now: datetime,
        reason: str,
    ) -> None:
        self._wishes = wishes
        self._known = known
        self._users = users
        self._now = now
        self._reason = reason

    def judge(self, refused: Collection[int]) -> tuple[list[Change], list[Refusal]]:
        """A refusal is told with all others; the rest is judged again without those refused."""
        changes, invalid = self._plan(refused)
        if invalid:
            changes, _ = self._plan({*refused, *(each.place for each in invalid)})
        return changes, invalid

    def _plan(self, refused: Collection[int]) -> tuple[list[Change], list[Refusal]]:
        statements = Statements()
        gone: list[Change] = []
        for place, wish in enumerate(self._wishes):
            if place in refused:
                continue
            if wish.intent is Intent.DELETE:
                gone += self._gone(wish)
            else:
                self._state(place, wish, statements)
        self._touch(statements)
        try:
            plan = make_plan(
                statements, self._known, rows=len(self._wishes), today=self._now.date()
            )
        except ImportRefused as refusal:
            return gone, [self._refusal(problem) for problem in refusal.problems]
        return [*plan.changes, *gone], []

    def _state(self, place: int, wish: Wish, statements: Statements) -> None:
        fields = dict(wish.fields)
        if wish.intent is Intent.RETIRE:
            fields |= self._retiring(wish.what)
        statements.by_key[wish.what][wish.key] = Statement(
            place,
            fields,
            dict.fromkeys(fields, place),
            revives=wish.intent is Intent.RESTORE,
        )

    def _retiring(self, what: What) -> dict[str, Any]:
        match what:
            case What.CAMERA:
                return {"lifecycle": Lifecycle.RETIRED, "lifecycle_note": self._reason[:300]}
            case What.ASSIGNMENT:
                return {"ends_at": self._now}
            case _:
                return {"retired": True}

    def _touch(self, statements: Statements) -> None:
        """Looks again at what stays as it is and must fit the rest: siblings, users of a login."""
        feeds = statements.by_key[What.FEED]
        rows = {key[:1]: said.row for key, said in feeds.items()}
        logins = statements.by_key[What.CREDENTIAL]
        of_camera = defaultdict(list)
        for key in self._known.records[What.FEED]:
            of_camera[key[:1]].append(key)
        for camera, row in rows.items():
            for key in of_camera[camera]:
                feeds.setdefault(key, Statement(row))
        for key in self._users:
            login = logins.get((getattr(self._known.records[What.FEED][key], "credential", ""),))
            if login is not None:
                feeds.setdefault(key, Statement(login.row))

    def _gone(self, wish: Wish) -> list[Change]:
        """A camera's parts are told one by one: an undo makes them again."""
        records = self._known.records
        gone = [Change(wish.what, wish.key, records[wish.what][wish.key], None)]
        if wish.what is What.CAMERA:
            gone += [
                Change(part, key, record, None)
                for part in (What.DEVICE, What.FEED, What.DELIVERY)
                for key, record in records[part].items()
                if key[:1] == wish.key
            ]
        return gone

    def _refusal(self, problem: Problem) -> Refusal:
        what = self._wishes[problem.row].what
        return Refusal(
            problem.row,
            Why.INVALID,
            _field(what, problem.column),
            f"{problem.value!r}, expected {problem.expected}",
        )


def _field(what: What, column: str) -> str:
    """The record's name for a column of a file."""
    found = BY_NAME.get(column)
    return found.field if found is not None and found.what is what and found.field else column
