"""From a URL to a connection: name, permission, address.

The one place where an address is chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from monitor.doors.failures import probe_error
from monitor.doors.line import Line
from monitor.doors.opener import Opener
from monitor.doors.policy import NetworkPolicy, bound_to, is_address
from monitor.doors.race import first_to_succeed
from monitor.doors.tls import Secured, Trust, secured
from monitor.rtsp.failures import ProbeError, ProbeFailure, Step, Where
from monitor.rtsp.url import Url
from monitor.rtsp.wire import ROOM
from registry.clock import Clock
from registry.values import value
from registry.vocabulary import TlsPolicy

NOT_LED_TO = "which may be typed and not followed: this machine, its link, metadata or multicast"


@value(frozen=True, slots=True)
class Dialed:
    line: Line
    addresses: tuple[str, ...]  # of the host, as far as we may go there
    dns_s: float | None  # None: the URL names an address
    connect_s: float
    round_trip_s: float  # to the address that was reached


@dataclass(frozen=True, slots=True)
class Dialer:
    clock: Clock
    opener: Opener
    policy: NetworkPolicy
    trust: Trust
    _scratch: bytearray = field(default_factory=lambda: bytearray(ROOM), repr=False)

    async def dial(
        self,
        url: Url,
        login_hosts: tuple[str, ...],
        until: float,
        on_stray: Callable[[int, memoryview], None],
        home: tuple[str, ...] = (),
    ) -> Dialed:
        """Raises ProbeError. `login_hosts`: where the login that goes along is bound to; `home`:
        the addresses of the look's first connection, once there was one.
        """
        begun = resolved = self.clock.monotonic()
        addresses: tuple[str, ...] = (url.host,)
        dns_s = None
        if not is_address(url.host):
            addresses = await self._resolve(url, until)
            resolved = self.clock.monotonic()
            dns_s = resolved - begun
        permitted = self._permitted(url, addresses, login_hosts, home)
        line, round_trip_s = await self._connect(url, permitted, until, on_stray)
        connect_s = self.clock.monotonic() - resolved
        return Dialed(line, permitted, dns_s, connect_s, round_trip_s)

    async def secure(self, line: Line, url: Url, policy: TlsPolicy, until: float) -> Secured:
        """TLS on a connection that stands. Raises ProbeError, and then it stands no more."""
        begun = self.clock.monotonic()
        agreed = False
        try:
            async with asyncio.timeout(until - begun):
                line.hold()
                context = await self.trust.context(policy)
                host = url.host.partition("%")[0]
                spoken = await self.opener.secure(line.hold(), line, context, host)
            agreed = True
        except OSError as error:
            raise probe_error(error, Where(url.authority, Step.TLS)) from error
        finally:
            if not agreed:
                line.abort()
        line.speak_through(spoken)
        return secured(spoken, self.clock.monotonic() - begun)

    async def _resolve(self, url: Url, until: float) -> tuple[str, ...]:
        where = Where(url.authority, Step.DNS)
        try:
            async with asyncio.timeout(until - self.clock.monotonic()):
                return await self.opener.resolve(url.host)
        except TimeoutError as error:
            raise ProbeError(ProbeFailure.DNS, "dns: no answer in time", where) from error
        except OSError as error:
            raise probe_error(error, where) from error

    def _permitted(
        self,
        url: Url,
        addresses: tuple[str, ...],
        login_hosts: tuple[str, ...],
        home: tuple[str, ...],
    ) -> tuple[str, ...]:
        allowed = tuple([a for a in addresses if self.policy.allows(a, home)])
        bound = tuple([a for a in allowed if bound_to(login_hosts, url.host, a)])
        if bound:
            return bound
        message = self._refusal(addresses, home)
        if allowed:
            message = f"{allowed[0]} is outside the hosts this login is bound to"
        where = Where(url.authority, Step.CONNECT)
        raise ProbeError(ProbeFailure.NOT_ALLOWED, message, where)

    def _refusal(self, addresses: tuple[str, ...], home: tuple[str, ...]) -> str:
        named = ", ".join(addresses[:4]) or "no address"
        if home and self.policy.led_to is not None:
            return f"the look was led to {named}, {NOT_LED_TO}"
        return f"{named} is outside the allowed networks"

    async def _connect(
        self,
        url: Url,
        addresses: tuple[str, ...],
        until: float,
        on_stray: Callable[[int, memoryview], None],
    ) -> tuple[Line, float]:
        """With the time that the address which answered first took by itself: a name may stand for
        one of IPv6 that is dead, and must not pay for it at every look.
        """
        if len(addresses) == 1:
            return await self._connect_to(addresses[0], url, until, on_stray)
        attempts = [partial(self._connect_to, a, url, until, on_stray) for a in addresses]
        return await first_to_succeed(attempts, lambda lost: lost[0].abort())

    async def _connect_to(
        self, address: str, url: Url, until: float, on_stray: Callable[[int, memoryview], None]
    ) -> tuple[Line, float]:
        begun = self.clock.monotonic()
        in_tls = url.scheme == "rtsps"
        line = Line(self.clock, url.authority, in_tls=in_tls, scratch=self._scratch)
        line.wire.on_rtp = on_stray
        connected = False
        try:
            async with asyncio.timeout(until - begun):
                await self.opener.connect(address, url.port, lambda: line)
            connected = True
        except OSError as error:
            raise probe_error(error, Where(url.authority, Step.CONNECT)) from error
        finally:
            if not connected:  # cancelled too: what was half open is closed
                line.abort()
        return line, self.clock.monotonic() - begun
