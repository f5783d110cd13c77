"""Where the probe may connect to, and where a login may go.

Decides on addresses, never resolves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Never reached by a wide list: this machine, the link, cloud metadata, a translator of our own.
_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"),
        *("::/127", "fe80::/10", "ff00::/8"),
        *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
        *("fd00:ec2::254/128", "fd20:ce::254/128"),
        "64:ff9b:1::/48",  # RFC 8215: which of its bits are an IPv4 address is a local choice
    )
)
# What ends in an IPv4 address: compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052).
_ENDS_IN_IPV4 = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
_NOT_COMPATIBLE = IPv6Network("::/127")  # the unspecified and the loopback address
_ISATAP = 0x5EFE  # RFC 5214: what stands before the IPv4 address, but for the bit of "global"
_ISATAP_BITS = 0xFDFF_FFFF


_MOST_KNOWN = 65_536  # addresses; the whole fleet of a region


@lru_cache(_MOST_KNOWN)
def parse_address(text: str) -> Address:
    """An address as it will be connected to: zone off, mapped IPv4 unwrapped. Raises ValueError."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_address(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """Where a tunnel or a translator would carry what is sent to an IPv6 address."""
    if isinstance(address, IPv4Address) or address in _NOT_COMPATIBLE:
        return ()
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    if (int(address) >> 32) & _ISATAP_BITS == _ISATAP:
        return (last,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    return (last,) if any(address in network for network in _ENDS_IN_IPV4) else ()


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """`probe.allow_networks`. What is special is allowed only by a network that lies inside it, and
    an address in which others are embedded only together with those.
    """

    networks: tuple[Network, ...]
    led_to: NetworkPolicy | None = None  # where a camera may lead us on; None: wherever we may go
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, networks: Iterable[str]) -> NetworkPolicy:
        return cls(tuple(ip_network(text.strip(), strict=False) for text in networks))

    def allows(self, address: str, home: tuple[str, ...] = ()) -> bool:
        """Asked at every connection. `home`: where the look began, once a camera may have led it
        elsewhere.
        """
        if home and self.led_to is not None and not _is_at(home, address):
            return self.led_to.allows(address)
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[address] = self._decide(address)
        return known

    def _decide(self, address: str) -> bool:
        where = parse_address(address)
        return self._lists(where) and all(map(self._lists, embedded(where)))

    def _lists(self, where: Address) -> bool:
        special = [network for network in _SPECIAL if where in network]
        return any(
            where in network and all(_inside(network, within) for within in special)
            for network in self.networks
        )


def _inside(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(other, IPv4Network):
        return network.subnet_of(other)
    if isinstance(network, IPv6Network) and isinstance(other, IPv6Network):
        return network.subnet_of(other)
    return False


_EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
# For a URL that a person typed on this machine. What his camera names then is not his choice.
ANY_NETWORK = NetworkPolicy((*_EVERYWHERE, *_SPECIAL), led_to=NetworkPolicy(_EVERYWHERE))


def bound_to(hosts: tuple[str, ...], host: str, address: str) -> bool:
    """Whether a login bound to these names, addresses and networks may go there; unbound goes
    anywhere.
    """
    if not hosts:
        return True
    return any(_names(entry.strip().strip("[]"), host, address) for entry in hosts)


def _is_at(home: tuple[str, ...], address: str) -> bool:
    return any(_names(place, address, address) for place in home)


def _names(entry: str, host: str, address: str) -> bool:
    if entry.lower() == host.lower():
        return True
    network, _, zone = entry.partition("%")
    if zone and zone.lower() != address.partition("%")[2].lower():
        return False  # the same link-local address on another link is another device
    try:
        return parse_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
