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

# Never reached by a wide list: this machine, the link, cloud metadata.
_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "224.0.0.0/4"),
        *("255.255.255.255/32", "::/127", "fe80::/10", "fd00:ec2::254/128", "ff00::/8"),
    )
)


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


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """`probe.allow_networks`. What is special is allowed only by a network that lies inside it."""

    networks: tuple[Network, ...]
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, networks: Iterable[str]) -> NetworkPolicy:
        return cls(tuple(ip_network(text.strip(), strict=False) for text in networks))

    def allows(self, address: str) -> bool:
        """Asked at every connection; the answer for an address is always the same."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[address] = self._decide(address)
        return known

    def _decide(self, address: str) -> bool:
        where = parse_address(address)
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


# For a URL that a person typed on this machine.
ANY_NETWORK = NetworkPolicy((ip_network("0.0.0.0/0"), ip_network("::/0"), *_SPECIAL))


def bound_to(hosts: tuple[str, ...], host: str, address: str) -> bool:
    """Whether a login bound to these names, addresses and networks may go there; unbound goes
    anywhere.
    """
    if not hosts:
        return True
    return any(_names(entry.strip().strip("[]"), host, address) for entry in hosts)


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
