"""A small estate with one of each kind of thing, for a simulated fleet. It knows no simulator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from registry.feed_url import feed_address
from registry.look import FeedKey
from registry.sample.layout import sheet
from registry.sample.names import STREETS, TIME_ZONE
from registry.security.secrets_in_urls import without_secrets
from registry.vocabulary import (
    AreaKind,
    CameraKind,
    CenterKind,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Sector,
    TlsPolicy,
)

MIN_CAMERAS = 12
CHANNELS = 4  # of the recorder; three views of the car, a doorway and three without a feed besides
VIEWS_OF_THE_CAR = ("front", "cabin", "rear")
COU, DUTY = "cou", "duty-north"
RECORDER, CLOUD, CAR, VIDEO_SYSTEM = "nvr-01", "cloud-01", "car-01", "vms-cou"
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))  # spreads sites over a town as seeds in a sunflower
WIDTH, HEIGHT = 640, 360  # what simulated cameras send when nothing is wrong
SESSIONS = {RECORDER: 4, CLOUD: 8, CAR: 2, VIDEO_SYSTEM: 32}

_REGION, _NORTH = "demo", "demo/north"
_Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """A feed that somebody has to serve. Those of one `recorder` come from one host."""

    key: FeedKey
    hop: Hop
    recorder: str | None = None


UrlOf: TypeAlias = Callable[[DemoFeed], str]


def demo_feeds(cameras: int) -> tuple[DemoFeed, ...]:
    """Every feed of the demo, to set up what serves them."""
    seen: list[DemoFeed] = []

    def note(feed: DemoFeed) -> str:
        seen.append(feed)
        return "rtsp://192.0.2.1/"

    demo_estate(cameras, note)
    return tuple(seen)


def demo_estate(cameras: int, url_of: UrlOf) -> str:
    """CSV in the import format. `url_of` is asked once per feed; its URL may hold a login."""
    if cameras < MIN_CAMERAS:
        raise ValueError(f"the demo has one of each kind: {MIN_CAMERAS} cameras at least")
    return sheet(_rows(cameras, url_of))


def _rows(cameras: int, url_of: UrlOf) -> Iterator[_Row]:
    yield {"area": _REGION, "area_name": "Demo region", "time_zone": TIME_ZONE}
    yield {"area": _NORTH, "area_name": "North district", "area_kind": AreaKind.DISTRICT}
    yield _center(COU, "Operations center", CenterKind.OPERATIONS_CENTER, _REGION)
    yield _center(DUTY, "North duty unit", CenterKind.DUTY_UNIT, _NORTH)
    for channel in range(1, CHANNELS + 1):
        yield from _recorded(channel, url_of)
    yield _doorway(url_of)
    for view in VIEWS_OF_THE_CAR:
        yield _in_car(view, url_of)
    yield _planned()
    yield _body()
    yield _street(1, Lifecycle.SUSPENDED, url_of) | {"lifecycle_note": "pole removed, road works"}
    for number in range(2, cameras - MIN_CAMERAS + 3):
        yield _street(number, Lifecycle.IN_SERVICE, url_of)


def _recorded(channel: int, url_of: UrlOf) -> Iterator[_Row]:
    """Camera -> recorder -> center: three hops, each of which can be looked at."""
    code = f"yard-{channel:02}"
    camera = _camera(code, CameraKind.YARD, Sector.YARD, channel) | {"recorder": RECORDER}
    yield camera | _feed(code, "main", Hop.CAMERA, url_of)
    yield camera | _feed(code, "sub", Hop.CAMERA, url_of)
    nvr = _feed(code, "nvr", Hop.RECORDER, url_of, RECORDER) | {"taken_from": "main"}
    yield camera | nvr | _recorder(RECORDER, "Yard recorder", nvr)
    cou = _feed(code, "cou", Hop.CENTER, url_of, VIDEO_SYSTEM)
    yield camera | cou | {"taken_from": "nvr", "delivers_to": COU, "proof": Proof.HANDED_ON}
    if channel == 1:
        yield _recorder(VIDEO_SYSTEM, "Operations center's video system", cou)


def _doorway(url_of: UrlOf) -> _Row:
    """Stored by the provider, shown to nobody."""
    feed = _feed("door-01", "cloud", Hop.RECORDER, url_of, CLOUD)
    camera = _camera("door-01", CameraKind.DOORWAY, Sector.DOORWAY, 21)
    return camera | feed | _recorder(CLOUD, "Provider's cloud", feed)


def _in_car(view: str, url_of: UrlOf) -> _Row:
    code = f"{CAR}-{view}"
    feed = _feed(code, "main", Hop.RECORDER, url_of, CAR)
    return (
        _mobile(code, CameraKind.IN_CAR, f"Patrol car 1, {view}")
        | feed
        | _recorder(CAR, "Recorder of patrol car 1", feed)
        | {"lifecycle": Lifecycle.INSTALLED}
    )


def _planned() -> _Row:
    camera = _camera("mall-01", CameraKind.FACILITY, Sector.MALL, 31)
    return camera | {
        "lifecycle": Lifecycle.PLANNED,
        "lifecycle_note": "owner agreed, line not laid",
        "delivers_to": COU,
    }


def _body() -> _Row:
    return _mobile("body-01", CameraKind.BODY, "Body camera 1") | {"serial": "BC000001"}


def _street(number: int, lifecycle: Lifecycle, url_of: UrlOf) -> _Row:
    code = f"street-{number:03}"
    return (
        _camera(code, CameraKind.STREET, Sector.STREET, 40 + number)
        | _feed(code, "main", Hop.CAMERA, url_of)
        | {
            "lifecycle": lifecycle,
            "importance": Importance.HIGH if number % 5 == 0 else Importance.NORMAL,
            "delivers_to": DUTY if number % 3 else COU,
            "proof": Proof.PULLED,
        }
    )


def _center(code: str, name: str, kind: CenterKind, area: str) -> _Row:
    return {"delivers_to": code, "center_name": name, "center_kind": kind, "center_area": area}


def _camera(code: str, kind: CameraKind, sector: Sector, place: int) -> _Row:
    address = f"{STREETS[place % len(STREETS)]}, {place}"
    return {
        "camera": code,
        "camera_name": address,
        "kind": kind,
        "lifecycle": Lifecycle.IN_SERVICE,
        "area": _NORTH,
        "site": f"site-{place:03}",
        "site_name": address,
        "address": address,
        "sector": sector,
        "latitude": round(45.5 + 0.002 * math.sqrt(place) * math.sin(place * GOLDEN_ANGLE), 4),
        "longitude": round(77.9 + 0.003 * math.sqrt(place) * math.cos(place * GOLDEN_ANGLE), 4),
    }


def _mobile(code: str, kind: CameraKind, name: str) -> _Row:
    return {
        "camera": code,
        "camera_name": name,
        "kind": kind,
        "lifecycle": Lifecycle.IN_SERVICE,
        "area": _NORTH,
    }


def _feed(code: str, name: str, hop: Hop, url_of: UrlOf, recorder: str | None = None) -> _Row:
    url = url_of(DemoFeed(FeedKey(code, name), hop, recorder))
    tls = TlsPolicy.ACCEPT_ANY if url.startswith("rtsps:") else None
    return {"feed": name, "hop": hop, "url": url, "tls": tls, "width": WIDTH, "height": HEIGHT}


def _recorder(code: str, name: str, feed: _Row) -> _Row:
    host = feed_address(without_secrets(feed["url"]).url).host
    return {
        "recorder": code,
        "recorder_name": name,
        "recorder_host": host,
        "recorder_sessions": SESSIONS[code],
    }
