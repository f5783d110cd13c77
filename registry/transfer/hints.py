"""What a person should look at in a plan: look-alikes, twins, moved devices. It refuses nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final, TypeAlias, TypeVar

from registry.changing.inventory import (
    CameraRecord,
    DeviceRecord,
    FeedRecord,
    Inventory,
    Key,
    Record,
    SiteRecord,
    What,
)
from registry.transfer.columns import BY_FIELD
from registry.transfer.problems import Hint, shown
from registry.transfer.statements import Statements

Wanted: TypeAlias = Mapping[What, Mapping[Key, Record]]
RecordT = TypeVar("RecordT")
_Place: TypeAlias = tuple[Key, float, float]

FAR_DEGREES: Final = 3.0  # a region is smaller than this around its sites

# Letters that look the same in both alphabets: somebody typed them with the other keyboard.
_LATIN_OF: Final = str.maketrans("АВЕКМНОРСТУХЅІЈаеорсухѕіј", "ABEKMHOPCTYXSIJaeopcyxsij")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")
_CODED: Final = (What.SITE, What.SYSTEM, What.RECORDER, What.CAMERA)


def look_at(statements: Statements, known: Inventory, wanted: Wanted) -> None:
    """Adds to the hints of `statements`."""
    hints = _Hints(statements, known, wanted)
    hints.look_alikes()
    hints.devices()
    hints.feeds()
    hints.twins()
    hints.coordinates()


class _Hints:
    def __init__(self, statements: Statements, known: Inventory, wanted: Wanted) -> None:
        self._statements = statements
        self._known = known
        self._wanted = wanted

    def look_alikes(self) -> None:
        for what in _CODED:
            latin = {key[0].translate(_LATIN_OF): key[0] for key in self._known.records[what]}
            for key in self._wanted[what]:
                code = key[0]
                if code.isascii() or key in self._known.records[what]:
                    continue
                twin = latin.get(code.translate(_LATIN_OF))
                if twin is not None:
                    text = f"{code!r} looks like {twin!r} of the registry, in other letters"
                    self._add(what, key, "code", text)
                elif _CYRILLIC.search(code) and _LATIN.search(code):
                    text = f"{code!r} mixes Latin and Cyrillic letters"
                    self._add(what, key, "code", text)

    def devices(self) -> None:
        """One box cannot hang in two places: it was moved, or a row is wrong."""
        after = self._after(What.DEVICE, DeviceRecord)
        for name in ("serial", "mac"):
            for value, keys in _shared(after, partial(_device_field, name)):
                for key in self._spoken(What.DEVICE, keys):
                    self._add(What.DEVICE, key, name, self._moved(name, value, key, keys))

    def _moved(self, name: str, value: object, key: Key, keys: list[Key]) -> str:
        others = ", ".join(self._place(What.DEVICE, each) for each in keys if each != key)
        before = self._known.records[What.DEVICE]
        stood = [each for each in keys if getattr(before.get(each), name, "") == value]
        moved = [each[0] for each in stood if each != key]
        text = f"{name} {shown(value)!r} stands at {others} too"
        if not moved or key in stood:
            return text
        return f"{text}: if the device was moved here, say what hangs at {moved[0]} now"

    def feeds(self) -> None:
        urls = self._after(What.FEED, FeedRecord)
        for url, keys in _shared(urls, lambda _, feed: feed.url):
            if len({key[0] for key in keys}) < 2:
                continue
            for key in self._spoken(What.FEED, keys):
                places = (self._place(What.FEED, each) for each in keys if each[0] != key[0])
                text = f"{shown(url)!r} is the stream of {', '.join(places)} too"
                self._add(What.FEED, key, "url", text)

    def twins(self) -> None:
        """The same name at the same coordinates: perhaps one camera under two codes."""
        sites = self._after(What.SITE, SiteRecord)

        def place(_: Key, camera: CameraRecord) -> Hashable:
            site = sites.get((camera.site or "",))
            if site is None or site.latitude is None or camera.name == camera.code:
                return None
            return camera.name.casefold(), site.latitude, site.longitude

        for _, keys in _shared(self._after(What.CAMERA, CameraRecord), place):
            for key in self._spoken(What.CAMERA, keys):
                if key in self._known.records[What.CAMERA]:
                    continue
                others = ", ".join(self._place(What.CAMERA, each) for each in keys if each != key)
                text = f"the same name at the same coordinates as {others}"
                self._add(What.CAMERA, key, "name", text)

    def coordinates(self) -> None:
        """Against the middle of a region, as the registry has it, or the file where it is empty."""
        told = _by_region(self._wanted[What.SITE].items())
        known = _by_region(self._known.records[What.SITE].items())
        for region, places in told.items():
            self._far(places, known.get(region, places))

    def _far(self, places: list[_Place], around: list[_Place]) -> None:
        """Half of the sites would have to be wrong to move a median."""
        middle = (_median([place[1] for place in around]), _median([place[2] for place in around]))
        for key, latitude, longitude in places:
            if _is_near(middle, latitude, longitude):
                continue
            text = f"{latitude:g}, {longitude:g} is far from the rest of the area"
            if _is_near(middle, longitude, latitude):
                text += ": are latitude and longitude the other way round?"
            self._add(What.SITE, key, "latitude", text)

    def _after(self, what: What, kind: type[RecordT]) -> dict[Key, RecordT]:
        """Everything of one kind as it would be when the plan was carried out."""
        records = {**self._known.records[what], **self._wanted[what]}
        return {key: record for key, record in records.items() if isinstance(record, kind)}

    def _spoken(self, what: What, keys: list[Key]) -> Iterator[Key]:
        return (key for key in keys if key in self._wanted[what])

    def _place(self, what: What, key: Key) -> str:
        name = "/".join(key)
        statement = self._statements.by_key[what].get(key)
        return f"{name} (row {statement.row})" if statement else f"{name} (registry)"

    def _add(self, what: What, key: Key, name: str, text: str) -> None:
        statement = self._statements.by_key[what][key]
        row = statement.rows.get(name, statement.row)
        self._statements.hints.append(Hint(row, BY_FIELD.get((what, name), name), text))


def _shared(
    records: Mapping[Key, RecordT], value_of: Callable[[Key, RecordT], Hashable]
) -> Iterator[tuple[Hashable, list[Key]]]:
    """Values that more than one thing has."""
    keys: dict[Hashable, list[Key]] = defaultdict(list)
    for key, record in records.items():
        value = value_of(key, record)
        if value not in ("", None):
            keys[value].append(key)
    return ((value, found) for value, found in keys.items() if len(found) > 1)


def _device_field(name: str, _: Key, device: DeviceRecord) -> str:
    value: str = getattr(device, name)
    return value


def _by_region(sites: Iterable[tuple[Key, Record]]) -> dict[str, list[_Place]]:
    regions: dict[str, list[_Place]] = defaultdict(list)
    for key, site in sites:
        if isinstance(site, SiteRecord) and None not in (site.latitude, site.longitude):
            place = (key, site.latitude or 0.0, site.longitude or 0.0)
            regions[site.area.partition("/")[0]].append(place)
    return regions


def _median(numbers: list[float]) -> float:
    return sorted(numbers)[(len(numbers) - 1) // 2]


def _is_near(middle: tuple[float, float], latitude: float, longitude: float) -> bool:
    return abs(latitude - middle[0]) <= FAR_DEGREES and abs(longitude - middle[1]) <= FAR_DEGREES
