"""GeoJSON comes in as rows, or is refused with what was expected; nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from registry.changing.inventory import (
    AreaRecord,
    CameraRecord,
    Change,
    Inventory,
    Record,
    SiteRecord,
    What,
)
from registry.transfer import ImportRefused, Plan
from registry.transfer.expanding import at_known_sites, expanded
from registry.transfer.geojson import is_geojson
from registry.transfer.planning import make_plan
from registry.transfer.statements import gather
from registry.transfer.table import read_table
from registry.vocabulary import AreaKind, CameraKind, Sector

HERE = [78.37, 45.01]


def known() -> Inventory:
    inventory = Inventory()
    things: list[tuple[What, str, Record]] = [
        (
            What.AREA,
            "reg",
            AreaRecord(path="reg", name="R", kind=AreaKind.REGION, time_zone="Asia/Almaty"),
        ),
        (
            What.SITE,
            "s1",
            SiteRecord(
                code="s1", name="S", sector=Sector.YARD, area="reg", latitude=45.0, longitude=78.4
            ),
        ),
        (
            What.CAMERA,
            "C1",
            CameraRecord(code="C1", name="Gate", kind=CameraKind.YARD, area="reg", site="s1"),
        ),
    ]
    for what, code, record in things:
        inventory.records[what][code,] = record
    return inventory


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()


def feature(position: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = None if position is None else {"type": "Point", "coordinates": position}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def plan_of(data: bytes) -> Plan:
    table = at_known_sites(expanded(read_table(data)), known())
    return make_plan(gather(table), known(), rows=len(table.rows), today=date(2026, 11, 22))


def after(change: Change, *names: str) -> list[Any]:
    return [getattr(change.after, name) for name in names]


def test_a_point_moves_the_site_and_an_azimuth_turns_the_camera():
    plan = plan_of(
        collection(feature([*HERE, 712.0], code="C1", azimuth=90.5, view=87, range_m=40))
    )

    site, camera = plan.changes
    assert after(site, "code", "latitude", "longitude") == ["s1", 45.01, 78.37]
    assert after(camera, "name", "azimuth_degrees", "view_degrees", "range_m") == [
        *("Gate", 90.5, 87.0, 40.0)
    ]


def test_properties_may_be_called_as_in_any_table():
    plan = plan_of(collection(feature(**{"Код камеры": "C1", "Азимут": "45"})))

    assert [after(change, "azimuth_degrees") for change in plan.changes] == [[45.0]]


def test_longitude_and_latitude_the_other_way_round_are_hinted():
    plan = plan_of(collection(feature(HERE[::-1], code="C1")))

    assert [str(hint) for hint in plan.hints] == [
        "row 2, latitude: 78.37, 45.01 is far from the rest of the area:"
        " are latitude and longitude the other way round?"
    ]


CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32643"}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{", "GeoJSON in UTF-8"),
        (b'{"type": NaN}', "GeoJSON in UTF-8"),
        (b"{" + b'"a":[' * 100_000, "GeoJSON in UTF-8"),
        (b"{" + b"[" * 900_000, "at most 100000 features"),
        (b'{"type": "Feature"}', "a FeatureCollection with a list of features"),
        (b'{"type": {"a": [1]}}', "a FeatureCollection with a list of features"),
        (collection(), "at least one feature"),
        (collection(7), "a Feature"),
        (collection({"type": "Feature", "properties": [1]}), "an object, or null"),
        (collection(feature(code=["C1"])), "a text, a number, true, false or null"),
        (collection(feature(["45", 78], code="C1")), "a Point with longitude and latitude"),
        (collection(feature([45.0], code="C1")), "a Point with longitude and latitude"),
        (collection(feature([78, 450.5], code="C1")), "a number from -90 to 90"),
        (collection(feature(HERE, code="C1"), crs=CRS), "WGS 84: convert the file to EPSG:4326"),
        (collection(feature(HERE, code="C1", fid=3)), "a column named in docs/import.md"),
        (collection(feature(code="C1", view=0)), "a number from 0.1 to 360"),
    ],
)
def test_what_is_no_map_of_cameras_is_refused(data, expected):
    assert is_geojson(data)
    with pytest.raises(ImportRefused) as refused:
        plan_of(data)

    assert expected in str(refused.value)


def test_coordinates_in_degrees_may_say_so():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}

    assert plan_of(collection(feature([78.4, 45.0], code="C1"), crs=crs)).is_empty
