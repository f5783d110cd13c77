"""What an import would do, as a value to show first and carry out then. It shows no secret."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.changing.inventory import RECORDS, Change, Key, What, key_fields
from registry.targets import Login
from registry.transfer.cells import written
from registry.transfer.problems import Hint, shown

SHOWN_PER_KIND = 40
SHOWN_HINTS = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: str
    after: str


def field_changes(change: Change) -> Iterator[FieldChange]:
    """Field by field, for people; a login only says that it differs."""
    for each in dataclasses.fields(RECORDS[change.what]):
        before = getattr(change.before, each.name, None)
        after = getattr(change.after, each.name, None)
        if before != after and each.name not in key_fields(change.what):
            yield FieldChange(each.name, _told(before), _told(after))


def _told(value: object) -> str:
    if isinstance(value, Login):
        return "(a login)"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return shown(written(value))


@dataclass(frozen=True, slots=True)
class Plan:
    """`revision` is the one it was made at: it is not applied to any other."""

    revision: int
    rows: int
    changes: tuple[Change, ...]
    unchanged: dict[What, int]
    hints: tuple[Hint, ...] = ()
    rows_of: Mapping[tuple[What, Key], int] = field(default_factory=dict)
    logins_differing: int = 0  # how many logins in use are others in the file

    @property
    def is_empty(self) -> bool:
        return not self.changes

    def counts(self) -> dict[What, tuple[int, int, int]]:
        """By kind: to create, to change, unchanged; without kinds the file does not speak of."""
        created = Counter(change.what for change in self.changes if change.before is None)
        changed = Counter(change.what for change in self.changes if change.before is not None)
        counts = {
            what: (created[what], changed[what], self.unchanged.get(what, 0)) for what in What
        }
        return {what: count for what, count in counts.items() if any(count)}


def render_plan(plan: Plan) -> str:
    """For a terminal: totals, every change, and the first new things of each kind."""
    lines = [f"{plan.rows} rows read"]
    for what, (created, changed, unchanged) in plan.counts().items():
        lines.append(f"  {what:<11} create {created}, change {changed}, unchanged {unchanged}")
    for what in plan.counts():
        lines += _rendered([change for change in plan.changes if change.what is what])
    lines += [f"? {hint}" for hint in plan.hints[:SHOWN_HINTS]]
    if len(plan.hints) > SHOWN_HINTS:
        lines.append(f"? ... and {len(plan.hints) - SHOWN_HINTS} more hints")
    lines.append("Nothing to do." if plan.is_empty else "Nothing is ever deleted by an import.")
    return "\n".join(lines)


def _rendered(changes: list[Change]) -> Iterator[str]:
    created = [change for change in changes if change.before is None]
    for change in created[:SHOWN_PER_KIND]:
        yield f"+ {change.what} {_name(change)}"
    if len(created) > SHOWN_PER_KIND:
        yield f"+ ... and {len(created) - SHOWN_PER_KIND} more {changes[0].what} records"
    for change in changes:
        if change.before is not None:
            told = "; ".join(
                f"{f.field}: {f.before!r} -> {f.after!r}" for f in field_changes(change)
            )
            yield f"~ {change.what} {_name(change)}: {told}"


def _name(change: Change) -> str:
    """Codes as they are, made safe for a terminal."""
    name = "/".join(change.key)
    return name if name.isprintable() else repr(name)
