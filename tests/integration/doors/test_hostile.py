"""Peers that want a look never to end or never to fit, on real sockets: each bound holds."""

from __future__ import annotations

import asyncio
import socket
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from monitor.doors import line as line_module
from monitor.doors.limits import Limits
from monitor.doors.line import MAX_UNREAD, MAX_WAITING, Line
from monitor.media.pictures import MAX_UNIT_BYTES
from monitor.rtsp.client import MAX_REDIRECTS
from monitor.rtsp.failures import ProbeError
from monitor.rtsp.messages import MAX_HEADERS
from monitor.rtsp.replies import MAX_URI
from monitor.rtsp.wire import MAX_BODY, MAX_HEAD
from registry.clock import SystemClock
from registry.look import Look
from registry.vocabulary import Depth, Reason, TransportPolicy
from tests.fakes.packetiser import encode, interleaved, packets, rtp
from tests.fakes.scripted_camera import SDP, ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import Prober, prober, target
from tests.fakes.udp import UdpEnd, described, udp_handshake

LIMITS = Limits(
    connect_s=0.5, reply_s=0.3, first_packet_s=0.4, keyframe_s=0.6, liveness_s=0.6, teardown_s=0.2
)
OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n"
INTERIM = b"RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n"
LONGEST_LOOK_S = 5.0  # far above any sum of the limits, far below for ever


@pytest.fixture
def probe() -> Iterator[Prober]:
    with prober(limits=LIMITS) as made:
        yield made


async def drip(talk: Talk, data: bytes) -> None:
    """A byte now and then, for as long as somebody listens."""
    for byte in data * 1000:
        talk.send(bytes((byte,)))
        await asyncio.sleep(0.02)


# --- never ready --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "dripped"),
    [
        (b"", b"RTSP/1.0 200 OK, and many more words"),
        (OK + b"X: ", b"a"),
        (OK + b"Content-Type: application/sdp\r\nContent-Length: 9000\r\n\r\n", b"v=0\r\n"),
        (b"", b"\r\n"),
    ],
    ids=["first-line", "header", "body", "empty-lines"],
)
async def test_an_answer_byte_by_byte_ends_by_the_limit_of_a_reply(probe: Prober, first, dripped):
    async def script(talk: Talk) -> None:
        await talk.request()
        talk.send(first)
        await drip(talk, dripped)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.TIMEOUT
    assert "no answer to describe" in (look.detail or "")


async def test_interim_answers_without_end_are_no_answer(probe: Prober):
    async def script(talk: Talk) -> None:
        await talk.request()
        while True:
            talk.send(INTERIM * 10)
            await talk.writer.drain()
            await asyncio.sleep(0.01)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.TIMEOUT
    assert look.duration_s < LONGEST_LOOK_S


async def test_media_byte_by_byte_is_no_packet(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        await drip(talk, b"$\x00\xff\xff" + b"\x80" * 60)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.NO_PACKETS


# --- too much -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (OK + b"X: " + b"a" * (MAX_HEAD + 1), f"more than {MAX_HEAD} bytes"),
        (OK + b"X: a\r\n" * MAX_HEADERS + b"\r\n", f"expected at most {MAX_HEADERS}"),
        (OK + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), f"expected at most {MAX_BODY}"),
        (OK + b"Content-Length: 99999999999999999999\r\n\r\n", "expected a number"),
        (b"\x00garbage" * 2000, "neither RTSP nor an interleaved frame"),
        (INTERIM * (MAX_WAITING + 1), f"more than {MAX_WAITING} messages at once"),
    ],
    ids=["head", "headers", "body", "length", "garbage", "messages"],
)
async def test_what_is_too_much_is_protocol_at_once(probe: Prober, answer, said):
    async def script(talk: Talk) -> None:
        await talk.request()
        talk.send(answer)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.PROTOCOL
    assert said in (look.detail or "")


async def test_a_control_too_long_to_be_sent_is_protocol(probe: Prober):
    body = SDP.format(codec="H264").replace("track1", "t" * MAX_URI)

    async def script(talk: Talk) -> None:
        talk.answer(await talk.request(), "200 OK", "Content-Type: application/sdp", body=body)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.PROTOCOL
    assert f"expected at most {MAX_URI}" in (look.detail or "")


