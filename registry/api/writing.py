"""From a request to changed rows and back: batches, preconditions, and refusals as problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.fields import called
from registry.api.problems import FieldError, Problem, pointer_of
from registry.api.routing import Call, Nothing, Route, Strict, Tagged
from registry.changing.carrying_out import hold, plan, write
from registry.changing.log import Batch, new_batch
from registry.changing.planning import Planned
from registry.changing.sight import OutOfReach
from registry.changing.wishes import Refusal, Why, Wish
from registry.security.sealing import Sealer
from registry.vocabulary import ChangeSource

_STATUS: Final = {Why.UNKNOWN: 404, Why.TAKEN: 409, Why.HELD: 409, Why.INVALID: 422}


def batch_of(call: Call[Any, Any, Any], reason: str, source: ChangeSource | None = None) -> Batch:
    caller = call.caller
    by = ChangeSource.PAGE if caller.by_cookie else ChangeSource.API
    now = call.serving.clock.now()
    return new_batch(
        caller.name,
        source or by,
        now,
        reason=reason,
        request_id=caller.request_id,
        address=caller.address,
    )


def sealer_of(call: Call[Any, Any, Any]) -> Sealer:
    if call.serving.sealer is None:
        raise Problem(503, "this camreach has no key file, so it changes nothing")
    return call.serving.sealer


async def fulfil(
    call: Call[Any, Any, Any], wish: Wish, reason: str, read: Route | None = None
) -> Batch | None:
    """The batch; None where there was nothing to change. With `read`, under its precondition."""
    sealer, batch = sealer_of(call), batch_of(call, reason)
    async with call.serving.database.write() as session:
        await hold(session)  # from here on nobody else changes anything
        if read is not None:
            await _require_current(call, read)
        planned = await plan(session, [wish], batch, sealer, call.within)
        refuse(planned.refusals, wish)
        await carried_out(session, planned, batch, call)
    return batch if planned.changes else None


async def told(call: Call[Any, Any, Any], read: Route, path: Strict | None = None) -> Tagged:
    """What reading it answers this caller now."""
    asked = dataclasses.replace(
        call, path=path or call.path, query=read.query_model(), body=Nothing()
    )
    answer = await read.handler(asked)
    if not isinstance(answer, Tagged):
        raise TypeError(f"{read.name} answers without an ETag")
    return answer


async def carried_out(
    session: AsyncSession, planned: Planned, batch: Batch, call: Call[Any, Any, Any]
) -> None:
    try:
        await write(session, planned.changes, batch, sealer_of(call), call.within)
    except OutOfReach as error:
        raise Problem(403, str(error)) from error


def refuse(refusals: Sequence[Refusal], wish: Wish) -> None:
    """All of them at once; the status is that of the first by rank."""
    if not refusals:
        return
    ranked = sorted(refusals, key=lambda each: list(Why).index(each.why))
    raise Problem(
        _STATUS[ranked[0].why],
        "; ".join(dict.fromkeys(each.detail for each in ranked)),
        errors=[_error_of(wish, each) for each in ranked if each.field],
    )


def _error_of(wish: Wish, refusal: Refusal) -> FieldError:
    name = called(wish.what, refusal.field)
    return FieldError(field=f"body.{name}", detail=refusal.detail, pointer=pointer_of(name))


async def _require_current(call: Call[Any, Any, Any], read: Route) -> None:
    """If-Match is compared with the ETag that reading it would give; 404 if it is not there."""
    tag = (await told(call, read)).tag or ""
    given = call.headers.get("If-Match", "")
    if not _matches(tag, given.split(",")):
        raise Problem(
            412,
            f"it is not as it was when {given!r} was its ETag: read it again",
            headers={"ETag": f'"{tag}"'},
        )


def _matches(tag: str, given: Iterable[str]) -> bool:
    """By the strong comparison: a weak tag never matches (RFC 9110 section 13.1.1)."""
    return any(each.strip() in ("*", f'"{tag}"') for each in given)
