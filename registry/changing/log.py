"""The change log: what each batch did to which object. It decides nothing and keeps no secret."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import FIELDS, Change, Key, Record, What, key_fields
from registry.models import LoggedChange
from registry.security.redaction import redacted_text
from registry.targets import Login
from registry.vocabulary import ChangeSource

_SLICE = 500
_NOT_TOLD = frozenset({"login", "changed_at"})
_OF_A_CAMERA = frozenset({What.CAMERA, What.DEVICE, What.FEED, What.DELIVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One deed of one person; all of it is undone together."""

    id: str
    at: datetime
    who: str
    source: ChangeSource
    reason: str = ""
    request_id: str = ""
    address: str = ""  # for the audit alone


def new_batch(
    who: str,
    source: ChangeSource,
    now: datetime,
    *,
    reason: str = "",
    request_id: str = "",
    address: str = "",
) -> Batch:
    return Batch(
        id=uuid.uuid4().hex,
        at=now,
        who=who[:100],
        source=source,
        reason=reason[:500],
        request_id=request_id[:64],
        address=address,
    )


async def record(session: AsyncSession, batch: Batch, changes: Iterable[Change]) -> None:
    """Within the transaction of the deed: both stand, or neither."""
    connection = await session.connection()
    rows = (_row(batch, each) for each in changes)
    while some := list(islice(rows, _SLICE)):
        await connection.execute(sa.insert(LoggedChange), some)


def code_of(key: Key) -> str:
    return "/".join(key)


def key_of(what: What, code: str) -> Key:
    """The way back: only a feed and a delivery have two parts, and no camera's code has a slash."""
    return tuple(code.split("/", 1)) if len(key_fields(what)) > 1 else (code,)


def public(record: Record) -> dict[str, Any]:
    """What may be shown of it, in words of JSON; a login never, not even sealed."""
    return {
        name: _plain(getattr(record, name))
        for name in FIELDS[type(record)]
        if name not in _NOT_TOLD
    }


def _row(batch: Batch, change: Change) -> Mapping[str, Any]:
    before = None if change.before is None else public(change.before)
    after = None if change.after is None else public(change.after)
    if before is not None and after is not None and _login_differs(change):
        after |= {"login": "changed"}
    return {
        "at": batch.at,
        "batch": batch.id,
        "request_id": batch.request_id,
        "who": batch.who,
        "source": batch.source,
        "reason": batch.reason,
        "kind": change.what.value,
        "code": code_of(change.key),
        "camera": change.key[0] if change.what in _OF_A_CAMERA else "",
        "before": before,
        "after": after,
    }


def _login_differs(change: Change) -> bool:
    now: Login | None = getattr(change.after, "login", None)
    return now is not None and now != getattr(change.before, "login", None)


def _plain(value: object) -> Any:
    match value:
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case str() if "://" in value:
            return redacted_text(value)  # a URL that came in by no door of ours
        case _:
            return value
