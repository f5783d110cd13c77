"""Models of what may be written, made of the records that an import writes, with its rules.

A field's type says what JSON it takes; what its value may be is the parser of the import's column.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, SecretStr, create_model

from registry.api.routing import Strict
from registry.changing.inventory import RECORDS, REFERENCES, What, key_fields
from registry.feed_url import BadFeedUrl
from registry.security.secrets_in_urls import require_clean
from registry.targets import Login
from registry.transfer import cells
from registry.transfer.columns import BY_FIELD, BY_NAME
from registry.vocabulary import Lifecycle

# Set by the product, or by a route of its own.
_NOT_WRITTEN: Final = frozenset({"retired", "changed_at", "login"})
# Fields that the API calls otherwise than the record does.
_CALLED: Final = {(What.FEED, "name"): "id", (What.FEED, "tls_policy"): "tls"}
_MEANT: Final = {(what, called): name for (what, name), called in _CALLED.items()}
_LOGIN_PART: Final = 200
# What a new thing need not say, because the rest of it does.
_DERIVED: Final = frozenset(
    {
        (What.CAMERA, "name"),
        (What.AREA, "kind"),
        (What.AREA, "time_zone"),
        (What.SITE, "name"),
        (What.FEED, "hop"),
    }
)


class LoginGiven(Strict):
    """Goes in and never comes out."""

    username: str = Field("", max_length=_LOGIN_PART)
    password: SecretStr = Field(max_length=_LOGIN_PART)
    secrets: dict[str, SecretStr] = Field(
        {}, max_length=8, description="further placeholders of URLs, such as secret"
    )

    def login(self) -> Login:
        secrets = {name: each.get_secret_value() for name, each in self.secrets.items()}
        return Login(self.username, self.password.get_secret_value(), secrets)


def changed_model(what: What) -> type[Strict]:
    """A JSON merge patch: what is not named stays, null empties."""
    wanted = {called(what, name): (hint | None, None) for name, hint in _hints(what).items()}
    return _model(f"{title(what)}Patch", wanted)


def template_model(what: What) -> type[Strict]:
    """The same where a url is a template, filled in for each thing."""
    wanted = {called(what, name): (hint | None, None) for name, hint in _hints(what).items()}
    wanted["url"] = (Annotated[str, Field(max_length=2000)] | None, None)
    return _model(f"{title(what)}Template", wanted)


def created_model(what: What) -> type[Strict]:
    """A new thing, with those parts of its key that its address does not say."""
    hints = {**_key_hints(what), **_hints(what)}
    needed = {each.name for each in fields(RECORDS[what]) if each.default is MISSING}
    needed -= {name for kind, name in _DERIVED if kind is what}
    wanted: dict[str, Any] = {
        called(what, name): (hint, ...) if name in needed else (hint | None, None)
        for name, hint in hints.items()
    }
    if what in (What.CONTACT, What.ASSIGNMENT):
        wanted["code"] = (hints["code"] | None, None)
    return _model(f"New{title(what)}", wanted)


def called(what: What, name: str) -> str:
    """How the API calls a field of a record."""
    return _CALLED.get((what, name), name)


def title(what: What) -> str:
    return what.value.capitalize()


def values_of(what: What, body: BaseModel) -> dict[str, Any]:
    """What was named, as values of the record's fields."""
    said = {_MEANT.get((what, name), name): getattr(body, name) for name in body.model_fields_set}
    if isinstance(login := said.get("login"), LoginGiven):
        said["login"] = login.login()
    return said


def _model(name: str, wanted: Mapping[str, Any]) -> type[Strict]:
    made: type[Strict] = create_model(name, __base__=Strict, **wanted)
    return made


def _hints(what: What) -> dict[str, Any]:
    record = typing.get_type_hints(RECORDS[what])
    hints = {
        name: _checked(what, name, hint)
        for name, hint in record.items()
        if name not in _NOT_WRITTEN and name not in key_fields(what)
    }
    return hints | ({"login": LoginGiven} if what is What.CREDENTIAL else {})


def _key_hints(what: What) -> dict[str, Any]:
    """Of a camera's own things the address names the camera; a device has no further name."""
    own = [name for name in key_fields(what) if name != "camera"]
    return {name: Annotated[str, AfterValidator(_by(_parser(what, name)))] for name in own}


def _checked(what: What, name: str, hint: Any) -> Any:
    given = _given(hint)
    if given is datetime:
        return AwareDatetime
    if (what, name) == (What.FEED, "url"):
        return Annotated[str, AfterValidator(_clean_url)]
    if (what, name) == (What.CREDENTIAL, "hosts"):
        return Annotated[
            tuple[str, ...], AfterValidator(_hosts), Field(min_length=1, max_length=500)
        ]
    if (what, name) == (What.CAMERA, "lifecycle"):
        return Annotated[Lifecycle, AfterValidator(_not_retired)]
    if given in (str, int, float) and (parser := _parser(what, name)) is not None:
        return Annotated[given, AfterValidator(_by(parser))]
    return given


def _given(hint: Any) -> Any:
    """The type without None, which empties any field."""
    options = [each for each in typing.get_args(hint) if each is not type(None)]
    return options[0] if options and type(None) in typing.get_args(hint) else hint


def _parser(what: What, name: str) -> cells.Parser | None:
    if (column := BY_FIELD.get((what, name))) is not None:
        return BY_NAME[column].parse
    if name == "area":
        return cells.area_path
    if name in REFERENCES or name == "code":
        return cells.code
    return None


def _by(parser: cells.Parser | None) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if parser is None or isinstance(value, StrEnum | bool):
            return value
        try:
            return parser(str(value))
        except cells.Unexpected as error:
            raise ValueError(f"expected {error}") from error

    return check


def _clean_url(url: str) -> str:
    try:
        return require_clean(url)
    except BadFeedUrl as error:
        raise ValueError(str(error)) from error


def _hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_by(_host_or_network)(each) for each in hosts)


def _host_or_network(text: str) -> str:
    if "/" not in text:
        return cells.host(text)
    try:
        return str(ip_network(text, strict=False))
    except ValueError as error:
        raise cells.Unexpected(
            "a host name, an address, or a network such as 10.0.0.0/8"
        ) from error


def _not_retired(lifecycle: Lifecycle) -> Lifecycle:
    if lifecycle is Lifecycle.RETIRED:
        raise ValueError("expected another word: a camera is retired by POST .../retire")
    return lifecycle
