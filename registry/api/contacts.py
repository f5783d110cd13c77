"""/api/v1/contacts: a device that pushes says what it does. Nothing here was seen by a look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.cameras import camera_id
from registry.api.paging import Code
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.shapes import ContactShape
from registry.device_contacts import FUTURE_ALLOWED
from registry.models import Camera, DeviceContact
from registry.security.access import Access
from registry.security.within import Condition
from registry.vocabulary import DeviceState, Lifecycle

OLDEST: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before it no such device told anything


class ContactTold(Strict):
    camera: Code
    state: DeviceState
    at: AwareDatetime | None = Field(None, description="when it was so, with a zone; null: now")


async def tell_contact(call: Call[Nothing, Nothing, ContactTold]) -> ContactShape:
    """The newest word stands: a contact that comes late or twice changes nothing."""
    now, told = call.serving.clock.now(), call.body
    at = told.at or now
    if not OLDEST <= at <= now + FUTURE_ALLOWED:
        where = "ahead of" if at > now else "too far behind"
        detail = f"{at.isoformat()} lies {where} {now.isoformat()}: the device's clock is wrong"
        raise Problem(422, detail, errors=[FieldError(field="body.at", detail=detail)])
    async with call.serving.database.write() as session:
        contact = await _keep(
            session, await _pushing(session, told.camera, call.within(Camera)), told.state, at, now
        )
    silence = call.serving.silence.silence_after(now - contact.at)
    return ContactShape.of(contact.state, contact.at, contact.received_at, silence)


async def _pushing(session: AsyncSession, code: str, visible: Condition) -> int:
    id_ = await camera_id(session, code, visible)
    lifecycle = await session.scalar(sa.select(Camera.lifecycle).where(Camera.id == id_))
    if lifecycle is Lifecycle.RETIRED:
        raise Problem(409, f"camera {code!r} is retired: nothing is kept of it any more")
    return id_


async def _keep(
    session: AsyncSession, camera: int, state: DeviceState, at: datetime, now: datetime
) -> DeviceContact:
    contact = await session.get(DeviceContact, camera, with_for_update=True)
    if contact is None:
        contact = DeviceContact(camera_id=camera, state=state, at=at, received_at=now)
        session.add(contact)
    elif at > contact.at or contact.at > now + FUTURE_ALLOWED:  # our own clock was ahead then
        contact.state, contact.at, contact.received_at = state, at, now
    await session.flush()
    return contact


ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/contacts",
        name="tellContact",
        tag="contacts",
        summary="A device that pushes, such as a body camera, says what it is doing",
        access=Access.DEVICE,
        handler=tell_contact,
        body_model=ContactTold,
        answers=ContactShape,
        problems=(400, 404, 409, 422),
    ),
)
