"""RTSP URLs as text: split, join, repaired, shown; never decoded and encoded again (Q20, Q56).

Opens nothing.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import field
from urllib.parse import quote

from monitor.rtsp.failures import Malformed
from monitor.rtsp.messages import printable
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.values import light_value

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
# What nearly every target says: no user-info, no IPv6 literal.
_PLAIN = re.compile(r"(rtsps?)://(([0-9A-Za-z._-]++)(?::([0-9]{1,5}))?)([/?#][!-?A-~]*+)?")
_SCHEME = re.compile(r"(?i)(rtsps?|rtspu)://")
_HTTP = re.compile(r"(?i)(https?|rtsph|wss?)://")
_PORT = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(r"\[[0-9A-Za-z:.%_-]+\]|[^\s\[\]:/?#@\\<>\"{}|^`]+")
_AUTHORITY_END = re.compile(r"[/?#]")
_ZONE = re.compile(r"%[^\]]*\]")
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udc7f\udd00-\udfff]")
# What may stay as it is inside a query or path segment without changing how the URL is cut.
_KEPT_WHEN_FILLED = "!$'()*,:@-._~"


@light_value
class Url:
    """One URL, cut by text. `rest` is everything from the first `/` or `?` on."""

    scheme: str
    host: str  # without the brackets of an IPv6 literal, with its zone
    port: int
    rest: str = field(repr=False)
    authority: str = ""

    @property
    def text(self) -> str:
        """As it is sent: a zone is the name of an interface of ours (RFC 6874, Q146)."""
        return f"{self.scheme}://{self.sent_authority}{self.rest}"

    @property
    def sent_authority(self) -> str:
        return _ZONE.sub("]", self.authority) if "%" in self.authority else self.authority

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host.lower(), self.port


def parse_url(text: str) -> tuple[Url, str | None]:
    """The URL without its user-info, and the user-info as it was typed. Raises Malformed."""
    text = text.strip()
    if (plain := _PLAIN.fullmatch(text)) is not None:
        kind, authority, host, digits, rest = plain.groups("")
        port = int(digits) if digits else DEFAULT_PORTS[kind]
        if 0 < port < 65536:
            return Url(kind, host, port, rest, authority), None
    return _parse_any(text)


def _parse_any(text: str) -> tuple[Url, str | None]:
    scheme = _SCHEME.match(text)
    if scheme is None:
        tunnel = "; RTSP tunnelled in HTTP is not supported" if _HTTP.match(text) else ""
        raise Malformed(f"the URL does not begin with rtsp:// or rtsps://{tunnel}")
    if _UNSENDABLE.search(text):
        raise Malformed("the URL has blanks or control characters in it")
    tail = text[scheme.end() :]
    user_info, authority, rest = _cut(tail)
    host, port = _host_port(authority, scheme[1].lower())
    return Url(scheme[1].lower(), host, port, rest, authority), user_info


def _cut(tail: str) -> tuple[str | None, str, str]:
    """User-info may hold `/ ? # @`: the first `@` behind which a host stands ends it (Q21)."""
    end = _authority_end(tail)
    if "@" in tail[:end]:
        cut = tail.rindex("@", 0, end)
        return tail[:cut], tail[cut + 1 : end], tail[end:]
    if "@" in tail and not _is_authority(tail[:end]):
        cut = tail.rindex("@")
        after = tail[cut + 1 :]
        end = _authority_end(after)
        return tail[:cut], after[:end], after[end:]
    return None, tail[:end], tail[end:]


def _authority_end(text: str) -> int:
    end = _AUTHORITY_END.search(text)
    return len(text) if end is None else end.start()


def _is_authority(text: str) -> bool:
    try:
        _host_port(text, "rtsp")
    except Malformed:
        return False
    return True


def _host_port(authority: str, scheme: str) -> tuple[str, int]:
    host = _HOST.match(authority)
    if host is None:
        raise Malformed("the URL names no host")
    name = host[0].strip("[]").replace("%25", "%")  # RFC 6874 writes the zone escaped
    after = authority[host.end() :]
    if after in ("", ":"):
        return name, DEFAULT_PORTS.get(scheme, 554)
    if not after.startswith(":") or not _PORT.fullmatch(after[1:]):
        raise Malformed("the URL has no readable port behind its host")
    port = int(after[1:])
    if not 0 < port < 65536:
        raise Malformed(f"the URL has port {port}, expected 1 to 65535")
    return name, port


# --- what the camera says of its own URLs ---------------------------------------------------------


def is_absolute(control: str) -> bool:
    return _SCHEME.match(control) is not None


def join_control(base: str, control: str) -> str:
    """Join as live555 and FFmpeg do: by text, query or not (Q56)."""
    if control in ("", "*"):
        return base  # Q59
    if is_absolute(control):
        return control
    slash = "" if base.endswith("/") or control.startswith("/") else "/"
    return f"{base}{slash}{control}"


def repair_base(text: str, request: Url) -> tuple[str, Quirk | None]:
    """A Content-Base that can be used as text, and what was odd about it (Q51 - Q54)."""
    text = text.strip()
    if not text or _UNSENDABLE.search(text):
        return request.text, Quirk.CONTENT_BASE_UNUSABLE
    if text.startswith("/"):
        whole = f"{request.scheme}://{request.sent_authority}{text}"
        return whole, Quirk.CONTENT_BASE_RELATIVE
    scheme = _SCHEME.match(text)
    if scheme is None:
        return f"{request.scheme}://{text}", Quirk.CONTENT_BASE_WITHOUT_SCHEME
    tail = text[scheme.end() :]
    if _SCHEME.match(tail):
        return tail, Quirk.CONTENT_BASE_DOUBLED
    bare = not tail.startswith("[") and tail.count(":", 0, _authority_end(tail)) > 1
    return text, Quirk.CONTENT_BASE_BARE_IPV6 if bare else None


def with_authority_of(text: str, request: Url) -> str:
    """The same URL at the host we are connected to: the last try when a control names another."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text
    tail = text[scheme.end() :]
    return f"{request.scheme}://{request.sent_authority}{tail[_authority_end(tail) :]}"


