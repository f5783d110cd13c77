"""RTSP messages as values, and how they are written and read. Never looks at a stream of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field

from monitor.rtsp.failures import Malformed
from monitor.rtsp.values import light_value

MAX_HEADERS = 255  # gortsplib's bound (Q07)

# Peer text is carried through unharmed whatever its bytes are: a realm must be echoed as it came.
_ENCODING = "utf-8"
_ERRORS = "surrogateescape"

_STATUS_LINE = re.compile(r"RTSP/\d+\.\d+[ \t]+([1-9]\d\d)(?:[ \t]+(.*))?", re.DOTALL | re.ASCII)
# What nearly all cameras send: printable ASCII, a field a line, no blank at its end. Nothing in it
# is tried twice, so that the length of a hostile head counts once.
_PLAIN_HEAD = re.compile(
    rb"""
    RTSP/1\.0[ ] ([1-9][0-9]{2}) (?: [ ] ([ -~]*+) )? \r?\n
    ( (?: [!-9;-~]++ : [ -~]*+ (?<![ ]) \r?\n )*+ )
    \r?\n
    """,
    re.VERBOSE,
)
_PLAIN_FIELD = re.compile(r"([!-9;-~]++): *+([ -~]*+)\r?\n")
_REQUEST_LINE = re.compile(r"([A-Z_]{1,32})[ \t]+(\S{1,8192})[ \t]+RTSP/\d+\.\d+", re.ASCII)


def encode(text: str) -> bytes:
    return text.encode(_ENCODING, _ERRORS)


def decode(data: bytes) -> str:
    return data.decode(_ENCODING, _ERRORS)


def printable(text: str, limit: int = 200) -> str:
    """Peer text for people: no control characters, no lone surrogates, bounded."""
    text = text[:limit]
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "?" for char in text)


class Headers:
    """A multi-map that keeps order; names are compared without case (Q04, Q06)."""

    __slots__ = ("_first", "_items")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items = tuple(items)
        self._first: dict[str, str] | None = None  # by lower-case name, once somebody asks

    def get(self, name: str) -> str | None:
        """The first value of that name."""
        first = self._first
        if first is None:
            first = self._first = {key.lower(): value for key, value in reversed(self._items)}
        return first.get(name.lower())

    def all(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple([value for key, value in self._items if key.lower() == wanted])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Headers({[name for name, _ in self._items]!r})"  # values may be a login


@light_value
class Response:
    status: int
    reason: str
    headers: Headers
    body: bytes = b""

    def with_body(self, body: bytes) -> Response:
        return Response(self.status, self.reason, self.headers, body)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def cseq(self) -> int | None:
        value = self.headers.get("CSeq")
        return int(value) if value is not None and value.isdecimal() and len(value) < 12 else None


@light_value
class Request:
    method: str
    uri: str = field(repr=False)  # may carry a filled-in secret
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def with_body(self, body: bytes) -> Request:
        return Request(self.method, self.uri, self.headers, body)


def write_request(request: Request) -> bytes:
    return _head(f"{request.method} {request.uri} RTSP/1.0", request.headers) + request.body


def write_response(response: Response) -> bytes:
    return _head(f"RTSP/1.0 {response.status} {response.reason}", response.headers) + response.body


def _head(first: str, headers: Headers) -> bytes:
    return encode("\r\n".join([first, *map(": ".join, headers), "", ""]))


def read_plain_head(data: bytearray, begin: int, end: int) -> tuple[Response, int] | None:
    """The answer that begins here, without its body, and where its head ends. None: it is not all
    here, or something in it wants a closer look, which is `read_head`.
    """
    head = _PLAIN_HEAD.match(data, begin, end)
    if head is None:
        return None
    status, reason, fields = head.groups(b"")
    items = _PLAIN_FIELD.findall(fields.decode())
    if len(items) > MAX_HEADERS:
        return None
    return Response(int(status), reason.decode().strip(), Headers(items)), head.end()


def read_head(data: bytes) -> Response | Request:
    """A message without its body. Raises Malformed."""
    first, *rest = decode(data).replace("\r\n", "\n").rstrip("\n").split("\n")
    headers = _read_headers(rest)
    first = first.strip()
    if status := _STATUS_LINE.fullmatch(first):
        return Response(int(status[1]), (status[2] or "").strip(), headers)  # Q31
    if line := _REQUEST_LINE.fullmatch(first):
        return Request(line[1], line[2], headers)
    raise Malformed(f"first line is {printable(first, 80)!r}, expected an RTSP status line")


def _read_headers(lines: list[str]) -> Headers:
    if len(lines) > MAX_HEADERS:
        raise Malformed(f"{len(lines)} header lines, expected at most {MAX_HEADERS}")
    items: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and items:  # a folded line continues the one before
            name, value = items[-1]
            items[-1] = (name, f"{value} {_cleaned(line)}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip()):  # a line without a colon says nothing we could use
            items.append((name, _cleaned(value) if "\r" in value else value.strip()))
    return Headers(items)


def _cleaned(value: str) -> str:
    return value.replace("\r", "").strip()  # Q05


def content_length(headers: Headers, limit: int) -> int:
    """The body that follows. Raises Malformed."""
    value = headers.get("Content-Length")
    if value is None or value == "":
        return 0
    if not (value.isascii() and value.isdecimal()) or len(value) > 12:
        raise Malformed(f"content-length is {printable(value, 40)!r}, expected a number")
    if int(value) > limit:
        raise Malformed(f"content-length is {value}, expected at most {limit}")
    return int(value)
