"""/api/v1/export: the cameras that the filters name, as a file that an import takes back."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any, BinaryIO, Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.routing import Call, Download, Nothing, Route
from registry.api.selection import CameraFilter, selected
from registry.api.standing import Moment
from registry.models import Camera
from registry.security.access import Access
from registry.transfer import Format, write_export

_MEDIA_TYPES: Final = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.GEOJSON: "application/geo+json",
}
_FORMATS: Final = "each imports back unchanged; geojson has each camera's place and direction only"


class ExportQuery(CameraFilter):
    format: Format = Field(Format.CSV, description=_FORMATS)


async def export_cameras(call: Call[Nothing, ExportQuery, Nothing]) -> Download:
    """Written to a temporary file first, so that a slow reader holds no transaction open."""
    serving, form = call.serving, call.query.format
    now = serving.clock.now()
    # A file without a name: it is gone when the answer was sent, or the service dies.
    out: BinaryIO = await asyncio.to_thread(_nameless)
    async with serving.database.read() as session:
        # A filter says which cameras are meant; without any it is the registry, as far as in reach.
        others = None if _filters(call.query) else call.within
        rows = await write_export(
            session, out, form, _wanted(call), who=call.caller.name, at=now, others=others
        )
    async with serving.database.write() as session:
        await call.audit(session, "export", f"{rows} rows as {form}", **_told(call.query))
    await asyncio.to_thread(out.seek, 0)
    name = f"camreach-{now:%Y%m%d-%H%M}.{form}"
    return Download(_MEDIA_TYPES[form], name, out)


def _nameless() -> BinaryIO:
    """The answer closes it."""
    return tempfile.TemporaryFile(prefix="camreach-export-")


def _wanted(call: Call[Nothing, ExportQuery, Nothing]) -> sa.Select[str]:
    moment, visible = Moment.of(call.serving), call.within(Camera)
    return selected(sa.select(Camera.code), call.query, moment, visible, technical=True)


def _filters(query: ExportQuery) -> dict[str, Any]:
    return query.model_dump(exclude_defaults=True, exclude={"format"})


def _told(query: ExportQuery) -> dict[str, Any]:
    return query.model_dump(mode="json", exclude_defaults=True)


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/export",
        name="exportCameras",
        tag="imports",
        summary="Cameras with their feeds and places as a file, marked with who took it and when; "
        "without a filter also the other places, contractors, contracts, contacts, assignments",
        access=Access.OPERATE,
        handler=export_cameras,
        query_model=ExportQuery,
        answers="application/octet-stream",
    ),
)