async def test_redirects_in_a_circle_end(probe: Prober):
    async def script(talk: Talk) -> None:
        talk.answer(await talk.request(), "302 Moved", f"Location: {talk.camera.url}")

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.PROTOCOL
    assert f"more than {MAX_REDIRECTS} redirects" in (look.detail or "")
    assert camera.connections == MAX_REDIRECTS + 1


async def test_a_keyframe_beyond_its_bound_is_no_keyframe(probe: Prober):
    """The pictures behind it advance: only their keyframe never comes."""

    async def script(talk: Talk) -> None:
        await handshake(talk)
        piece = b"\x1c\x05" + b"\x77" * 65_000
        sent = [b"\x1c\x85\x88", *[piece] * (MAX_UNIT_BYTES // 65_000 + 1), b"\x1c\x45\x77"]
        for seq, payload in enumerate(sent):
            talk.send(interleaved(rtp(payload, seq=seq, time=0, marker=payload is sent[-1])))
            await talk.writer.drain()
        rest = packets(encode("h264", options=(("g", "300"),)), seq=len(sent))
        await stream(talk, rest[1:])

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.failure is Reason.NO_KEYFRAME
    assert f"larger than {MAX_UNIT_BYTES} bytes" in (look.detail or "")


async def test_a_keyframe_without_end_is_no_live_stream(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        leaving = asyncio.ensure_future(tear_down(talk))
        seq = 0
        while not leaving.done():
            payload = b"\x1c\x05" + b"\x77" * 1000 if seq else b"\x1c\x85\x88"
            talk.send(interleaved(rtp(payload, seq=seq, time=0, marker=False)))
            await talk.writer.drain()
            await asyncio.sleep(0.001)
            seq += 1

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.failure is Reason.BURST_ONLY
    assert look.video.frames == 1
    assert camera.sessions == set()


# --- a peer that does nothing else --------------------------------------------------------------


@asynccontextmanager
async def flooding(
    answers: tuple[bytes, ...], flood: bytes, *, reads: bool = True
) -> AsyncIterator[str]:
    """A camera in a thread, whose own memory does not grow: after its answers it only sends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        flooder = threading.Thread(target=_flood, args=(server, answers, flood, reads))
        flooder.start()
        try:
            yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/live"
        finally:
            await asyncio.to_thread(flooder.join)


def _flood(server: socket.socket, answers: tuple[bytes, ...], flood: bytes, reads: bool) -> None:
    camera, _ = server.accept()
    with camera, suppress(OSError):
        camera.settimeout(LONGEST_LOOK_S)
        for answer in answers:
            camera.recv(65_536)
            camera.sendall(answer)
        camera.setblocking(True)
        while True:
            camera.sendall(flood)
            if reads:
                with suppress(BlockingIOError):
                    camera.recv(65_536, socket.MSG_DONTWAIT)


def _played() -> tuple[bytes, ...]:
    body = SDP.format(codec="H264").encode()
    described = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(body)
    set_up = b"Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
    head = b"RTSP/1.0 200 OK\r\n"
    return head + described + body, head + set_up, head + b"\r\n"


async def _looked(probe: Prober, url: str, depth: Depth = Depth.PICTURE) -> tuple[Look, int]:
    """The look, and the most memory that was held during it."""
    tracemalloc.start()
    try:
        look = await probe.look(url, depth)
        return look, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


FRAGMENT = interleaved(rtp(b"\x1c\x05" + b"\x77" * 60_000, seq=1, time=0, marker=False))
TINY = b"".join(interleaved(rtp(b"\x41", seq=n, time=0, marker=False)) for n in range(10_000))
ASKS = b"OPTIONS * RTSP/1.0\r\nCSeq: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("answers", "flood"),
    [
        ((), FRAGMENT * 20),
        ((b"",), OK + b"Content-Length: %d\r\n\r\n" % MAX_BODY + b"v" * MAX_BODY),
        (_played(), FRAGMENT * 20),
        (_played(), TINY),
        (_played(), interleaved(b"\x81\xcb\x00\x01\x00\x00\x00\x09" * 5000, 1)),
        (_played(), interleaved(b"\x80" * 65_535, 7) * 20),
    ],
    ids=["media-before-all", "bodies", "fragments", "tiny-packets", "control", "other-channel"],
)
async def test_gigabytes_as_fast_as_they_come_fit_into_little_memory(probe: Prober, answers, flood):
    async with flooding(answers, flood) as url:
        look, peak = await _looked(probe, url)

    assert look.failure is not None
    assert look.duration_s < LONGEST_LOOK_S
    assert peak < 4 * 1024 * 1024 + len(flood)


@pytest.mark.parametrize(
    ("flood", "said"),
    [
        (b"$\0\0\0" * 20_000, "more than 20000 packets"),
        (TINY, "more than 20000 packets"),
        (FRAGMENT * 20, "more than 8000000 bytes"),
    ],
    ids=["empty-frames", "tiny-packets", "bytes"],
)
async def test_a_flood_ends_by_what_it_sends_and_not_by_time(monkeypatch, flood, said):
    """Or one camera would be work for all, and debt for its line."""
    monkeypatch.setattr(line_module, "MAX_RECEIVED", 8_000_000)
    monkeypatch.setattr(line_module, "MAX_PACKETS", 20_000)
    with prober() as probe:  # whose limits of time are those of the service
        async with flooding(_played(), flood) as url:
            look = await probe.look(url, Depth.LIVENESS)

    assert look.failure is Reason.PROTOCOL
    assert said in (look.detail or "")
    assert look.bytes_received < 9_000_000
    assert look.duration_s < LONGEST_LOOK_S


async def test_a_camera_that_asks_and_never_reads_is_left(probe: Prober):
    """Each of its requests is an answer of ours."""
    async with flooding(_played(), ASKS * 60, reads=False) as url:
        look, peak = await _looked(probe, url, Depth.LIVENESS)

    assert look.failure is not None
    assert look.duration_s < LONGEST_LOOK_S
    assert peak < 2 * 1024 * 1024


async def test_what_a_camera_does_not_read_does_not_pile_up():
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        end.setblocking(False)
    line = Line(SystemClock(), "192.0.2.7:554")
    with theirs:
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: line, sock=ours)

        for _ in range(1000):
            line.send(b"x" * 1024)

        assert transport.is_closing()
        assert transport.get_write_buffer_size() <= MAX_UNREAD + 1024
        with pytest.raises(ProbeError, match=f"reads none of {MAX_UNREAD} bytes"):
            raise line.error or AssertionError("nothing was said")
        await asyncio.sleep(0)


async def test_a_number_of_the_camera_is_not_echoed_at_any_length(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(b"OPTIONS * RTSP/1.0\r\nCSeq: " + b"9" * 30_000 + b"\r\n\r\n")
        await talk.heard()
        answered.append(await talk.heard())

    answered: list[str] = []
    async with ScriptedCamera(script) as camera:
        await probe.look(camera.url)

    assert len(answered[0]) < 300


async def test_datagrams_as_fast_as_they_come_fit_into_little_memory(probe: Prober):
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            leaving = asyncio.ensure_future(tear_down(talk))
            seq = 0
            while not leaving.done():
                for _ in range(50):
                    seq += 2  # each is missing its neighbour: all of them are held back
                    end.send(rtp(b"\x41" * 8000, seq=seq, time=seq // 90, marker=False))
                await asyncio.sleep(0.001)

        async with ScriptedCamera(script) as camera:
            at = target(camera.url, transport=TransportPolicy.UDP)
            tracemalloc.start()
            try:
                look = await probe.look(at)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert look.duration_s < LONGEST_LOOK_S
    assert peak < 8 * 1024 * 1024


async def test_a_setup_over_udp_that_is_never_answered_ends_by_its_limit(probe: Prober):
    async with ScriptedCamera(described) as camera:
        look = await probe.look(target(camera.url, transport=TransportPolicy.UDP))

    assert look.failure is Reason.TIMEOUT
    assert "no answer to setup" in (look.detail or "")
