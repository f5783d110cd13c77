"""A GeoJSON file (RFC 7946) of cameras -> one sheet, a row each. It knows no value of a column.

Row 2 is the first feature, as it is in a table with a header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from registry.transfer.aliases import folded
from registry.transfer.problems import ImportRefused, Problem, shown
from registry.transfer.sheets import MAX_COLUMNS, MAX_ROWS, Sheet, refused

# What maps call a thing; every other property goes by the names of the columns.
COLUMN_OF: Final = {"code": "camera", "name": "camera_name"}
_NEEDED: Final = ("camera",)  # where a camera of the registry belongs is known

# A small file must not become a big tree: a feature of ours is four brackets and twenty commas.
_MAX_BRACKETS: Final = 8 * MAX_ROWS
_MAX_COMMAS: Final = 60 * MAX_ROWS
_DEGREES: Final = ("crs84", "epsg::4326", "epsg:4326")


def is_geojson(data: bytes) -> bool:
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def read_geojson(data: bytes) -> Sheet:
    features = _features(_parsed(data))
    properties = [_properties(number, each) for number, each in enumerate(features, 2)]
    names = list(dict.fromkeys(name for each in properties for name in each))
    if len(names) > MAX_COLUMNS:
        raise refused(1, "", f"{len(names)} properties", f"at most {MAX_COLUMNS}")
    records = [[each.get(name, "") for name in names] for each in properties]
    return Sheet("", [names, *records], needs=_NEEDED)


def _parsed(data: bytes) -> Any:
    if data.count(b"{") + data.count(b"[") > _MAX_BRACKETS or data.count(b",") > _MAX_COMMAS:
        raise refused(1, "", "", f"a FeatureCollection of at most {MAX_ROWS} features")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise refused(1, "", str(error), "GeoJSON in UTF-8") from error


def _not_a_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _features(tree: Any) -> list[Any]:
    features = tree.get("features")
    if tree.get("type") != "FeatureCollection" or not isinstance(features, list):
        seen = shown(tree.get("type"))
        raise refused(1, "type", seen, "a FeatureCollection with a list of features")
    if not features:
        raise refused(1, "features", "[]", "at least one feature")
    if "crs" in tree and not json.dumps(tree["crs"]).lower().rstrip('"} ').endswith(_DEGREES):
        # RFC 7946 section 4: degrees of WGS 84, longitude first; older files may say otherwise.
        raise refused(1, "crs", shown(tree["crs"]), "WGS 84: convert the file to EPSG:4326")
    return features


def _properties(row: int, feature: Any) -> dict[str, str]:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise refused(row, "type", shown(feature)[:40], "a Feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise refused(row, "properties", shown(properties), "an object, or null")
    said = {
        COLUMN_OF.get(folded(name)) or name: _cell(row, name, value)
        for name, value in properties.items()
    }
    return said | _position(row, feature.get("geometry"))


def _cell(row: int, name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case int() | float():
            return repr(value)
        case _:
            expected = "a text, a number, true, false or null"
            raise ImportRefused([Problem(row, shown(name), shown(value), expected)])


def _position(row: int, geometry: Any) -> dict[str, str]:
    """Longitude comes first (RFC 7946 section 3.1.1); a height is passed over."""
    if geometry is None:  # section 3.2: a feature that is nowhere
        return {}
    match geometry:
        case {"type": "Point", "coordinates": [int() | float() as x, int() | float() as y, *_]}:
            return {"longitude": repr(x), "latitude": repr(y)}
        case _:
            expected = "a Point with longitude and latitude, or null"
            raise refused(row, "geometry", shown(geometry), expected)
