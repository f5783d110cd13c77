"""IPv6 literals and zone ids (Q146) on real sockets, through every way in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop

from monitor.doors.limits import Limits
from monitor.doors.once import target_of_url
from monitor.doors.policy import NetworkPolicy
from registry.look import Look
from registry.vocabulary import Depth, Outcome, Reason, TransportPolicy
from tests.fakes.certificates import authority, certificate
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import LOGIN, prober, target
from tests.fakes.udp import UdpEnd, udp_handshake

T = TypeVar("T")
LIMITS = Limits(teardown_s=0.3)
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
GROUPS = packets(encode("h264"))


async def live(talk: Talk) -> None:
    await handshake(talk)
    await stream(talk, GROUPS)


@pytest.mark.parametrize("host", ["[::1]", "[0:0::1]", "[::1%1]", "[::1%251]"])
async def test_an_address_with_and_without_a_zone(host):
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(live, host="::1") as camera:
            at = target_of_url(
                camera.url.replace("[::1]", host),
                username="viewer",
                password="s3cret",
                transport=TransportPolicy.AUTO,
            )
            look = await probe.look(at)

    assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "tcp")
    assert all("%" not in asked.uri for asked in camera.requests)


async def test_over_udp():
    with UdpEnd("::1") as end, prober(limits=LIMITS) as probe:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            await stream(talk, GROUPS, send=end.send)

        async with ScriptedCamera(script, host="::1") as camera:
            at = replace(target(camera.url), transport=TransportPolicy.UDP)
            look = await probe.look(at, Depth.PICTURE)

        assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "udp")
        assert len(end.heard(1)) == 1


async def test_through_tls(tmp_path):
    ca = authority(tmp_path)
    own = certificate(tmp_path, "camera", of="::1", by=ca)

    with prober(limits=LIMITS, ca_file=ca.path) as probe:
        async with ScriptedCamera(live, host="::1", tls=own.server()) as camera:
            looks = [
                await probe.look(target(camera.url.replace("[::1]", host)))
                for host in ("[::1]", "[::1%251]")
            ]

    assert [(look.outcome, look.transport) for look in looks] == [(Outcome.LIVE, "tls")] * 2


@pytest.mark.parametrize(
    ("hosts", "outcome"),
    [(("::1%1",), Outcome.LIVE), (("::/64",), Outcome.LIVE), (("::1%2",), Outcome.COULD_NOT_LOOK)],
)
async def test_a_login_is_bound_to_an_address_with_its_zone(hosts, outcome):
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(live, host="::1") as camera:
            url = camera.url.replace("[::1]", "[0::1%251]")
            look = await probe.look(target(url, replace(LOGIN, hosts=hosts)))

    assert look.outcome is outcome


async def test_the_policy_holds_for_addresses_with_a_zone():
    with prober(limits=LIMITS, policy=NetworkPolicy.of(["::/0"])) as probe:
        async with ScriptedCamera(live, host="::1") as camera:
            look = await probe.look(camera.url.replace("[::1]", "[::1%251]"))

    assert look.failure is Reason.NOT_ALLOWED
    assert camera.connections == 0


@pytest.mark.parametrize("loop", LOOPS)
def test_a_zone_that_this_machine_does_not_have_is_no_cameras_fault(loop):
    async def main() -> Look:
        with prober(limits=LIMITS) as probe:
            return await probe.look("rtsp://[fe80::7%25nowhere]:554/live")

    look = on(loop, main())

    assert (look.outcome, look.failure) == (Outcome.COULD_NOT_LOOK, Reason.INTERNAL)
    assert "this machine has no network interface 'nowhere'" in (look.detail or "")


@pytest.mark.parametrize("loop", LOOPS)
def test_the_same_address_on_another_link_is_another_device(loop):
    """uvloop, which the service runs on, takes the zone for no part of an address."""
    own = link_local()
    if own is None:
        pytest.skip("no interface of this machine has a link-local address")
    address, zone = own

    async def main() -> list[Look]:
        with prober(limits=LIMITS) as probe:
            async with ScriptedCamera(live, host=f"{address}%{zone}") as camera:
                urls = [f"rtsp://[{address}%25{at}]:{camera.port}/live" for at in (zone, "lo")]
                return [await probe.look(url) for url in urls]

    here, elsewhere = on(loop, main())

    assert (here.outcome, here.detail) == (Outcome.LIVE, None)
    assert elsewhere.outcome is Outcome.DOWN
    assert elsewhere.failure in (Reason.UNREACHABLE, Reason.TIMEOUT, Reason.REFUSED)


def on(loop: Callable[[], asyncio.AbstractEventLoop], main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main)


def link_local() -> tuple[str, str] | None:
    """An address of this machine that holds on one of its links alone, and that link."""
    for line in Path("/proc/net/if_inet6").read_text().splitlines():
        digits, _, _, scope, _, name = line.split()
        if scope == "20":
            return str(IPv6Address(bytes.fromhex(digits))), name
    return None
