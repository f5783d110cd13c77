"""The ways in on the loop of the service, whose transports are not those of the tests."""

from __future__ import annotations

import asyncio
import gc

import pytest
import uvloop

from monitor.doors.limits import Limits
from registry.vocabulary import Depth, Outcome, Reason, TlsPolicy, TransportPolicy
from tests.fakes.certificates import NEXT_YEAR, certificate
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import prober, target
from tests.fakes.udp import UdpEnd, described, udp_handshake, udp_sockets

LIMITS = Limits(teardown_s=0.3)


def on_uvloop(main) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_a_picture_over_udp():
    async def main() -> None:
        with UdpEnd() as end, prober(limits=LIMITS) as probe:

            async def script(talk: Talk) -> None:
                await udp_handshake(talk, end)
                await stream(talk, packets(encode("h264")), send=end.send)

            async with ScriptedCamera(script) as camera:
                at = target(camera.url, transport=TransportPolicy.UDP)
                look = await probe.look(at, Depth.PICTURE)

            assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "udp")
            assert camera.sessions == set()

    on_uvloop(main)


def test_a_picture_through_tls(tmp_path):
    own = certificate(tmp_path, "camera")

    async def script(talk: Talk) -> None:
        await handshake(talk)
        await stream(talk, packets(encode("h264")))

    async def main() -> None:
        with prober(limits=LIMITS) as probe:
            async with ScriptedCamera(script, tls=own.server()) as camera:
                at = target(camera.url, tls_policy=TlsPolicy.ACCEPT_ANY)
                taken = await probe.look(at, Depth.PICTURE)
                refused = await probe.look(camera.url)
                await camera.left_alone()

            assert (taken.outcome, taken.detail, taken.transport) == (Outcome.LIVE, None, "tls")
            assert taken.certificate_expires_at == NEXT_YEAR
            assert refused.failure is Reason.TLS
            assert camera.sessions == set()

    on_uvloop(main)


@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_handshake_that_does_not_come_about(hangs_up):
    async def script(talk: Talk) -> None:
        if hangs_up:
            talk.close()

    async def main() -> None:
        with prober(limits=Limits(tls_s=10.0 if hangs_up else 0.2)) as probe:
            async with ScriptedCamera(script) as camera:
                look = await probe.look(camera.url.replace("rtsp:", "rtsps:"))
                await camera.left_alone()

            assert look.failure is (Reason.TLS if hangs_up else Reason.TIMEOUT)

    on_uvloop(main)


def test_cancelled_while_the_ports_are_bound():
    opened = udp_sockets()

    async def main() -> None:
        async with ScriptedCamera(described) as camera:
            at = target(camera.url, transport=TransportPolicy.UDP)
            for breaths in range(12):
                with prober(limits=LIMITS) as probe:
                    look = asyncio.ensure_future(probe.look(at))
                    for _ in range(breaths):
                        await asyncio.sleep(0)
                    look.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await look

    on_uvloop(main)
    gc.collect()
    assert udp_sockets() == opened
