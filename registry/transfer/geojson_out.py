"""Cameras of an export as GeoJSON (RFC 7946), feature by feature. It chooses no camera."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Final

from registry.transfer.columns import BY_NAME
from registry.transfer.geojson import COLUMN_OF
from registry.transfer.taken import Taken

# What a map may show. Not what technicians need: it would travel with the map.
SHOWN: Final = (
    *("camera", "camera_name", "kind", "importance", "lifecycle", "lifecycle_note"),
    *("azimuth", "view", "range_m", "area", "area_name", "area_kind", "time_zone"),
    *("site", "site_name", "address", "sector", "site_area"),
)
_NAME_OF: Final = {column: name for name, column in COLUMN_OF.items()}


class GeojsonFile:
    """Who took it stands before the features; a camera without a place has none."""

    def __init__(self, taken: Taken, out: BinaryIO) -> None:
        self._text = io.TextIOWrapper(out, "utf-8", newline="")
        self._between = "\n"
        self._text.write('{"type": "FeatureCollection",\n')
        mark = json.dumps(taken.watermark, ensure_ascii=False)
        self._text.write(f'"camreach": {mark},\n"features": [')

    def add(self, cameras: Iterable[Mapping[str, str]]) -> None:
        for camera in cameras:
            self._text.write(self._between)
            self._text.write(json.dumps(_feature(camera), ensure_ascii=False))
            self._between = ",\n"

    def finish(self) -> None:
        self._text.write("\n]}\n")
        self._text.detach()


def _feature(camera: Mapping[str, str]) -> dict[str, Any]:
    told = {_NAME_OF.get(name, name): _value(name, camera.get(name, "")) for name in SHOWN}
    properties = {name: value for name, value in told.items() if value is not None}
    feature = {"type": "Feature", "id": camera["camera"], "geometry": _point(camera)}
    return feature | {"properties": properties}


def _value(name: str, cell: str) -> str | float | None:
    if not cell:
        return None
    return float(cell) if BY_NAME[name].is_number else cell


def _point(camera: Mapping[str, str]) -> dict[str, Any] | None:
    """Longitude first (section 3.1.1)."""
    if not camera.get("longitude") or not camera.get("latitude"):
        return None
    position = [float(camera["longitude"]), float(camera["latitude"])]
    return {"type": "Point", "coordinates": position}
