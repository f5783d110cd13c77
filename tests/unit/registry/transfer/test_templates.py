"""Addresses and a range of channels become the URLs that each vendor documents."""

from __future__ import annotations

import pytest

from registry.transfer.expanding import expanded
from registry.transfer.table import Row, Table
from registry.transfer.templates import TEMPLATES, channels_of, host_of, template_of


@pytest.mark.parametrize(
    ("vendor", "channel", "main", "sub"),
    [
        ("hikvision", 16, "/Streaming/Channels/1601", "/Streaming/Channels/1602"),
        (
            "dahua",
            3,
            "/cam/realmonitor?channel=3&subtype=0",
            "/cam/realmonitor?channel=3&subtype=1",
        ),
        ("uniview", 2, "/unicast/c2/s0/live", "/unicast/c2/s1/live"),
        (
            "axis",
            1,
            "/axis-media/media.amp?camera=1",
            "/axis-media/media.amp?camera=1&resolution=640x360",
        ),
        ("hanwha", 1, "/0/profile2/media.smp", "/0/profile3/media.smp"),
        ("reolink", 7, "/h264Preview_07_main", "/h264Preview_07_sub"),
        ("generic", 4, "/4/0", "/4/1"),
        ("/live/{user}/{channel}_{stream}?k={password}", 4, *2 * ("",)),
    ],
)
def test_a_template_gives_the_path_its_vendor_documents(vendor, channel, main, sub):
    template = template_of(vendor)

    assert template is not None
    urls = [template.url("198.18.0.7:8554", channel, feed) for feed in template.streams]
    if main:
        assert urls == [f"rtsp://198.18.0.7:8554{path}" for path in (main, sub)]
    else:  # a path of one's own; the login stays a placeholder (Q20)
        assert urls[1] == "rtsp://198.18.0.7:8554/live/{user}/4_1?k={password}"


def test_every_template_says_where_its_path_is_documented():
    assert all(template.source for template in TEMPLATES.values())


@pytest.mark.parametrize(
    ("cell", "channels"),
    [
        ("1-4", [1, 2, 3, 4]),
        ("1, 3;5–6", [1, 3, 5, 6]),
        ("7", [7]),
        ("0-3", None),
        ("1-999", None),
        ("all", None),
        ("", None),
    ],
)
def test_channels_are_a_list_of_ranges(cell, channels):
    assert channels_of(cell) == channels


def test_hosts_are_taken_as_they_are_written():
    assert host_of("Cam-1.Example:8554") == "cam-1.example"
    assert host_of("[2001:db8::7]:554") == "2001:db8::7"
    assert host_of("rtsp://198.18.0.7/x") is None


def rows_of(**said: str | None) -> Table:
    return expanded(Table((Row(2, dict(said)),), ()))


def test_several_channels_behind_one_address_are_a_recorder_with_two_feeds_each():
    table = rows_of(device_address="198.18.0.7", template="Hikvision", channels="1-2", area="reg")

    told = [(row.said["camera"], row.said["feed"], row.said["url"]) for row in table.rows]
    assert told == [
        ("198.18.0.7-01", "main", "rtsp://198.18.0.7/Streaming/Channels/101"),
        ("198.18.0.7-01", "sub", "rtsp://198.18.0.7/Streaming/Channels/102"),
        ("198.18.0.7-02", "main", "rtsp://198.18.0.7/Streaming/Channels/201"),
        ("198.18.0.7-02", "sub", "rtsp://198.18.0.7/Streaming/Channels/202"),
    ]
    first = table.rows[0].said
    assert (first["recorder"], first["recorder_host"], first["hop"], first["area"]) == (
        "198.18.0.7",
        "198.18.0.7",
        "recorder",
        "reg",
    )


def test_one_channel_is_a_camera_under_its_own_code():
    table = rows_of(device_address="198.18.0.7", template="axis", camera="C-1")

    assert {row.said["camera"] for row in table.rows} == {"C-1"}
    assert "recorder" not in table.rows[0].said


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"device_address": "a b", "template": "axis"}, "device_address"),
        ({"device_address": "198.18.0.7", "template": "sony"}, "template"),
        ({"device_address": "198.18.0.7", "template": "/x/{secret}"}, "template"),
        ({"device_address": "198.18.0.7", "template": "axis", "channels": "x"}, "channels"),
        ({"coordinates": "Almaty"}, "coordinates"),
    ],
)
def test_what_no_row_can_be_made_of_is_told(said, column):
    assert [problem.column for problem in rows_of(**said).problems] == [column]


@pytest.mark.parametrize(
    "cell", ["43.2567, 76.9286", "43,2567 76,9286", "43,2567; 76,9286", "43.2567° 76.9286°"]
)
def test_coordinates_in_one_cell_are_split(cell):
    said = rows_of(coordinates=cell).rows[0].said

    assert [str(said[name]).replace(",", ".") for name in ("latitude", "longitude")] == [
        "43.2567",
        "76.9286",
    ]
