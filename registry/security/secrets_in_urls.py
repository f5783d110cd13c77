"""Finds secrets in the text of a camera's URL and puts placeholders in their place.

It works on text alone and never parses and rebuilds a URL: re-encoding breaks paths and digests
(Q20, Q21).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from registry.feed_url import BadFeedUrl, feed_address

# Parameter names by what they hold, as cameras spell them: XMEye `user=..&password=..` in the path,
# Reolink `user`, `password`, `token`, Dahua `authbasic`, Hikvision `auth`, VStarcam `loginuse`,
# `loginpas`, Foscam `usr`, `pwd`.
_USER_NAMES = ("user", "username", "usr", "usrname", "uname", "loginuse", "login", "account")
_PASSWORD_NAMES = ("password", "passwd", "passwrd", "pass", "pwd", "psw", "loginpas", "loginpass")
_SECRET_NAMES = (
    *("access_key", "access_token", "accesskey", "accesstoken", "api_key", "apikey", "auth"),
    *("auth_key", "auth_token", "authbasic", "authcode", "authkey", "authtoken", "digest", "jwt"),
    *("key", "secret", "sig", "sign", "signature", "streamkey", "ticket", "token"),
)
PARAMETER_NAMES = (*_USER_NAMES, *_PASSWORD_NAMES, *_SECRET_NAMES)

_HEAD = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<after>.*)", re.DOTALL)
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
_NAME = "|".join(sorted(PARAMETER_NAMES, key=len, reverse=True))
# `_password=..._channel=1`: older XMEye firmware separates with underscores.
_VALUE = r"(?P<value>(?:(?!_[A-Za-z]+=)[^{ends}])*)"
_BEFORE = r"(?P<before>(?:^|[/?&;]|(?<=[A-Za-z0-9}])_)(?P<name>" + _NAME + r")=)"
_IN_QUERY = re.compile(_BEFORE + _VALUE.replace("{ends}", "&;#"), re.IGNORECASE)
_IN_PATH = re.compile(_BEFORE + _VALUE.replace("{ends}", "&;#?/"), re.IGNORECASE)
_IN_LISTED_PATH = re.compile(_BEFORE + _VALUE.replace("{ends}", "&;#?"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CleanUrl:
    """A URL that may be shown, and what had to be taken out of it."""

    url: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def held_secrets(self) -> bool:
        return self.username is not None or self.password is not None or bool(self.secrets)


def without_secrets(url: str) -> CleanUrl:
    """The URL with `{user}`, `{password}`, `{secret}`, `{secret2}`... where its secrets stood.

    User-info is removed altogether. Where a raw `@` or `/` leaves open what is login and what is
    address, it is refused: guessing wrong would store half a password in the clear.
    """
    head = _HEAD.fullmatch(url)
    if head is None:
        return CleanUrl(url)
    user_info, location = _split_user_info(head["after"])
    found = _Found()
    if user_info is not None:
        username, _, password = user_info.partition(":")
        found.username, found.password = unquote(username), unquote(password)
    address, path, query = _split_location(location)
    in_path = _IN_LISTED_PATH if "&" in path else _IN_PATH
    clean = address + in_path.sub(found.replace, path) + _IN_QUERY.sub(found.replace, query)
    return CleanUrl(head["scheme"] + clean, found.username, found.password, found.secrets)


def require_clean(url: str) -> str:
    """A URL that can be used and holds no login: guessing whose it is, is for imports."""
    feed_address(url)
    if without_secrets(url).held_secrets:
        raise BadFeedUrl("url holds a login: name a credential of the registry instead")
    return url


@dataclass(slots=True)
class _Found:
    username: str | None = None
    password: str | None = None
    secrets: dict[str, str] = field(default_factory=dict)

    def replace(self, match: re.Match[str]) -> str:
        if _PLACEHOLDER.fullmatch(match["value"]):
            return match[0]
        return match["before"] + self._placeholder(match["name"].lower(), match["value"])

    def _placeholder(self, name: str, value: str) -> str:
        if name in _USER_NAMES and self.username in (None, value):
            self.username = value
            return "{user}"
        if name in _PASSWORD_NAMES and self.password in (None, value):
            self.password = value
            return "{password}"
        for placeholder, known in self.secrets.items():
            if known == value:
                return f"{{{placeholder}}}"
        placeholder = "secret" if not self.secrets else f"secret{len(self.secrets) + 1}"
        self.secrets[placeholder] = value
        return f"{{{placeholder}}}"


def _split_user_info(after_scheme: str) -> tuple[str | None, str]:
    authority = re.split(r"[/?#]", after_scheme, maxsplit=1)[0]
    before_query = after_scheme.partition("?")[0]
    if "@" not in authority and _ADDRESS.fullmatch(authority):
        _refuse_split_login(authority, after_scheme)
        return None, after_scheme
    if "@" not in before_query:
        return None, after_scheme
    if "@" in authority and "@" in before_query[len(authority) :]:
        raise BadFeedUrl("url holds an @ before and after a /: give the login in its own columns")
    user_info, _, location = after_scheme.partition("@")
    if "@" in authority:
        user_info = authority.rpartition("@")[0]
        location = after_scheme[len(user_info) + 1 :]
    elif before_query.count("@") > 1:
        raise BadFeedUrl("url holds more than one @: give the login in its own columns")
    return user_info, location


def _refuse_split_login(authority: str, after_scheme: str) -> None:
    """`admin:12/w@10.0.0.7/x`: the password `12/w` makes a host and a port of the first part."""
    rest = after_scheme[len(authority) :]
    if "@" in rest and ("." not in authority or rest[0] in "?#") and "[" not in authority:
        raise BadFeedUrl("url holds an @ after a /, ? or #: give the login in its own columns")


def _split_location(location: str) -> tuple[str, str, str]:
    address = re.split(r"[/?#]", location, maxsplit=1)[0]
    path, mark, query = location[len(address) :].partition("?")
    return address, path, mark + query
