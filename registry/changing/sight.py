"""Who may change what: only what he sees, into nothing that he does not see. It makes no rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import Change, What, references
from registry.changing.known import HEADS, model_of
from registry.changing.referring import slices
from registry.changing.wishes import Intent, Refusal, Why, Wish
from registry.models import Base

# True for the rows of a class that somebody sees.
Sight: TypeAlias = Callable[[type[Base]], sa.ColumnElement[bool]]
_Named: TypeAlias = Iterable[tuple[What, str]]
_OF_A_CAMERA = frozenset({What.DEVICE, What.FEED, What.DELIVERY})


class OutOfReach(Exception):
    """What was changed would lie where whoever changed it sees nothing."""


def everything(_shown: type[Base]) -> sa.ColumnElement[bool]:
    return sa.true()


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
    named: list[tuple[What, str]] = []
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


def _must_be_there(wish: Wish) -> bool:
    return wish.intent is not Intent.CREATE or wish.what in _OF_A_CAMERA


async def hidden_of(session: AsyncSession, sight: Sight, named: _Named) -> set[tuple[What, str]]:
    """What of it does not exist, or is out of sight."""
    asked: defaultdict[What, set[str]] = defaultdict(set)
    for what, code in named:
        asked[what].add(code)
    hidden: set[tuple[What, str]] = set()
    for what, codes in asked.items():
        head = HEADS[what]
        for some in slices(codes):
            found = sa.select(head).where(head.in_(some), sight(model_of(what)))
            seen = set(await session.scalars(found))
            hidden |= {(what, code) for code in some if code not in seen}
    return hidden
