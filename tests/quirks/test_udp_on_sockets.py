"""Quirks of media over UDP, on real sockets."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from registry.look import Look
from registry.vocabulary import Depth, Outcome, Reason, TransportPolicy
from tests.fakes.packetiser import encode, packets, rtp
from tests.fakes.scripted_camera import ScriptedCamera, Talk, stream
from tests.fakes.targets import prober, target
from tests.fakes.udp import UdpEnd, client_ports, described, udp_handshake
from tests.quirks.cases import Cases, run

case = Cases(on_sockets=True)
LIMITS = Limits(first_packet_s=0.4, liveness_s=0.9, measure_s=0.5, teardown_s=0.3)
GROUPS = packets(encode("h264"))


async def _look(
    script: Callable[[Talk], Awaitable[None]], depth: Depth = Depth.LIVENESS, **limits: float
) -> Look:
    with prober(limits=replace(LIMITS, **limits)) as probe:
        async with ScriptedCamera(script) as camera:
            return await probe.look(target(camera.url, transport=TransportPolicy.UDP), depth)


@case("Q84-server-ports-that-are-not-told")
async def server_ports_that_are_not_told() -> None:
    with UdpEnd() as end:
        for told in ("", "source=;server_port=0", f"server_port={end.ports[0]}", "server_port=x"):

            async def script(talk: Talk, told: str = told) -> None:
                await udp_handshake(talk, end, told)
                await stream(talk, GROUPS, send=end.send)

            assert (await _look(script)).outcome is Outcome.LIVE
            assert end.heard(1) == []


@case("Q84-a-source-that-is-not-the-peer")
async def a_source_that_is_not_the_peer() -> None:
    with UdpEnd("127.0.0.2", to="127.0.0.1") as other:

        async def script(talk: Talk) -> None:
            ports = "{}-{}".format(*other.ports)
            await udp_handshake(talk, other, f"source=127.0.0.2;server_port={ports}")
            await stream(talk, GROUPS, send=other.send)

        look = await _look(script)
        assert look.failure is Reason.NO_PACKETS
        assert "from other addresses or ports" in (look.detail or "")
        assert other.heard(0) == other.heard(1) == []


@case("Q87-an-even-port-and-the-next")
async def an_even_port_and_the_next() -> None:
    asked_for: set[tuple[int, int]] = set()

    async def script(talk: Talk) -> None:
        await described(talk)
        asked = await talk.request()
        asked_for.add(client_ports(asked))
        talk.answer(asked, "404 Not Found")

    for _ in range(8):
        await _look(script)
    assert len(asked_for) > 1
    assert all(first % 2 == 0 and second == first + 1 for first, second in asked_for)


@case("Q91-packets-before-the-answer-over-udp")
async def packets_before_the_answer_to_play() -> None:
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await described(talk)
            end.answer_setup(talk, await talk.request())
            asked = await talk.request()
            for packet in GROUPS[0]:
                end.send(packet)
            await asyncio.sleep(0.02)
            talk.answer(asked, "200 OK")
            await stream(talk, GROUPS[1:], send=end.send)

        look = await _look(script, Depth.PICTURE)
        assert look.outcome is Outcome.LIVE
        assert look.keyframes[0].gop == 1


@case("Q100-packets-of-sixty-thousand-bytes")
async def packets_of_sixty_thousand_bytes() -> None:
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            end.send(rtp(b"\x0c" + b"\0" * 60_000, seq=99, time=1, marker=False))
            await stream(talk, GROUPS, send=end.send)

        look = await _look(script)
        assert (look.outcome, look.video.lost) == (Outcome.LIVE, 0)
        assert look.bytes_received > 60_000


@case("Q103-nobody-at-the-ports-that-were-told")
async def nobody_at_the_ports_that_were_told() -> None:
    with UdpEnd() as gone:
        closed = "server_port={}-{}".format(*gone.ports)
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end, closed)
            await stream(talk, [], send=end.send)

        look = await _look(script, report_every_s=0.1)
        assert look.failure is Reason.NO_PACKETS


@case("Q104-a-hole-is-made-before-play")
async def a_hole_is_made_before_play() -> None:
    heard: list[list[bytes]] = []
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await described(talk)
            end.answer_setup(talk, await talk.request())
            asked = await talk.request()
            heard.extend([end.heard(0), end.heard(1)])
            talk.answer(asked, "404 Not Found")

        await _look(script)
    ((hole,), (report,)) = heard
    assert (len(hole), hole[0] >> 6) == (12, 2)
    assert (len(report), struct.unpack("!BBH", report[:4])) == (8, (0x80, 201, 1))


@case("Q110-receiver-reports-go-on")
async def receiver_reports_go_on() -> None:
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            await stream(talk, GROUPS, send=end.send)

        look = await _look(script, Depth.MEASURE, report_every_s=0.1)
        reports = end.heard(1)
    assert look.outcome is Outcome.LIVE
    assert len(reports) >= 4
    empty, *further = (struct.unpack("!BBH", report[:4]) for report in reports)
    assert empty == (0x80, 201, 1)
    assert set(further) <= {empty, (0x81, 201, 7)}
    source, lost, highest = struct.unpack("!III", reports[-1][8:20])
    assert (source, lost) == (0x1234, 0)
    assert highest > 100
    assert Limits().report_every_s == 5


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
