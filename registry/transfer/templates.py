"""How vendors build the path of a stream, as text with placeholders. It parses no URL (Q20)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final

MAX_CHANNELS = 256
MAIN, SUB = "main", "sub"
_MOST_SAID = 4 * MAX_CHANNELS  # ranges may say a channel twice, but not without end

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?P<port>:\d{1,5})?")
_RANGE = re.compile(r"(?P<first>\d{1,3})(?:\s*[-–—]\s*(?P<last>\d{1,3}))?")
_PLACEHOLDER = re.compile(r"\{([a-z0-9]*)\}")
_KNOWN: Final = frozenset({"channel", "channel0", "channel2", "stream", "user", "password"})


@dataclass(frozen=True, slots=True)
class Template:
    """`{channel}` counts from 1, `{channel0}` from 0, `{channel2}` has two digits.

    `{user}` and `{password}` stay in the URL: the login is filled in when a look is made.
    """

    path: str
    streams: Mapping[str, str]  # feed -> {stream}
    source: str

    def url(self, address: str, channel: int, feed: str) -> str:
        said = {
            "channel": str(channel),
            "channel0": str(channel - 1),
            "channel2": f"{channel:02}",
            "stream": self.streams[feed],
        }
        path = _PLACEHOLDER.sub(lambda found: said.get(found[1], found[0]), self.path)
        return f"rtsp://{address}{path}"


def _template(path: str, main: str, sub: str, source: str) -> Template:
    return Template(path, MappingProxyType({MAIN: main, SUB: sub}), source)


TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "hikvision": _template(
            "/Streaming/Channels/{channel}0{stream}", "1", "2", "Hikvision: ISAPI, RTSP streaming"
        ),
        "dahua": _template(
            "/cam/realmonitor?channel={channel}&subtype={stream}", "0", "1", "Dahua: HTTP API, RTSP"
        ),
        "uniview": _template(
            "/unicast/c{channel}/s{stream}/live", "0", "1", "Uniview: NVR RTSP URL description"
        ),
        "axis": _template(
            "/axis-media/media.amp?camera={channel}{stream}",
            "",
            "&resolution=640x360",
            "Axis: VAPIX, media streaming over RTSP",
        ),
        "hanwha": _template(
            "/{channel0}/profile{stream}/media.smp", "2", "3", "Hanwha Vision: SUNAPI, RTSP"
        ),
        "reolink": _template(
            "/h264Preview_{channel2}_{stream}", "main", "sub", "Reolink: support, RTSP URL"
        ),
        "generic": _template("/{channel}/{stream}", "0", "1", "none: a path to start from"),
    }
)


def template_rows(template: str, addresses: str, channels: str) -> bytes:
    """The table that a list of addresses and a range of channels stand for, as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["device_address", "template", "channels"])
    for address in filter(None, re.split(r"[\s,;]+", addresses)):
        writer.writerow([address, template, channels])
    return out.getvalue().encode()


def template_of(cell: str) -> Template | None:
    """By a vendor's name, or a path of one's own such as `/live/{channel}/{stream}`."""
    if not cell.startswith("/"):
        return TEMPLATES.get(cell.casefold())
    named = set(_PLACEHOLDER.findall(cell))
    if not named <= _KNOWN:
        return None
    streams = {MAIN: "0", SUB: "1"} if "stream" in named else {MAIN: ""}
    return Template(cell, MappingProxyType(streams), "given with the import")


def host_of(address: str) -> str | None:
    """The host of `host[:port]`; None if it is no such thing."""
    found = _ADDRESS.fullmatch(address)
    return found["host"].strip("[]").lower() if found else None


def channels_of(cell: str) -> list[int] | None:
    """`1-16`, `1,3,5-8`; None if it says something else, or more than a box can have."""
    channels = list(dict.fromkeys(islice(_channels(cell), _MOST_SAID)))
    return channels if channels and min(channels) > 0 and len(channels) <= MAX_CHANNELS else None


def _channels(cell: str) -> Iterator[int]:
    for part in re.split(r"[,;]", cell):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            yield 0
            return
        first = int(found["first"])
        yield from range(first, int(found["last"] or first) + 1)
