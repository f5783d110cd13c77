"""Where a feed's URL points, read from its text. It never decodes or rewrites a URL (Q20)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
MAX_URL_CHARS = 2000

_URL = re.compile(
    r"(?P<scheme>rtsps?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z._-]{1,34})?\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?P<rest>[/?].*)?",
    re.IGNORECASE | re.DOTALL,
)
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")


class BadFeedUrl(ValueError):
    """Says what is wrong with a URL without repeating it: it may hold a secret."""


class Address(NamedTuple):
    """Where to connect: a lower-case name or an address without brackets, and a port.

    A link-local address keeps its zone, the interface it is behind (RFC 6874, Q146).
    """

    host: str
    port: int


def feed_address(url: str) -> Address:
    """The address of a URL without user-info."""
    if _UNSENDABLE.search(url) or len(url) > MAX_URL_CHARS:
        raise BadFeedUrl(
            f"url holds spaces or control characters, or more than {MAX_URL_CHARS} characters"
        )
    found = _URL.fullmatch(url)
    if found is None:
        raise BadFeedUrl("url is not rtsp://host[:port]/... or rtsps://host[:port]/...")
    port = int(found["port"][1:]) if found["port"] else DEFAULT_PORTS[found["scheme"].lower()]
    if not 1 <= port <= 65535:
        raise BadFeedUrl(f"url names port {port}, expected 1 to 65535")
    return Address(_checked_host(found["host"].strip("[]").lower().replace("%25", "%")), port)


def address_and_path(url: str) -> tuple[str, str]:
    """The host as `feed_address` says it, and the text from the first slash or ? on."""
    found = _URL.fullmatch(url)
    return feed_address(url).host, (found["rest"] or "") if found else ""


def _checked_host(host: str) -> str:
    if ":" not in host:
        return host
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError as error:
        raise BadFeedUrl(f"url names the host {host!r}, which is no IPv6 address") from error


def is_bound(host: str, hosts: Iterable[str]) -> bool:
    """Whether `host` is one of `hosts`: names, addresses, or networks in CIDR form."""
    hosts = tuple(hosts)
    if host in hosts:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(host == each.lower() for each in hosts)
    return any(_holds(each, address) for each in hosts)


def widened(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """What of `after` the hosts of `before` do not hold already."""
    old = tuple(before)
    return [each for each in after if not (is_bound(each.lower(), old) or _is_part(each, old))]


def _is_part(entry: str, hosts: Iterable[str]) -> bool:
    """Whether a network lies within one of those."""
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    first, last = network.network_address, network.broadcast_address
    return any(_holds(each, first) and _holds(each, last) for each in hosts)


def _holds(entry: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    network, _, zone = entry.partition("%")
    if zone and zone.lower() != (getattr(address, "scope_id", None) or ""):
        return False
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