def redirect_target(location: str, request: Url) -> Url:
    """Where a redirect leads; user-info in it is dropped. Raises Malformed."""
    location = location.strip()
    if location.startswith("/"):
        location = f"{request.scheme}://{request.authority}{location}"
    url, _ = parse_url(location)
    if request.scheme == "rtsps" and url.scheme != "rtsps":
        raise Malformed("a redirect leads from rtsps to plain rtsp")  # Q12
    host, percent, zone = request.host.partition("%")
    if percent and url.host.lower() == host.lower():  # the camera was never told of our zone
        zoned = f"{url.host}%{zone}"
        return Url(url.scheme, zoned, url.port, url.rest, f"[{zoned}]:{url.port}")
    return url


# --- secrets: placeholders in the text that is kept and shown -------------------------------------


@light_value
class Secrets:
    """What fills the placeholders of a URL at send time and must never be seen in any text."""

    username: str = field(repr=False, default="")
    password: str = field(repr=False, default="")
    named: Mapping[str, str] = field(repr=False, default_factory=dict)  # verbatim URL text

    def fill(self, text: str) -> str:
        """For our own URL only, never for text of a peer: `{password}` in a redirect stays as it
        is.
        """
        if "{" not in text:
            return text
        values = {
            "user": quote(self.username, safe=_KEPT_WHEN_FILLED),
            "password": quote(self.password, safe=_KEPT_WHEN_FILLED),
            **self.named,
        }
        return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)

    def redactor(self, *, told: bool) -> Redactor:
        """`told`: the peer was sent a secret as it is, in a URL or by Basic, and may echo it."""
        found = [
            (spelling, "{" + name + "}")
            for name, value in (("password", self.password), *self.named.items())
            for spelling in _spellings(value)
        ]
        if told and self.password:
            pair = f"{self.username}:{self.password}".encode("utf-8", "replace")
            found.append((b64encode(pair).decode(), "{login}"))
        return Redactor(found, also_cut=told)


NO_SECRETS = Secrets()


def _spellings(value: str) -> set[str]:
    if _UNRESERVED.fullmatch(value):
        return {value}  # nothing in it is written otherwise anywhere
    spellings = {value, quote(value, safe=""), quote(value, safe=_KEPT_WHEN_FILLED)}
    return spellings | {printable(spelling) for spelling in spellings}


class Redactor:
    """Takes secrets out of text of a peer, which may echo what we sent, in whatever spelling."""

    def __init__(self, found: Iterable[tuple[str, str]], *, also_cut: bool) -> None:
        pieces: dict[str, str] = {}
        for spelling, mark in found:
            if also_cut:  # text is cut to a length on its way here
                pieces |= _cuts(spelling, mark)
            elif len(spelling) >= _LEAST_REDACTED:
                pieces[spelling] = mark
        self._pieces = sorted(pieces.items(), key=_length, reverse=True)

    def __call__(self, text: str) -> str:
        for piece, mark in self._pieces:
            if piece in text:
                text = text.replace(piece, mark)
        return text


def _cuts(spelling: str, mark: str) -> dict[str, str]:
    """Most of a secret is as good as all of it."""
    least = max(_LEAST_REDACTED, len(spelling) // 2)
    return {spelling[:end]: mark for end in range(least, len(spelling) + 1)}


def _length(piece: tuple[str, str]) -> int:
    return len(piece[0])


_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")  # RFC 3986 section 2.3
_PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_LEAST_REDACTED = 3  # shorter ones would turn every address and number into a hint
