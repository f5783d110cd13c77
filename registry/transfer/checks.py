"""What must hold between the things of a file and those of the registry. It changes neither."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from registry.changing.inventory import (
    AssignmentRecord,
    ContractRecord,
    CredentialRecord,
    DeviceRecord,
    FeedRecord,
    Inventory,
    Key,
    Record,
    SiteRecord,
    What,
    is_retired,
    key_fields,
    references,
)
from registry.feed_url import BadFeedUrl, feed_address, is_bound, widened
from registry.transfer.columns import BY_FIELD
from registry.transfer.statements import Statements

Wanted: TypeAlias = Mapping[What, Mapping[Key, Record]]
_ONE_OF = {
    What.CONTACT: ("contractor", "center", "site"),
    What.ASSIGNMENT: ("camera", "site", "recorder", "system", "area"),
}
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


def check(statements: Statements, known: Inventory, wanted: Wanted) -> None:
    """Adds to the problems of `statements`."""
    checks = _Checks(statements, known, wanted)
    checks.references()
    checks.coordinates()
    checks.retired()
    checks.devices()
    checks.feeds()
    checks.bindings()
    checks.dates()
    checks.parties()


class _Checks:
    def __init__(self, statements: Statements, known: Inventory, wanted: Wanted) -> None:
        self._statements = statements
        self._by_key = statements.by_key
        self._known = known
        self._wanted = wanted

    def references(self) -> None:
        """Every code names something that exists, or is made here, and is in use."""
        for what, key, record in self._changed():
            for name, target, code in references(record):
                if (what, name) == (What.FEED, "credential"):
                    continue  # told below, with what else a login needs
                if not self._exists(target, code):
                    self._add(what, key, name, code, f"a {target} of the registry or of this file")
                elif is_retired(self._known.records[target].get((code,))) and target is not what:
                    self._add(what, key, name, code, f"a {target} in use: this one is retired")

    def coordinates(self) -> None:
        for key, site in self._wanted[What.SITE].items():
            if not isinstance(site, SiteRecord):
                continue
            if (site.latitude is None) != (site.longitude is None):
                name = "longitude" if site.longitude is None else "latitude"
                self._add(What.SITE, key, name, "", "both latitude and longitude, or neither")

    def retired(self) -> None:
        """A retired code is never used again: its history would pass to something else."""
        told: set[tuple[What, Key]] = set()
        for what, key, _ in self._changed():
            over = self._retired_of(what, key)
            if over is not None and over not in told:
                told.add(over)
                stated, code = over if over[1] in self._by_key[over[0]] else (what, key)
                expected = f"a code never used before: this {over[0]} is retired"
                self._add(stated, code, key_fields(stated)[-1], code[-1], expected)

    def _retired_of(self, what: What, key: Key) -> tuple[What, Key] | None:
        """The thing itself, or the camera it belongs to."""
        if self._by_key[what][key].revives:
            return None
        of_camera = what in (What.DEVICE, What.FEED, What.DELIVERY)
        for kind, code in (*(((What.CAMERA, key[:1]),) if of_camera else ()), (what, key)):
            if is_retired(self._known.records[kind].get(code)):
                return kind, code
        return None

    def dates(self) -> None:
        for key, record in self._wanted[What.CONTRACT].items():
            if not isinstance(record, ContractRecord) or record.ends_on is None:
                continue
            if record.ends_on < record.starts_on:
                expected = f"a day not before {record.starts_on}, when it starts"
                self._add(What.CONTRACT, key, "ends_on", record.ends_on, expected)
        for key, each in self._wanted[What.ASSIGNMENT].items():
            if not isinstance(each, AssignmentRecord) or each.ends_at is None:
                continue
            if each.ends_at <= each.starts_at:
                expected = f"a time after {each.starts_at.isoformat()}, when it starts"
                self._add(What.ASSIGNMENT, key, "ends_at", each.ends_at, expected)

    def parties(self) -> None:
        """Whom a contact is of, and what an assignment is about, is exactly one thing."""
        for what, names in _ONE_OF.items():
            for key, record in self._wanted[what].items():
                given = [name for name in names if getattr(record, name) is not None]
                if len(given) != 1:
                    expected = f"exactly one of {', '.join(names)}"
                    self._add(what, key, (given or names)[-1], ", ".join(given), expected)

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
            if not isinstance(feed, FeedRecord) or feed.retired:
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
                    if feed.retired:
                        del feeds_of[feed.camera][feed.name]
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
        return (camera, feed) in self._by_key[What.FEED]

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
            if (feed.credential,) not in self._by_key[What.CREDENTIAL]:
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

    def bindings(self) -> None:
        """Where a kept login goes, and how, is widened only by whoever gives it anew.

        It never comes out: whoever could send it to a host of his own would read it there.
        """
        for key, after in self._wanted[What.CREDENTIAL].items():
            before = self._known.records[What.CREDENTIAL].get(key)
            if not isinstance(before, CredentialRecord) or not isinstance(after, CredentialRecord):
                continue
            if self._by_key[What.CREDENTIAL][key].fields.get("login") is not None:
                continue
            anew = "the login given anew in the same change, as it may go to more than before"
            if further := widened(before.hosts, after.hosts):
                self._add(What.CREDENTIAL, key, "hosts", ", ".join(further[:5]), anew)
            if after.allow_basic and not before.allow_basic:
                self._add(What.CREDENTIAL, key, "allow_basic", "yes", anew)

    def _changed(self) -> Iterator[tuple[What, Key, Record]]:
        for what, records in self._wanted.items():
            for key, record in records.items():
                if self._known.records[what].get(key) != record:
                    yield what, key, record

    def _exists(self, what: What, code: str) -> bool:
        # Where the file's own statement failed, its problem is told already.
        return self._known.has(what, code) or (code,) in self._by_key[what]

    def _add(self, what: What, key: Key, name: str, value: object, expected: str) -> None:
        statement = self._by_key[what][key]
        column = BY_FIELD.get((what, name), name)
        row = statement.rows.get(name, statement.row)
        self._statements.add_problem(row, column, value, expected)
