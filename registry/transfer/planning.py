"""Statements against the registry -> a plan, or every reason why there is none. It is pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from registry.changing.inventory import (
    RECORDS,
    AreaRecord,
    Change,
    DeviceRecord,
    Inventory,
    Key,
    Record,
    What,
    key_fields,
)
from registry.transfer.checks import check
from registry.transfer.columns import BY_FIELD, PLACE_KEYS
from registry.transfer.hints import look_at
from registry.transfer.logins import assign_logins
from registry.transfer.plan import Plan
from registry.transfer.problems import ImportRefused
from registry.transfer.statements import Statement, Statements
from registry.vocabulary import AreaKind, Hop


def make_plan(statements: Statements, known: Inventory, *, rows: int, today: date) -> Plan:
    """Raises `ImportRefused` with all problems: of the cells, and of what they add up to."""
    assign_logins(statements, known)
    wanted: dict[What, dict[Key, Record]] = {}
    for what in What:
        wanted[what] = {}
        said = statements.by_key[what]
        for key in sorted(said) if what is What.AREA else said:  # a parent before its parts
            record = _wanted(what, key, said[key], statements, known, wanted, today)
            if record is not None:
                wanted[what][key] = record
    check(statements, known, wanted)
    if statements.problems:
        raise ImportRefused(statements.problems)
    look_at(statements, known, wanted)
    plan = _difference(known, wanted, rows)
    return dataclasses.replace(
        plan,
        hints=tuple(sorted(set(statements.hints))),
        logins_differing=len(statements.differing),
        rows_of={
            (what, key): statement.row
            for what, said in statements.by_key.items()
            for key, statement in said.items()
        },
    )


def _difference(known: Inventory, wanted: Mapping[What, dict[Key, Record]], rows: int) -> Plan:
    changes: list[Change] = []
    unchanged: dict[What, int] = {}
    for what in What:
        before = known.records[what]
        differing = [
            Change(what, key, before.get(key), record)
            for key, record in wanted[what].items()
            if before.get(key) != record
        ]
        changes += differing
        unchanged[what] = len(wanted[what]) - len(differing)
    return Plan(known.revision, rows, tuple(changes), unchanged)


def _wanted(
    what: What,
    key: Key,
    statement: Statement,
    statements: Statements,
    known: Inventory,
    wanted: Mapping[What, dict[Key, Record]],
    today: date,
) -> Record | None:
    """The thing as it shall be; None when too little is said of a new one: a problem then."""
    before = known.records[what].get(key)
    fields = dict(statement.fields)
    if isinstance(before, DeviceRecord) and _is_swapped(before, fields):
        before = None
        fields.setdefault("installed_from", today)
    if before is None:
        fields = _derived(what, key, statement, known, wanted) | fields
        fields |= dict(zip(key_fields(what), key, strict=True))
    defaults = _defaults(what)
    given = {name: value for name, value in fields.items() if value is not None}
    emptied = {name: defaults[name] for name in fields if name in defaults and name not in given}
    missing = [name for name in _required(what) if before is None and name not in given]
    missing += [name for name, value in fields.items() if value is None and name not in defaults]
    if missing:
        _tell_missing(what, key, list(dict.fromkeys(missing)), statement, statements)
        return None
    if before is None:
        return RECORDS[what](**given, **emptied)
    return dataclasses.replace(before, **given, **emptied)


def _is_swapped(before: DeviceRecord, fields: Mapping[str, Any]) -> bool:
    serial = fields.get("serial")
    return bool(before.serial and serial and serial != before.serial)


def _derived(
    what: What,
    key: Key,
    statement: Statement,
    known: Inventory,
    wanted: Mapping[What, dict[Key, Record]],
) -> dict[str, Any]:
    """What a new thing need not say because the rest of it does."""
    match what:
        case What.CAMERA:
            return {"name": key[0]}
        case What.AREA:
            return _derived_area(key[0], known, wanted)
        case What.SITE:
            name = statement.fields.get("address") or key[0]
            return {"name": name[:200]} | statement.beside
        case What.CENTER | What.CONTRACT | What.ASSIGNMENT:
            return dict(statement.beside)
        case What.CONTACT if not {"center", "site"} & statement.fields.keys():
            return dict(statement.beside)
        case What.FEED if not statement.fields.get("taken_from"):
            return {"hop": Hop.CAMERA}
        case _:
            return {}


def _derived_area(
    path: str, known: Inventory, wanted: Mapping[What, dict[Key, Record]]
) -> dict[str, Any]:
    parent = path.rpartition("/")[0]
    if not parent:
        return {"kind": AreaKind.REGION}
    above = wanted[What.AREA].get((parent,)) or known.records[What.AREA].get((parent,))
    zone = {"time_zone": above.time_zone} if isinstance(above, AreaRecord) else {}
    return {"kind": AreaKind.DISTRICT} | zone


def _tell_missing(
    what: What, key: Key, names: list[str], statement: Statement, statements: Statements
) -> None:
    columns = {name: BY_FIELD.get((what, name), name) for name in names}
    if what in PLACE_KEYS and not statement.fields:
        expected = f"a {what} of the registry, or {', '.join(columns.values())} to make it"
        statements.add_problem(statement.row, PLACE_KEYS[what], key[0], expected)
        return
    thing = f"{what} {'/'.join(key)}"
    for name, column in columns.items():
        row = statement.rows.get(name, statement.row)
        if statements.is_told(row, column):
            continue
        if name in statement.fields:
            statements.add_problem(row, column, "-", f"a value: {thing} cannot be without")
        else:
            statements.add_problem(row, column, "", f"a value: {thing} is not registered yet")


@cache
def _required(what: What) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in dataclasses.fields(RECORDS[what])
        if field.default is dataclasses.MISSING
    )


@cache
def _defaults(what: What) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            field.name: field.default
            for field in dataclasses.fields(RECORDS[what])
            if field.default is not dataclasses.MISSING
        }
    )
