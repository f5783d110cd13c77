"""RTP over UDP on real sockets: the ports, the way opened, what is taken and what is not."""

from __future__ import annotations

import socket
import struct
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.doors.policy import NetworkPolicy
from monitor.rtsp.quirks import Quirk
from registry.look import FeedKey, Look
from registry.vocabulary import Depth, Outcome, Reason, TransportPolicy
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import LOGIN, Prober, prober, target
from tests.fakes.udp import LossyRelay, UdpEnd, described, udp_handshake

LIMITS = Limits(
    connect_s=1, reply_s=0.5, first_packet_s=0.4, keyframe_s=0.8, liveness_s=0.9, teardown_s=0.3
)
UDP = TransportPolicy.UDP
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="{}"'


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


@pytest.fixture
def end():
    with UdpEnd() as made:
        yield made


def moving(frames: int = 30):
    return packets(encode("h264", frames=frames))


def sending(end: UdpEnd, told: str | None = None, groups=None):
    async def script(talk: Talk) -> None:
        await udp_handshake(talk, end, told)
        await stream(talk, moving() if groups is None else groups, send=end.send)

    return script


def refusing(status: str):
    async def script(talk: Talk) -> None:
        await described(talk)
        talk.answer(await talk.request(), status)

    return script


async def test_a_stream_over_udp_is_live_and_is_left_with_teardown(probe: Prober, end: UdpEnd):
    async with ScriptedCamera(sending(end)) as camera:
        look = await probe.look(target(camera.url, transport=UDP), Depth.PICTURE)

    assert (look.failure, look.detail, look.transport) == (None, None, "udp")
    assert look.keyframes[0].incomplete is None
    assert look.bytes_received > len(look.keyframes[0].data)
    assert look.video.lost == 0
    assert camera.methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert camera.sessions == set()


async def test_packets_of_another_port_of_the_camera_are_not_this_stream(
    probe: Prober, end: UdpEnd
):
    """What an earlier session left running must not pass for a picture (Q93)."""
    with UdpEnd() as other:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            other.client_ports = end.client_ports
            await stream(talk, moving(), send=other.send)

        async with ScriptedCamera(script) as camera:
            look = await probe.look(target(camera.url, transport=UDP))

    assert look.failure is Reason.NO_PACKETS
    assert "from other addresses or ports" in (look.detail or "")


@pytest.mark.parametrize("told", [None, ""])
async def test_packets_of_another_address_are_never_taken(probe: Prober, end: UdpEnd, told):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end, told)

            def send(packet: bytes) -> None:
                stranger.sendto(packet, ("127.0.0.1", end.client_ports[0]))

            await stream(talk, moving(), send=send)

        async with ScriptedCamera(script) as camera:
            look = await probe.look(target(camera.url, transport=UDP))

    assert look.failure is Reason.NO_PACKETS
    assert "from other addresses or ports" in (look.detail or "")


