"""Rows -> what they say of each thing, from all rows that speak of it. It asks no registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from registry.changing.inventory import Key, What, key_fields
from registry.feed_url import BadFeedUrl, feed_address
from registry.security.redaction import HIDDEN
from registry.security.secrets_in_urls import without_secrets
from registry.targets import Login
from registry.transfer.cells import Unexpected
from registry.transfer.columns import BY_FIELD, BY_NAME, CAMERA_REFERENCES, COLUMNS, PLACE_KEYS
from registry.transfer.problems import Hint, Problem, shown
from registry.transfer.table import Row, Table


@dataclass(slots=True)
class Statement:
    """What the file says of one thing; None empties a field. `rows`: which row said it first."""

    row: int
    fields: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    revives: bool = False  # an undo may bring back what was retired
    beside: dict[str, str] = field(default_factory=dict)  # what its row says, if it does not


@dataclass(frozen=True, slots=True)
class FeedLogin:
    """A login found on a feed's row, for the host its URL names."""

    row: int
    feed: Key
    host: str
    login: Login


@dataclass(slots=True)
class Statements:
    by_key: dict[What, dict[Key, Statement]] = field(
        default_factory=lambda: {what: {} for what in What}
    )
    logins: list[FeedLogin] = field(default_factory=list)
    differing: set[str] = field(default_factory=set)  # credentials whose login is another here
    allow_basic: dict[Key, tuple[int, bool]] = field(default_factory=dict)  # by feed
    problems: list[Problem] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    _told: set[tuple[int, str]] = field(default_factory=set)

    def add_problem(self, row: int, column: str, value: object, expected: str) -> None:
        self._told.add((row, column))
        secret = column in BY_NAME and BY_NAME[column].secret
        text = HIDDEN if secret and value else shown(value)
        self.problems.append(Problem(row, column, text, expected))

    def add_bad_url(self, row: int, harmless: str, expected: str) -> None:
        self._told.add((row, "url"))
        self.problems.append(Problem(row, "url", harmless, expected))

    def is_told(self, row: int, column: str) -> bool:
        return (row, column) in self._told

    def say(self, what: What, key: Key, row: int, **fields: Any) -> None:
        """Gather; two rows that contradict each other are a problem of the later one."""
        statement = self.by_key[what].setdefault(key, Statement(row))
        for name, value in fields.items():
            if name not in statement.fields:
                statement.fields[name] = value
                statement.rows[name] = row
            elif statement.fields[name] != value:
                said = HIDDEN if name == "url" else f"{shown(statement.fields[name])!r}"
                expected = f"{said} for {what} {'/'.join(key)}, as row {statement.rows[name]} says"
                self.add_problem(row, BY_FIELD.get((what, name), name), value, expected)


# What a new thing is taken to belong to where only its row says so.
_BESIDE = (
    (What.SITE, "area"),
    (What.CENTER, "area"),
    (What.CONTRACT, "contractor"),
    (What.CONTACT, "contractor"),
    (What.ASSIGNMENT, "contract"),
)


def gather(table: Table) -> Statements:
    statements = Statements(problems=list(table.problems), hints=list(table.hints))
    camera_rows: dict[tuple[str, str | None, str | None], int] = {}
    for row in table.rows:
        values = _parsed(row, statements)
        if "camera" in row.said and values.get("camera") is None:
            continue  # its problem is told; without the code nothing else on the row has a place
        _say_places(row, values, statements)
        camera = values.get("camera")
        if camera is None:
            _say_nothing_but_places(row, statements)
            continue
        _refuse_repetition(row.number, camera, values, camera_rows, statements)
        _say_camera(row.number, camera, values, statements)
        _say_feed(row.number, camera, values, statements)
    return statements


def _parsed(row: Row, statements: Statements) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, said in row.said.items():
        try:
            values[name] = None if said is None else BY_NAME[name].parse(said)
        except Unexpected as error:
            statements.add_problem(row.number, name, said, str(error))
    return values


def _say_places(row: Row, values: dict[str, Any], statements: Statements) -> None:
    for what, key_column in PLACE_KEYS.items():
        said = dict(_fields_of(what, values))
        key = values.get(key_column)
        if key is not None:
            said.pop(key_fields(what)[0], None)
            statements.say(what, (key,), row.number, **said)
        elif said and key_column not in row.said:
            column = BY_FIELD[what, next(iter(said))]
            statements.add_problem(row.number, key_column, "", f"a {what} for {column}")
    for what, name in _BESIDE:
        if what is What.CENTER and "camera" in values:
            continue  # a camera's center is often far from the camera
        key, value = values.get(PLACE_KEYS[what]), values.get(name)
        if key is not None and value is not None:
            statements.by_key[what][key,].beside.setdefault(name, value)


