"""What a plan would do, to be shown first; its token holds only as long as nothing changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from registry.changing.inventory import Change, Key, What
from registry.changing.log import code_of, public


@dataclass(frozen=True, slots=True)
class Row:
    """One object, field by field as far as it would differ; None: it would be made, or be gone."""

    what: What
    code: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One object that stays as it is, and why."""

    what: What
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The first rows, and a token that is the same for the same plan.

    Of other rows, or other values in any of them, it is another.
    """

    token: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Preview:
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]

    def shown(self, most: int) -> Shown:
        """Of 100,000 cameras it takes seconds: not on the loop."""
        return Shown(self._token(), [_row(each) for each in nsmallest(most, self.changes, _place)])

    def _token(self) -> str:
        told: list[Any] = [
            [each.what, each.key, each.before and public(each.before), _after(each)]
            for each in sorted(self.changes, key=_place)
        ]
        told.append(sorted((each.what, each.code, each.detail) for each in self.conflicts))
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


def _place(change: Change) -> tuple[str, Key]:
    return change.what.value, change.key


def _after(change: Change) -> dict[str, Any] | None:
    return None if change.after is None else public(change.after)


def _row(change: Change) -> Row:
    before = None if change.before is None else public(change.before)
    after = _after(change)
    if before is not None and after is not None:
        differing = {name for name in after if before.get(name) != after[name]}
        before = {name: before.get(name) for name in sorted(differing)}
        after = {name: after[name] for name in sorted(differing)}
    return Row(change.what, code_of(change.key), before, after)
