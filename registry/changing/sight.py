"""Who may change what: only what he sees, into nothing that he does not see. It makes no rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import Change, What, references
from registry.changing.known import HEADS, model_of
from registry.changing.referring import holders, slices
from registry.changing.wishes import Intent, Refusal, Why, Wish
from registry.changing.writing import ids_of, table_of
from registry.models import Base, Camera

# True for the rows of a class that somebody sees.
Sight: TypeAlias = Callable[[type[Base]], sa.ColumnElement[bool]]
Named: TypeAlias = tuple[What, str]
_OF_A_CAMERA = frozenset({What.DEVICE, What.FEED, What.DELIVERY})
# What says nothing of itself: to write it is to change what it is about.
_ABOUT = {
    What.ASSIGNMENT: frozenset({What.SITE, What.RECORDER, What.SYSTEM, What.AREA}),
    What.CONTACT: frozenset({What.CONTRACTOR, What.CENTER, What.SITE}),
}
# A contractor answers through its contracts; an assignment of an area holds all areas below.
_HELD_THROUGH = frozenset({What.CONTRACT, What.AREA})


class OutOfReach(Exception):
    """What was changed would lie where whoever changed it sees nothing."""


def everything(_shown: type[Base]) -> sa.ColumnElement[bool]:
    return sa.true()


def is_limited(sight: Sight) -> bool:
    return sight(Camera) is not sa.true()


async def unseen(session: AsyncSession, sight: Sight, wishes: Sequence[Wish]) -> list[Refusal]:
    """What is out of reach is not there, in the same words."""
    needed = {place: (w.what, w.key[0]) for place, w in enumerate(wishes) if _must_be_there(w)}
    hidden = await hidden_of(session, sight, needed.values())
    return [
        Refusal(place, Why.UNKNOWN, "", f"there is no {wishes[place]}")
        for place, named in needed.items()
        if named in hidden
    ]


async def require_seen(session: AsyncSession, sight: Sight, changes: Sequence[Change]) -> None:
    """After the changes were written: they, and all they newly refer to, are in sight."""
    named: list[Named] = []
    for change in changes:
        if change.after is None:
            continue
        named.append((change.what, change.key[0]))
        before = set() if change.before is None else set(references(change.before))
        named += [(what, code) for _, what, code in set(references(change.after)) - before]
    hidden = await hidden_of(session, sight, named)
    if hidden:
        what, code = min(hidden)
        raise OutOfReach(f"{what} {code!r} lies outside what you may change")


def is_about(what: What, target: What) -> bool:
    """Whether a thing of this kind changes what it refers to, all that stands on it included."""
    return target in _ABOUT.get(what, ())


async def used_outside(session: AsyncSession, sight: Sight, named: Iterable[Named]) -> set[Named]:
    """Those of it on which something stands that is out of sight. A camera stands for itself."""
    if not is_limited(sight):
        return set()
    outside: set[Named] = set()
    pending: list[tuple[What, dict[int, Named]]] = [
        (what, rows)
        for what, codes in _by_kind(named).items()
        if what is not What.CAMERA and what not in _OF_A_CAMERA and what not in _ABOUT
        for rows in [await _rows(session, what, codes)]
    ]
    while pending:
        what, roots = pending.pop()
        for kind, column in holders(what):
            if kind is What.CONTACT or (kind is What.ASSIGNMENT and what is not What.CONTRACT):
                continue  # they tell of it, and use nothing
            hidden, held = await _holding(session, sight, kind, column, roots)
            outside |= hidden
            if held and kind in _HELD_THROUGH:
                pending.append((kind, held))
    return outside


async def _rows(session: AsyncSession, what: What, codes: set[str]) -> dict[int, Named]:
    rows: dict[int, Named] = {}
    for some in slices(codes):
        found = await session.execute(ids_of(what).where(HEADS[what].in_(some)))
        rows |= {row_id: (what, code) for row_id, code in found}
    return rows


async def _holding(
    session: AsyncSession,
    sight: Sight,
    kind: What,
    column: sa.Column[int],
    roots: dict[int, Named],
) -> tuple[set[Named], dict[int, Named]]:
    """Of which things something of that kind is hidden; and all of it, where it holds others."""
    # A condition over what is not set is NULL, and NOT of it as well: it is asked as a value.
    is_hidden = sa.case((sight(model_of(kind)), 0), else_=1) == 1
    hidden: set[Named] = set()
    held: dict[int, Named] = {}
    for some in slices(roots):
        of_these = ids_of(kind).where(column.in_(some))
        found = of_these.with_only_columns(column).where(is_hidden).order_by(None).distinct()
        hidden |= {roots[row_id] for row_id in await session.scalars(found)}
        if kind in _HELD_THROUGH:
            rows = of_these.with_only_columns(table_of(kind).c.id, column)
            held |= {row_id: roots[held_by] for row_id, held_by in await session.execute(rows)}
    return hidden, held


def _must_be_there(wish: Wish) -> bool:
    return wish.intent is not Intent.CREATE or wish.what in _OF_A_CAMERA


async def hidden_of(session: AsyncSession, sight: Sight, named: Iterable[Named]) -> set[Named]:
    """What of it does not exist, or is out of sight."""
    hidden: set[Named] = set()
    for what, codes in _by_kind(named).items():
        head = HEADS[what]
        for some in slices(codes):
            found = sa.select(head).where(head.in_(some), sight(model_of(what)))
            seen = set(await session.scalars(found))
            hidden |= {(what, code) for code in some if code not in seen}
    return hidden


def _by_kind(named: Iterable[Named]) -> dict[What, set[str]]:
    asked: defaultdict[What, set[str]] = defaultdict(set)
    for what, code in named:
        asked[what].add(code)
    return asked
