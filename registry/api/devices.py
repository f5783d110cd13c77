"""/api/v1/devices: the hardware that is or was in each camera's place. A camera outlives it."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.cameras import CameraPath
from registry.api.listing import Condition, IdPath, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words
from registry.api.standing import Select
from registry.api.tags import Shape
from registry.models import Camera, Device
from registry.security.access import Access


class DeviceShape(Shape):
    id: int
    camera: str
    vendor: str
    model: str
    firmware: str
    serial: str
    mac: str
    installed_from: date | None
    installed_to: date | None = Field(description="null: it is there now")


class DevicePage(Page[DeviceShape]):
    pass


class DeviceQuery(Paged):
    camera: Codes = Field([], description="codes")
    installed: bool | None = Field(None, description="is there now")
    q: Text | None = Field(None, description="words in serial, MAC, vendor, model and firmware")


def device_rows(_reader: Reader) -> Select:
    return sa.select(
        Device.id,
        Camera.code.label("camera"),
        Device.vendor,
        Device.model,
        Device.firmware,
        Device.serial,
        Device.mac,
        Device.installed_from,
        Device.installed_to,
    ).join(Camera, Camera.id == Device.camera_id)


def _filters(query: DeviceQuery, _reader: Reader) -> list[Condition]:
    columns = (Device.serial, Device.mac, Device.vendor, Device.model, Device.firmware)
    found = containing_words(query.q, *columns)
    if query.camera:
        found.append(Camera.code.in_(query.camera))
    if query.installed is not None:
        found.append(Device.installed_to.is_(None) == query.installed)
    return found


def _there_now(path: CameraPath) -> tuple[Condition, str]:
    newest = (
        sa.select(sa.func.max(Device.id))
        .join(Camera, Camera.id == Device.camera_id)
        .where(Camera.code == path.code, Device.installed_to.is_(None))
        .correlate(None)
    )
    return Device.id == newest.scalar_subquery(), f"of {path.code}"


DEVICES: Final = Listing(
    one="device",
    many="devices",
    model=Device,
    key=Device.id,
    rows=device_rows,
    shows=DeviceShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(DEVICES, DeviceQuery, DevicePage, Access.OPERATE),
    read_route(
        DEVICES,
        path="/api/v1/devices/{{id}}",
        path_model=IdPath,
        access=Access.OPERATE,
    ),
    dataclasses.replace(
        read_route(
            DEVICES,
            path="/api/v1/cameras/{{code}}/device",
            path_model=CameraPath,
            where=_there_now,
            access=Access.OPERATE,
        ),
        name="getCameraDevice",
        summary="The device that is in a camera's place now",
    ),
)