# Of each kind, which column says which field.
_SAID_OF = {
    what: tuple((each.name, each.field) for each in COLUMNS if each.what is what and each.field)
    for what in What
}


def _fields_of(what: What, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for column, name in _SAID_OF[what]:
        if column in values:
            yield name, values[column]


def _say_nothing_but_places(row: Row, statements: Statements) -> None:
    spoken = {What.CAMERA, What.DEVICE, What.FEED, What.DELIVERY, What.CREDENTIAL}
    for name in row.said:
        if BY_NAME[name].what in spoken:
            statements.add_problem(row.number, "camera", "", f"a camera that {name} belongs to")
            return


def _refuse_repetition(
    row: int,
    camera: str,
    values: dict[str, Any],
    seen: dict[tuple[str, str | None, str | None], int],
    statements: Statements,
) -> None:
    feed = values.get("feed")
    place = (camera, feed, None if feed else values.get("delivers_to"))
    first = seen.setdefault(place, row)
    if first != row:
        what = f"feed {feed!r} of camera {camera!r}" if feed else f"camera {camera!r}"
        column = "feed" if feed else "camera"
        statements.add_problem(row, column, feed or camera, f"{what} once; row {first} has it")


def _say_camera(row: int, camera: str, values: dict[str, Any], statements: Statements) -> None:
    said = dict(_fields_of(What.CAMERA, values))
    said.pop("code")
    said |= {name: values[name] for name in CAMERA_REFERENCES if name in values}
    statements.say(What.CAMERA, (camera,), row, **said)
    if device := dict(_fields_of(What.DEVICE, values)):
        statements.say(What.DEVICE, (camera,), row, **device)
    if (center := values.get("delivers_to")) is not None:
        proof = {"proof": values["proof"]} if "proof" in values else {}
        statements.say(What.DELIVERY, (camera, center), row, **proof)


def _say_feed(row: int, camera: str, values: dict[str, Any], statements: Statements) -> None:
    name = values.get("feed")
    if name is None:
        _refuse_feedless(row, values, statements)
        return
    key = (camera, name)
    said = dict(_fields_of(What.FEED, values))
    said.pop("name")
    if "delivers_to" in values:
        said["delivers_to"] = values["delivers_to"]
    if "url" in said:
        _take_url(row, key, said, values, statements)
    elif "username" in values or "password" in values:
        statements.add_problem(row, "url", "", "the url that username and password are for")
    if values.get("basic") is not None:
        statements.allow_basic[key] = (row, values["basic"])
    statements.say(What.FEED, key, row, **said)


def _refuse_feedless(row: int, values: dict[str, Any], statements: Statements) -> None:
    for column in COLUMNS:
        if column.name in values and column.what in (What.FEED, What.CREDENTIAL):
            statements.add_problem(row, "feed", "", f"a feed that {column.name} belongs to")
            return


def _take_url(
    row: int, key: Key, said: dict[str, Any], values: dict[str, Any], statements: Statements
) -> None:
    """The URL without its secrets goes on; they become a login, bound to the host it names."""
    url = said.pop("url")
    if url is None:
        statements.add_problem(row, "url", "-", "a url: a feed cannot be without one")
        return
    try:
        clean = without_secrets(url)
        host = feed_address(clean.url).host
    except BadFeedUrl as error:
        statements.add_bad_url(row, _harmless(url), str(error))
        return
    said["url"] = clean.url
    username, password = values.get("username"), values.get("password")
    if _contradict(username, clean.username) or _contradict(password, clean.password):
        statements.add_problem(row, "password", HIDDEN, "the same login as the url holds")
    elif clean.held_secrets or username is not None or password is not None:
        login = Login(
            username if username is not None else clean.username or "",
            password if password is not None else clean.password or "",
            clean.secrets,
        )
        statements.logins.append(FeedLogin(row, key, host, login))


def _contradict(column: str | None, url: str | None) -> bool:
    return column is not None and url is not None and column != url


def _harmless(url: str) -> str:
    """Enough of a URL to find it by, nothing of it that may be a secret."""
    if "@" in url:
        return f"{url.partition('://')[0][:8]}://{HIDDEN}"
    return shown(url)
