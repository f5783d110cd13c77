"""Wishes: what somebody wants of single things, and every reason why it cannot be. It is pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from registry.changing.inventory import REFERENCES, Key, What


class Intent(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    RETIRE = "retire"
    DELETE = "delete"
    RESTORE = "restore"  # an undo: also of what was retired


class Why(StrEnum):
    """Why a wish is refused, in the order in which it is told."""

    UNKNOWN = "unknown"  # there is no such thing, or it is out of reach
    TAKEN = "taken"  # the code is in use, or was
    HELD = "held"  # something refers to it, or something was observed of it
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Wish:
    """`fields` are values of the record's fields; None empties one, what is not named stays."""

    what: What
    key: Key
    intent: Intent
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.what} {'/'.join(self.key)!r}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of the wish at that place; `field` is empty where the wish as a whole is meant."""

    place: int
    why: Why
    field: str
    detail: str


class WishesRefused(Exception):
    def __init__(self, refusals: Iterable[Refusal]) -> None:
        ranks = list(Why)
        self.refusals = tuple(sorted(refusals, key=lambda r: (ranks.index(r.why), r.place)))
        super().__init__("; ".join(each.detail for each in self.refusals))


def heads_of(wishes: Collection[Wish]) -> dict[What, set[str]]:
    """What has to be known to judge them, by the first part of each key."""
    heads: defaultdict[What, set[str]] = defaultdict(set)
    for wish in wishes:
        heads[wish.what].add(wish.key[0])
        if wish.what is What.AREA and "/" in wish.key[0]:
            heads[What.AREA].add(wish.key[0].rpartition("/")[0])
        if wish.what is What.CAMERA and wish.intent is Intent.DELETE:
            for part in (What.DEVICE, What.FEED, What.DELIVERY):
                heads[part].add(wish.key[0])
        if wish.what in (What.DEVICE, What.FEED, What.DELIVERY):
            heads[What.CAMERA].add(wish.key[0])
        if wish.what is What.DELIVERY:
            heads[What.CENTER].add(wish.key[1])
        for name, code in wish.fields.items():
            if name in REFERENCES and code is not None:
                heads[REFERENCES[name]].add(code)
    return heads


def is_removal(intent: Intent) -> bool:
    match intent:
        case Intent.RETIRE | Intent.DELETE:
            return True
        case Intent.CREATE | Intent.CHANGE | Intent.RESTORE:
            return False
        case _:
            assert_never(intent)
