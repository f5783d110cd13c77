"""What a plan points at: boxes, streams and cameras that stand in two places. It stops nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from registry.changing.inventory import (
    AreaRecord,
    CameraRecord,
    DeviceRecord,
    FeedRecord,
    Inventory,
    Record,
    SiteRecord,
    What,
)
from registry.transfer import Plan
from registry.transfer.planning import make_plan
from registry.transfer.statements import gather
from registry.transfer.table import read_table
from registry.vocabulary import AreaKind, CameraKind, Hop, Sector

MAC = "00:11:22:33:44:55"


def known() -> Inventory:
    """One camera with everything that a second could be mistaken for."""
    inventory = Inventory()
    area = AreaRecord(path="reg", name="R", kind=AreaKind.REGION, time_zone="Asia/Almaty")
    site = SiteRecord(
        code="s1", name="S", sector=Sector.YARD, area="reg", latitude=45.0, longitude=78.0
    )
    camera = CameraRecord(code="C1", name="Gate", kind=CameraKind.YARD, area="reg", site="s1")
    device = DeviceRecord(camera="C1", serial="SN1", mac=MAC, installed_from=date(2025, 1, 1))
    feed = FeedRecord(camera="C1", name="main", url="rtsp://198.18.0.1/1", hop=Hop.CAMERA)
    things: dict[tuple[What, tuple[str, ...]], Record] = {
        (What.AREA, ("reg",)): area,
        (What.SITE, ("s1",)): site,
        (What.CAMERA, ("C1",)): camera,
        (What.DEVICE, ("C1",)): device,
        (What.FEED, ("C1", "main")): feed,
    }
    for (what, key), record in things.items():
        inventory.records[what][key] = record
    return inventory


def plan_of(text: str) -> Plan:
    table = read_table(text.encode())
    return make_plan(gather(table), known(), rows=len(table.rows), today=date(2026, 11, 22))


def hints(text: str) -> list[str]:
    return [str(hint) for hint in plan_of(text).hints]


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("serial", "SN1", "'SN1' stands at C1 (registry) too"),
        ("mac", "0011.2233.4455", f"{MAC!r} stands at C1 (registry) too"),
        ("url", "rtsp://198.18.0.1/1", "'rtsp://198.18.0.1/1' is the stream of C1/main (registry)"),
    ],
)
def test_what_hangs_at_two_cameras_is_told(column, value, hint):
    feed = "main" if column == "url" else ""
    told = hints(f"camera,area,kind,feed,{column}\nC2,reg,yard,{feed},{value}\n")

    assert len(told) == 1
    assert hint in told[0]


def test_two_rows_of_one_file_with_one_serial_are_both_told():
    told = hints("camera,area,kind,serial\nC2,reg,yard,SN9\nC3,reg,yard,SN9\n")

    assert told == [
        "row 2, serial: serial 'SN9' stands at C3 (row 3) too",
        "row 3, serial: serial 'SN9' stands at C2 (row 2) too",
    ]


def test_a_device_that_moved_asks_what_hangs_in_its_old_place():
    """Until the file says so; then the two devices have changed places, and nothing is doubtful."""
    moved = "camera,area,kind,serial,mac\nC2,reg,yard,SN1,\n"

    (told,) = hints(moved)
    swapped = plan_of(f"{moved}C1,,,SN2,-\n")

    assert told.endswith("if the device was moved here, say what hangs at C1 now")
    assert swapped.hints == ()
    devices: dict[str, Any] = {
        change.key[0]: change.after for change in swapped.changes if change.what == "device"
    }
    assert {code: device.serial for code, device in devices.items()} == {"C1": "SN2", "C2": "SN1"}
    assert devices["C1"].installed_from == date(2026, 11, 22)


def test_one_name_twice_at_the_same_coordinates_is_told_of_new_cameras():
    rows = "camera,camera_name,area,kind,site\nC2,GATE,reg,yard,s1\nC3,Yard,reg,yard,s1\n"

    assert hints(rows) == [
        "row 2, camera_name: the same name at the same coordinates as C1 (registry)"
    ]
