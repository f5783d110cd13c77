"""The headers a prober reads, each as tolerant as its field deserves.

Never fails on what is optional.
"""

from __future__ import annotations

import re

from monitor.rtsp.failures import Malformed
from monitor.rtsp.messages import printable
from monitor.rtsp.values import light_value

DEFAULT_TIMEOUT_S = 60  # RFC 2326 section 12.37

# A word; behind an equals sign also its value, which ends with the text where its quote does not.
_AUTH_ITEM = re.compile(
    r"""
    ([^ \t,="]++)
    (?: [ \t]*+ (=) [ \t]*+ (?: " ( [^"\\]*+ (?: \\. [^"\\]*+ )*+ \\? ) "? | ([^ \t,]*+) ) )?
    """,
    re.VERBOSE | re.DOTALL,
)


@light_value
class TransportAnswer:
    """What the camera chose. None: it did not say, or not readably."""

    tcp: bool
    udp: bool
    interleaved: tuple[int, int] | None = None
    ssrc: int | None = None
    multicast: bool = False
    encrypted: bool = False  # SRTP (RFC 3711)
    server_ports: tuple[int, int] = (0, 0)  # RTP and RTCP over UDP; 0: not told (Q84)


@light_value
class SessionAnswer:
    id: str
    timeout_s: int = DEFAULT_TIMEOUT_S


@light_value
class AuthOffer:
    """One challenge of a WWW-Authenticate header: scheme and names lower case, of two parameters
    of one name the first.
    """

    scheme: str
    params: dict[str, str]


def parse_transport(value: str) -> TransportAnswer:
    """Order-free, blanks anywhere, quotes off (Q81).

    Raises Malformed only for unusable channels.
    """
    profile, *parts = value.partition(",")[0].split(";")
    profile = profile.strip().upper()
    fields = _fields(parts)
    channels, ports, ssrc = map(fields.get, ("interleaved", "server_port", "ssrc"))
    return TransportAnswer(
        tcp="TCP" in profile.split("/"),
        udp=ports is not None or "client_port" in fields or profile.endswith("/UDP"),
        interleaved=None if channels is None else _channels(channels),
        ssrc=_ssrc(ssrc) if ssrc else None,
        multicast="multicast" in fields,
        encrypted="SAVP" in profile,
        server_ports=_ports(ports) if ports else (0, 0),
    )


def _fields(parts: list[str]) -> dict[str, str]:
    """By name, with the quotes off."""
    fields: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        fields[name.strip().lower()] = value.strip().strip('"').strip()
    return fields


def _channels(text: str) -> tuple[int, int]:
    """`n-m`, or `n` alone which means n and n+1 (Q79)."""
    first, _, second = text.partition("-")
    first, second = first.strip(), second.strip()
    if not _is_byte(first) or not (second == "" or _is_byte(second)):
        raise Malformed(f"interleaved is {printable(text, 40)!r}, expected n or n-m below 256")
    rtp = int(first)
    return rtp, int(second) if second else (rtp + 1) % 256


def _ports(text: str) -> tuple[int, int]:
    """`a-b`, or `a` alone which tells nothing of RTCP; what cannot be read was not told (Q84)."""
    first, _, second = (part.strip() for part in text.partition("-"))
    return _port(first), _port(second)


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    return number if number < 65536 else 0


def _is_byte(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) < 256


def _ssrc(text: str) -> int | None:
    """Hex of any digit count with blanks around; 0 and the unreadable mean unknown (Q82)."""
    try:
        value = int(text, 16) if len(text) <= 16 and text.isalnum() else 0
    except ValueError:
        return None
    return value if 0 < value <= 0xFFFFFFFF else None


def parse_session(value: str, default_s: int = DEFAULT_TIMEOUT_S) -> SessionAnswer:
    """The id is essential, its attributes are not (Q86). Raises Malformed."""
    name, *attributes = value.split(";")
    name = name.strip()
    if not name or not name.isprintable() or " " in name or len(name) > 256:
        raise Malformed(f"session is {printable(value, 60)!r}, expected an id")
    seconds = _number(_fields(attributes).get("timeout")) if attributes else None
    return SessionAnswer(name, seconds or default_s)


def _number(text: str | None) -> int | None:
    usable = text is not None and text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if usable and text is not None else None


def parse_challenges(values: tuple[str, ...]) -> tuple[AuthOffer, ...]:
    """Every challenge of every header, comma lists included (Q06, Q37, Q40).

    A quoted value is kept raw: RFC 7616 hashes and echoes it without its quotes, backslashes
    included. Stray signs, say a quote or an equals sign, are left out.
    """
    offers: list[AuthOffer] = []
    for value in values:
        for word, equals, quoted, plain in _AUTH_ITEM.findall(value):
            if not equals:
                offers.append(AuthOffer(word.lower(), {}))
            elif offers:
                offers[-1].params.setdefault(word.lower(), quoted or plain)
    return tuple(offers)