async def test_nothing_is_sent_to_the_address_that_source_names(probe: Prober, end: UdpEnd):
    """A camera cannot make us send anywhere else: the policy holds for the connection's peer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim:
        victim.bind(("127.0.0.2", 0))
        victim.setblocking(False)
        port = victim.getsockname()[1]
        told = f"source=127.0.0.2;destination=127.0.0.2;server_port={port}-{port}"

        async with ScriptedCamera(sending(end, told)) as camera:
            await probe.look(target(camera.url, transport=UDP))

        with pytest.raises(BlockingIOError):
            victim.recv(100)


async def test_an_address_outside_the_policy_is_not_reached_over_udp_either():
    policy = NetworkPolicy.of(["192.0.2.0/24"])
    with prober(limits=LIMITS, policy=policy) as probe:
        async with ScriptedCamera(refusing("200 OK")) as camera:
            look = await probe.look(target(camera.url, transport=UDP))

    assert look.failure is Reason.NOT_ALLOWED
    assert camera.connections == 0


async def test_nothing_over_udp_is_no_packets_and_says_what_came(probe: Prober, end: UdpEnd):
    async def script(talk: Talk) -> None:
        await udp_handshake(talk, end)
        end.send(struct.pack("!BBHI", 0x80, 201, 1, 7), 1)
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(target(camera.url, transport=UDP))

    assert (look.failure, look.transport) == (Reason.NO_PACKETS, "udp")
    assert "1 control" in (look.detail or "")


async def test_a_goodbye_over_udp_ends_the_look(probe: Prober, end: UdpEnd):
    async def script(talk: Talk) -> None:
        await udp_handshake(talk, end)
        for packet in moving()[0]:
            end.send(packet)
        end.send(struct.pack("!BBHI", 0x81, 203, 1, 0x1234), 1)
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(target(camera.url, transport=UDP), Depth.PICTURE)

    assert look.failure is Reason.ENDED_BY_CAMERA


async def test_garbage_over_udp_is_counted_and_harmless(probe: Prober, end: UdpEnd):
    async def script(talk: Talk) -> None:
        await udp_handshake(talk, end)
        for packet in (b"", b"\x80", b"\xff" * 60_000, b"$\0\0\4RTSP/1.0 200 OK\r\n\r\n"):
            end.send(packet)
            end.send(packet, 1)
        await stream(talk, moving(), send=end.send)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(target(camera.url, transport=UDP))

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)


# --- loss and reorder ---


async def _through_relay(end: UdpEnd, relay_options: dict[str, int]) -> tuple[Look, LossyRelay]:
    limits = Limits(measure_s=1.6, teardown_s=0.3)
    with prober(limits=limits) as probe:
        async with (
            ScriptedCamera(sending(end, groups=moving(60))) as camera,
            LossyRelay(camera.port, **relay_options) as relay,
        ):
            at = target(f"rtsp://127.0.0.1:{relay.port}/live", transport=UDP)
            return await probe.look(at, Depth.MEASURE), relay


async def test_loss_is_counted_and_does_not_end_the_look(end: UdpEnd):
    look, relay = await _through_relay(end, {"lose_every": 20})

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert relay.lost > 3
    assert 0 <= relay.lost - look.video.lost <= 1  # the last one may have had no packet behind it
    assert look.video.packets > 15 * relay.lost


async def test_reordered_packets_are_not_lost(end: UdpEnd):
    look, relay = await _through_relay(end, {"swap_every": 10})

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert relay.swapped > 3
    assert look.video.lost <= 1  # one may still be under way


# --- auto: TCP first ---


@pytest.mark.parametrize("status", ["461 Unsupported Transport", "406 Not Acceptable"])
async def test_a_camera_that_refuses_tcp_is_asked_again_over_udp(
    probe: Prober, end: UdpEnd, status
):
    async with ScriptedCamera(refusing(status), sending(end)) as camera:
        look = await probe.look(camera.url)
        again = await probe.look(camera.url)

    assert (look.outcome, look.transport) == (Outcome.LIVE, "udp")
    assert Quirk.UDP_ONLY in look.quirks
    assert camera.methods[:5] == ["DESCRIBE", "SETUP", "DESCRIBE", "SETUP", "PLAY"]
    assert (again.outcome, again.transport, again.quirks) == (Outcome.LIVE, "udp", ())
    assert camera.connections == 3  # remembered: no third refusal


async def test_an_answer_of_udp_to_tcp_is_left_and_asked_again_over_udp(probe: Prober, end: UdpEnd):
    async def choosing(talk: Talk) -> None:
        await described(talk)
        talk.camera.sessions.add("9")
        told = "Transport: RTP/AVP;unicast;client_port=0-1;server_port=6970-6971"
        talk.answer(await talk.request(), "200 OK", "Session: 9", told)
        await tear_down(talk)

    async with ScriptedCamera(choosing, sending(end)) as camera:
        look = await probe.look(camera.url)

    assert (look.outcome, look.transport) == (Outcome.LIVE, "udp")
    assert camera.methods[:5] == ["DESCRIBE", "SETUP", "TEARDOWN", "DESCRIBE", "SETUP"]
    assert camera.sessions == set()


async def test_a_feed_that_takes_tcp_again_is_found_back(probe: Prober, end: UdpEnd):
    async def tcp(talk: Talk) -> None:
        await handshake(talk)
        await stream(talk, moving())

    refused = refusing("461 Unsupported Transport")
    async with ScriptedCamera(refused, sending(end), refused, tcp, tcp) as camera:
        looks = [await probe.look(camera.url) for _ in range(3)]

    assert [look.transport for look in looks] == ["udp", "tcp", "tcp"]
    assert {look.outcome for look in looks} == {Outcome.LIVE}
    assert camera.connections == 5


async def test_udp_that_brings_nothing_is_not_remembered(probe: Prober, end: UdpEnd):
    refused = refusing("461 Unsupported Transport")
    async with ScriptedCamera(refused, sending(end, groups=[]), refused, sending(end)) as camera:
        first = await probe.look(camera.url)
        second = await probe.look(camera.url)

    assert (first.failure, first.transport) == (Reason.NO_PACKETS, "udp")
    assert (second.outcome, second.transport) == (Outcome.LIVE, "udp")
    assert camera.connections == 4


async def test_what_is_remembered_is_remembered_per_feed(probe: Prober, end: UdpEnd):
    refused = refusing("461 Unsupported Transport")
    async with ScriptedCamera(refused, sending(end), refused, sending(end)) as camera:
        await probe.look(camera.url)
        other = replace(target(camera.url), key=FeedKey("CAM-1", "sub"))
        look = await probe.look(other)

    assert look.transport == "udp"
    assert camera.connections == 4


async def test_the_login_is_signed_anew_on_the_new_connection(probe: Prober, end: UdpEnd):
    def asking(nonce: str, script):
        async def guarded(talk: Talk) -> None:
            talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE.format(nonce))
            await script(talk)

        return guarded

    first, second = asking("n1", refusing("461 Unsupported")), asking("n2", sending(end))
    async with ScriptedCamera(first, second) as camera:
        look = await probe.look(target(camera.url, LOGIN))

    logins = [asked.header("Authorization") for asked in camera.requests]
    assert look.outcome is Outcome.LIVE
    assert [login and login.count('nonce="n2"') for login in logins] == [
        None,
        0,
        0,
        None,
        1,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    ("policy", "said"),
    [(TransportPolicy.TCP, "refuses RTP over TCP"), (UDP, "refuses RTP over UDP")],
)
async def test_a_transport_that_was_set_is_not_changed(probe: Prober, policy, said):
    async with ScriptedCamera(refusing("461 Unsupported Transport")) as camera:
        look = await probe.look(target(camera.url, transport=policy))

    assert look.failure is Reason.UNSUPPORTED
    assert said in (look.detail or "")
    assert camera.connections == 1


async def test_a_camera_that_refuses_both_is_unsupported(probe: Prober):
    async with ScriptedCamera(refusing("461 Unsupported Transport")) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.UNSUPPORTED
    assert "no other transport" in (look.detail or "")
    assert camera.connections == 2


async def test_multicast_is_clearly_unsupported_and_left(probe: Prober):
    async def script(talk: Talk) -> None:
        await described(talk)
        talk.camera.sessions.add("12345")
        told = "Transport: RTP/AVP;multicast;destination=239.0.0.1;port=5000-5001;ttl=16"
        talk.answer(await talk.request(), "200 OK", "Session: 12345", told)
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.UNSUPPORTED
    assert "multicast" in (look.detail or "")
    assert camera.sessions == set()
