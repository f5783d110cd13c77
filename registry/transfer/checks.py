"""What must hold between the things of a file and those of the registry. It changes neither."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from registry.changing.inventory import (
    AreaRecord,
    CameraRecord,
    CenterRecord,
    CredentialRecord,
    DeviceRecord,
    FeedRecord,
    Inventory,
    Key,
    Record,
    RecorderRecord,
    SiteRecord,
    SystemRecord,
    What,
)
from registry.feed_url import BadFeedUrl, feed_address, is_bound
from registry.transfer.columns import BY_FIELD, CAMERA_REFERENCES
from registry.transfer.statements import Statements
from registry.vocabulary import Lifecycle

Wanted: TypeAlias = Mapping[What, Mapping[Key, Record]]
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


def check(statements: Statements, known: Inventory, wanted: Wanted) -> None:
    """Adds to the problems of `statements`."""
    checks = _Checks(statements, known, wanted)
    checks.references()
    checks.coordinates()
    checks.retired()
    checks.devices()
    checks.feeds()


class _Checks:
    def __init__(self, statements: Statements, known: Inventory, wanted: Wanted) -> None:
        self._statements = statements
        self._known = known
        self._wanted = wanted

    def references(self) -> None:
        """Every code names something that exists or is made by this file."""
        for record in self._records():
            for what, name, code in _references(record):
                if code is not None and not self._exists(what, code):
                    owner = _owner(record)
                    self._add(*owner, name, code, f"a {what} of the registry or of this file")

    def coordinates(self) -> None:
        for key, site in self._wanted[What.SITE].items():
            if not isinstance(site, SiteRecord):
                continue
            if (site.latitude is None) != (site.longitude is None):
                name = "longitude" if site.longitude is None else "latitude"
                self._add(What.SITE, key, name, "", "both latitude and longitude, or neither")

    def retired(self) -> None:
        """A retired camera's code is never used again: its history would pass to another camera."""
        told: set[str] = set()
        for what in (What.CAMERA, What.DEVICE, What.FEED, What.DELIVERY):
            for key, record in self._wanted[what].items():
                camera = self._known.records[What.CAMERA].get((key[0],))
                is_retired = (
                    isinstance(camera, CameraRecord) and camera.lifecycle is Lifecycle.RETIRED
                )
                same = self._known.records[what].get(key) == record
                if is_retired and not same and key[0] not in told:
                    told.add(key[0])
                    expected = "a code never used before: this camera is retired"
                    self._add(What.CAMERA, (key[0],), "code", key[0], expected)

    def devices(self) -> None:
        for key, device in self._wanted[What.DEVICE].items():
            before = self._known.records[What.DEVICE].get(key)
            if not isinstance(device, DeviceRecord) or not isinstance(before, DeviceRecord):
                continue
            swapped = before.serial and device.serial != before.serial
            since, until = before.installed_from, device.installed_from
            if swapped and since is not None and until is not None and until < since:
                expected = f"a day not before {since}, when the device it replaces came"
                self._add(What.DEVICE, key, "installed_from", until, expected)

    def feeds(self) -> None:
        feeds_of = self._feeds_by_camera()
        for key, feed in self._wanted[What.FEED].items():
            if not isinstance(feed, FeedRecord):
                continue
            siblings = feeds_of[feed.camera]
            self._chain(key, feed, siblings)
            self._sole_deliverer(key, feed, siblings.values())
            self._credential(key, feed)

    def _feeds_by_camera(self) -> dict[str, dict[str, FeedRecord]]:
        feeds_of: dict[str, dict[str, FeedRecord]] = defaultdict(dict)
        for source in (self._known.records[What.FEED], self._wanted[What.FEED]):
            for feed in source.values():
                if isinstance(feed, FeedRecord):
                    feeds_of[feed.camera][feed.name] = feed
        return feeds_of

    def _chain(self, key: Key, feed: FeedRecord, siblings: Mapping[str, FeedRecord]) -> None:
        if feed.taken_from is None:
            return
        if feed.taken_from not in siblings:
            expected = f"a feed of the same camera: {', '.join(sorted(siblings))}"
            if not self._is_refused(feed.camera, feed.taken_from):
                self._add(What.FEED, key, "taken_from", feed.taken_from, expected)
            return
        passed = [feed.name]
        source: str | None = feed.taken_from
        while source is not None and source in siblings:
            passed.append(source)
            if source in passed[:-1]:
                circle = " <- ".join(passed)
                expected = f"a chain that ends at the lens; this one goes round: {circle}"
                self._add(What.FEED, key, "taken_from", feed.taken_from, expected)
                return
            source = siblings[source].taken_from

    def _is_refused(self, camera: str, feed: str) -> bool:
        """Named in this file, and refused for a reason of its own."""
        return (camera, feed) in self._statements.by_key[What.FEED]

    def _sole_deliverer(self, key: Key, feed: FeedRecord, siblings: Iterable[FeedRecord]) -> None:
        if feed.delivers_to is None:
            return
        others = [
            each.name
            for each in siblings
            if each.delivers_to == feed.delivers_to and each.name < feed.name
        ]
        if others:
            expected = f"one feed per center: {others[0]!r} delivers there already"
            self._add(What.FEED, key, "delivers_to", feed.delivers_to, expected)

    def _credential(self, key: Key, feed: FeedRecord) -> None:
        names = set(_PLACEHOLDER.findall(feed.url))
        if feed.credential is None:
            if names:
                expected = f"a login for {{{min(names)}}} in the url"
                self._add(What.FEED, key, "credential", "", expected)
            return
        credential = self._wanted[What.CREDENTIAL].get(
            (feed.credential,), self._known.records[What.CREDENTIAL].get((feed.credential,))
        )
        if not isinstance(credential, CredentialRecord):
            if (feed.credential,) not in self._statements.by_key[What.CREDENTIAL]:
                expected = "a credential of the registry, or username and password to make it"
                self._add(What.FEED, key, "credential", feed.credential, expected)
            return
        self._binding(key, feed, credential)
        filled = {"user", "password", *(credential.login.secrets if credential.login else ())}
        if credential.login is not None and not names <= filled:
            expected = f"a credential with the secret {{{min(names - filled)}}} of the url"
            self._add(What.FEED, key, "credential", feed.credential, expected)

    def _binding(self, key: Key, feed: FeedRecord, credential: CredentialRecord) -> None:
        try:
            host = feed_address(feed.url).host
        except BadFeedUrl as error:
            self._add(What.FEED, key, "url", feed.url, str(error))
            return
        if not is_bound(host, credential.hosts):
            bound = ", ".join(credential.hosts[:5])
            expected = f"a credential bound to {host}; this one is bound to {bound}"
            self._add(What.FEED, key, "credential", credential.code, expected)

    def _records(self) -> Iterator[Record]:
        for records in self._wanted.values():
            yield from records.values()

    def _exists(self, what: What, code: str) -> bool:
        # Where the file's own statement failed, its problem is told already.
        return self._known.has(what, code) or (code,) in self._statements.by_key[what]

    def _add(self, what: What, key: Key, name: str, value: object, expected: str) -> None:
        statement = self._statements.by_key[what][key]
        column = BY_FIELD.get((what, name), name)
        row = statement.rows.get(name, statement.row)
        self._statements.add_problem(row, column, value, expected)


def _owner(record: Record) -> tuple[What, Key]:
    match record:
        case AreaRecord():
            return What.AREA, (record.path,)
        case CenterRecord():
            return What.CENTER, (record.code,)
        case SiteRecord():
            return What.SITE, (record.code,)
        case SystemRecord():
            return What.SYSTEM, (record.code,)
        case RecorderRecord():
            return What.RECORDER, (record.code,)
        case CameraRecord():
            return What.CAMERA, (record.code,)
        case _:
            raise TypeError(f"{type(record).__name__} refers to nothing by code alone")


def _references(record: Record) -> Iterator[tuple[What, str, str | None]]:
    match record:
        case AreaRecord():
            yield What.AREA, "path", record.parent
        case CenterRecord() | SiteRecord():
            yield What.AREA, "area", record.area
        case SystemRecord():
            yield What.SITE, "site", record.site
        case RecorderRecord():
            yield What.SITE, "site", record.site
            yield What.SYSTEM, "system", record.system
        case CameraRecord():
            for name in CAMERA_REFERENCES:
                yield What(name), name, getattr(record, name)
        case _:
            return
