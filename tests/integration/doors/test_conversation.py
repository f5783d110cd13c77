"""Everything before the stream, on real sockets: connections, answers, logins, redirects."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import replace

import pytest

from monitor.doors import opener as opener_module
from monitor.doors.limits import Limits
from monitor.doors.once import look_to_json, look_to_text
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import NetworkPolicy
from monitor.rtsp.quirks import Quirk
from registry.clock import SystemClock
from registry.look import Look
from registry.targets import Login, Target
from registry.vocabulary import Depth, Outcome, Reason
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import (
    SDP,
    Asked,
    ScriptedCamera,
    Talk,
    handshake,
    stream,
)
from tests.fakes.targets import LOGIN, Prober, prober, target

LIMITS = Limits(
    connect_s=0.5, reply_s=0.4, first_packet_s=0.4, keyframe_s=0.8, liveness_s=0.9, teardown_s=0.3
)
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


class Gate:
    """Remembers who asked and what was told."""

    def __init__(self, *, opens: bool = True) -> None:
        self.entered: list[tuple[str, int, str]] = []
        self.left: list[bool | None] = []
        self._opens = opens

    def enter_now(self, host: str, port: int, fingerprint: str) -> bool | None:
        return None

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        self.entered.append((host, port, fingerprint))
        return self._opens

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        self.left.append(accepted)


def saying(*statuses: str):
    """A camera that answers each request with the next status, then with the last one again."""

    async def script(talk: Talk) -> None:
        for number in range(20):
            asked = await talk.request()
            status, *headers = statuses[min(number, len(statuses) - 1)].split("\n")
            talk.answer(asked, status, *headers)

    return script


async def live(talk: Talk) -> None:
    await handshake(talk)
    await stream(talk, packets(encode("h264")))


async def guarded(talk: Talk) -> None:
    """Wants a login before DESCRIBE, takes any."""
    talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE)
    await live(talk)


def _signed(asked: Asked) -> bool:
    return asked.header("Authorization") is not None


def _everything_said(at: Target, look: Look) -> str:
    parts = [repr(look_to_json(at, look)), look_to_text(at, look), repr(at), repr(look)]
    return "\n".join(parts)


async def test_a_dead_port_is_refused(probe: Prober):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        look = await probe.look(f"rtsp://127.0.0.1:{unused.getsockname()[1]}/x")

    assert look.failure is Reason.REFUSED


async def test_an_unknown_name_is_dns(probe: Prober):
    class NoNames(TcpOpener):
        async def resolve(self, host: str) -> tuple[str, ...]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    opener = NoNames(SystemClock())
    with prober(limits=LIMITS, opener=opener) as made:
        look = await made.look("rtsp://camera.invalid/x")
    opener.close()

    assert look.failure is Reason.DNS
    assert "name or service not known" in (look.detail or "")


async def test_an_address_to_which_no_way_leads_is_unreachable(probe: Prober):
    """Linux opens no connection to a broadcast address: ENETUNREACH, from any machine."""
    look = await probe.look("rtsp://127.255.255.255/x")

    assert look.failure is Reason.UNREACHABLE
    assert "network is unreachable" in (look.detail or "")


async def test_names_are_resolved_by_the_openers_own_threads_and_remembered():
    opener = TcpOpener(SystemClock())

    first = await opener.resolve("localhost")
    again = await opener.resolve("localhost")
    opener.close()

    assert first == again
    assert "127.0.0.1" in first or "::1" in first


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "camera..example", "\xff\xfe.example"])
async def test_a_name_that_is_none_is_dns(probe: Prober, name):
    """A camera may name it too, in a redirect."""
    look = await probe.look(f"rtsp://{name}/x")

    assert look.failure is Reason.DNS


async def test_a_name_that_is_answered_too_late_is_known_the_next_time(monkeypatch):
    """A first name server that is dead: an answer takes five seconds, and looks wait for three."""
    answering, asked = threading.Event(), []

    def slow(host: str) -> tuple[str, ...]:
        asked.append(host)
        answering.wait(5)
        return ("192.0.2.1",)

    monkeypatch.setattr(opener_module, "_addresses", slow)
    with contextlib.closing(TcpOpener(SystemClock())) as opener:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await opener.resolve("camera.example")
        answering.set()
        await asyncio.sleep(0.2)

        assert await opener.resolve("camera.example") == ("192.0.2.1",)
    assert asked == ["camera.example"]


async def test_names_without_an_answer_do_not_stall_those_that_have_one(monkeypatch):
    dead = threading.Event()

    def answer(host: str) -> tuple[str, ...]:
        if host.startswith("dead") and not dead.wait(0.0 if not again else 5.0):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return ("192.0.2.1",)

    again = False
    monkeypatch.setattr(opener_module, "_addresses", answer)
    names = [f"dead-{number}.example" for number in range(20)]
    with contextlib.closing(TcpOpener(SystemClock(), keep_failure_s=0.0)) as opener:
        for name in names:
            with pytest.raises(socket.gaierror):
                await opener.resolve(name)
        again = True
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(opener.resolve(name)) for name in names]
            async with asyncio.timeout(1.0):
                assert await opener.resolve("camera.example") == ("192.0.2.1",)
            dead.set()
        assert {task.result() for task in waiting} == {("192.0.2.1",)}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("404 Not Found", Reason.NOT_FOUND),
        ("454 Session Not Found", Reason.NOT_FOUND),
        ("453 Not Enough Bandwidth", Reason.BUSY),
        ("503 Service Unavailable", Reason.BUSY),
        ("500 Internal Server Error", Reason.PROTOCOL),
        ("401 Unauthorized", Reason.AUTH_REJECTED),
    ],
)
async def test_a_refusal_is_called_by_its_status(probe: Prober, status, reason):
    async with ScriptedCamera(saying(status)) as camera:
        look = await probe.look(camera.url)

    assert look.failure is reason
    assert status[:3] in (look.detail or "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP server"),
        (b"\x15\x03\x03\x00\x02\x02\x32", "speaks TLS"),
    ],
)
async def test_another_protocol_on_the_port_is_named(probe: Prober, data, words):
    async def script(talk: Talk) -> None:
        await talk.request()
        talk.send(data)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.PROTOCOL
    assert words in (look.detail or "")


@pytest.mark.parametrize(("answered", "stage"), [(0, "describe"), (1, "setup"), (2, "play")])
async def test_a_silent_stage_ends_by_its_limit_and_is_named(probe: Prober, answered, stage):
    async def script(talk: Talk) -> None:
        steps = [
            ("200 OK", ("Content-Type: application/sdp",), SDP.format(codec="H264")),
            ("200 OK", ("Session: 1", "Transport: RTP/AVP/TCP;interleaved=0-1"), ""),
        ]
        for status, headers, body in steps[:answered]:
            talk.answer(await talk.request(), status, *headers, body=body)
        while True:
            await talk.request()

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.TIMEOUT
    assert f"answer to {stage}" in (look.detail or "")
    assert look.duration_s < 1.5
    assert ("TEARDOWN" in camera.methods) == (answered == 2)


async def test_a_name_that_is_never_answered_is_dns_within_its_limit():
    class Stuck(TcpOpener):
        async def resolve(self, host: str) -> tuple[str, ...]:
            await asyncio.Event().wait()
            return ()

    opener = Stuck(SystemClock())
    with prober(limits=LIMITS, opener=opener) as made:
        look = await made.look("rtsp://camera.example/x")
    opener.close()

    assert (look.failure, look.duration_s < 1.5) == (Reason.DNS, True)


async def test_a_connection_that_is_never_made_is_a_timeout_within_its_limit():
    class Stuck(TcpOpener):
        async def connect(self, address, port, protocol):
            await asyncio.Event().wait()

    opener = Stuck(SystemClock())
    with prober(limits=LIMITS, opener=opener) as made:
        look = await made.look("rtsp://192.0.2.1/x")
    opener.close()

    assert (look.failure, look.duration_s < 1.5) == (Reason.TIMEOUT, True)
    assert "connect" in (look.detail or "")


async def test_the_deadline_of_the_look_ends_it_earlier_than_any_limit():
    async def silent(talk: Talk) -> None:
        await talk.request()

    with prober() as probe:
        async with ScriptedCamera(silent) as camera:
            look = await probe.look(camera.url, within_s=0.2)

    assert look.failure is Reason.TIMEOUT
    assert "the look's time was over" in (look.detail or "")


async def test_closing_right_after_the_connection_is_closed(probe: Prober):
    async def script(talk: Talk) -> None:
        talk.close()

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.CLOSED


# --- permission -----------------------------------------------------------------------------


async def test_an_address_outside_the_allowed_networks_is_never_connected_to():
    with prober(limits=LIMITS, policy=NetworkPolicy.of(["0.0.0.0/0"])) as probe:
        async with ScriptedCamera(live) as camera:
            look = await probe.look(camera.url)

    assert look.failure is Reason.NOT_ALLOWED
    assert camera.connections == 0


async def test_a_login_bound_to_other_hosts_is_never_taken_along(probe: Prober):
    login = Login("viewer", "sesame", {}, ("192.0.2.0/24", "cam.example"))
    async with ScriptedCamera(live) as camera:
        look = await probe.look(target(camera.url, login))

    assert look.failure is Reason.NOT_ALLOWED
    assert camera.connections == 0


async def test_a_redirect_out_of_the_allowed_networks_is_not_followed():
    policy = NetworkPolicy.of(["127.0.0.1/32"])
    async with ScriptedCamera(saying("302 Found\nLocation: rtsp://127.0.0.9/x")) as camera:
        with prober(limits=LIMITS, policy=policy) as probe:
            look = await probe.look(camera.url)

    assert look.failure is Reason.NOT_ALLOWED


async def test_a_redirect_is_followed_and_noted_without_the_login(probe: Prober):
    async with ScriptedCamera(live) as second:
        first_script = saying(f"302 Found\nLocation: {second.url}?p={{password}}")
        async with ScriptedCamera(first_script) as first:
            look = await probe.look(target(first.url, LOGIN))

    assert look.outcome is Outcome.LIVE
    assert Quirk.REDIRECTED in look.quirks
    assert second.requests[0].uri.endswith("?p={password}")
    assert not any(_signed(asked) for asked in second.requests)


# --- logging in -----------------------------------------------------------------------------


async def test_a_login_passes_the_gate_once_and_tells_it_how_it_went():
    gate = Gate()
    async with ScriptedCamera(guarded) as camera:
        with prober(limits=LIMITS, gate=gate) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.outcome is Outcome.LIVE
    assert look.signed_attempt
    assert gate.entered == [("127.0.0.1", camera.port, "f")]
    assert gate.left == [True]
    assert [_signed(asked) for asked in camera.requests] == [False, True, True, True, True]


async def test_a_rejected_login_is_sent_once_and_told_to_the_gate():
    gate = Gate()
    async with ScriptedCamera(saying(f"401 Unauthorized\n{CHALLENGE}")) as camera:
        with prober(limits=LIMITS, gate=gate) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.failure is Reason.AUTH_REJECTED
    assert gate.left == [False]
    assert [_signed(asked) for asked in camera.requests] == [False, True]


async def test_a_parked_login_sends_nothing_signed():
    gate = Gate(opens=False)
    async with ScriptedCamera(guarded) as camera:
        with prober(limits=LIMITS, gate=gate) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.failure is Reason.LOCKED_OUT
    assert not look.signed_attempt
    assert gate.left == []
    assert not any(_signed(asked) for asked in camera.requests)


async def test_waiting_for_the_turn_to_log_in_ends_with_the_look():
    class Queue(Gate):
        async def enter(self, host: str, port: int, fingerprint: str) -> bool:
            await asyncio.Event().wait()
            return True

    async with ScriptedCamera(guarded) as camera:
        with prober(gate=Queue()) as probe:
            look = await probe.look(target(camera.url, LOGIN), within_s=0.3)

    assert look.failure is Reason.BUSY
    assert "turn" in (look.detail or "")
    assert not look.signed_attempt


async def test_a_login_that_was_never_judged_leaves_the_gate_all_the_same():
    gate = Gate()

    async def script(talk: Talk) -> None:
        talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE)
        await talk.request()

    async with ScriptedCamera(script) as camera:
        with prober(limits=LIMITS, gate=gate) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.failure is Reason.TIMEOUT
    assert gate.left == [None]


async def test_a_camera_without_a_challenge_never_asks_the_gate():
    gate = Gate()
    async with ScriptedCamera(live) as camera:
        with prober(limits=LIMITS, gate=gate) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.outcome is Outcome.LIVE
    assert gate.entered == []


async def test_a_camera_that_offers_only_basic_gets_no_secret():
    basic = 'WWW-Authenticate: Basic realm="cam"'
    async with ScriptedCamera(saying(f"401 Unauthorized\n{basic}")) as camera:
        with prober(limits=LIMITS) as probe:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.failure is Reason.AUTH_UNSUPPORTED
    assert len(camera.requests) == 1
    assert not look.signed_attempt


async def test_basic_is_sent_where_the_login_allows_it():
    basic = 'WWW-Authenticate: Basic realm="cam"'

    async def script(talk: Talk) -> None:
        talk.answer(await talk.request(), "401 Unauthorized", basic)
        await live(talk)

    async with ScriptedCamera(script) as camera:
        with prober(limits=LIMITS) as probe:
            look = await probe.look(target(camera.url, replace(LOGIN, allow_basic=True)))

    assert look.outcome is Outcome.LIVE
    assert (camera.requests[1].header("Authorization") or "").startswith("Basic ")


async def test_a_camera_that_closes_after_its_challenge_is_asked_again_signed(probe: Prober):
    async def closing(talk: Talk) -> None:
        talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE)
        await talk.request()
        talk.close()

    async with ScriptedCamera(closing, live) as camera:
        look = await probe.look(target(camera.url, LOGIN))

    assert look.outcome is Outcome.LIVE
    assert Quirk.CLOSED_AFTER_CHALLENGE in look.quirks
    assert camera.connections == 2


async def test_placeholders_are_filled_on_the_wire_and_shown_nowhere(probe: Prober):
    login = Login("viewer", "p/w#1x", {"secret": "t0ken%41"}, ())

    async def echoing(talk: Talk) -> None:
        asked = await talk.request()
        headers = ("Content-Type: application/sdp", f"Content-Base: {asked.uri}/")
        server = f"Server: we know {asked.uri}"
        body = SDP.format(codec="H264")
        talk.answer(asked, "200 OK", server, *headers, body=body)
        await talk.request()
        talk.send(f"nonsense {asked.uri}\r\n".encode() * 300)

    async with ScriptedCamera(echoing) as camera:
        at = target(f"{camera.url}?u={{user}}&p={{password}}&t={{secret}}", login)
        look = await probe.look(at)

    assert camera.requests[0].uri.endswith("?u=viewer&p=p%2Fw%231x&t=t0ken%41")
    assert look.failure is Reason.PROTOCOL
    assert "{secret}" in (look.server or "")
    for secret in ("p/w#1x", "p%2Fw%231x", "t0ken", "70 2f 77", "74 30 6b"):
        assert secret not in _everything_said(at, look)


async def test_the_log_tells_the_conversation_without_a_login(probe: Prober):
    async with ScriptedCamera(guarded) as camera:
        alive = await probe.look(target(camera.url, LOGIN))
        look = await probe.look(target(camera.url, LOGIN), Depth.PICTURE)

    assert alive.log == ()  # nothing to explain
    said = [line.split(" ", 1)[1] for line in look.log]
    assert said[1:5] == ["> DESCRIBE", "< 401 Unauthorized", "> DESCRIBE signed", "< 200 OK"]
    assert "s3cret" not in repr(look)


async def test_a_camera_that_never_answers_teardown_costs_two_seconds_at_most(probe: Prober):
    async def deaf(talk: Talk) -> None:
        await handshake(talk)
        for group in packets(encode("h264", frames=8)):
            talk.send(b"".join(_framed(packet) for packet in group))
            await asyncio.sleep(0.04)
        await asyncio.Event().wait()

    async with ScriptedCamera(deaf) as camera:
        look = await probe.look(camera.url)

    assert look.outcome is Outcome.LIVE
    assert look.duration_s < 1.5


def _framed(packet: bytes) -> bytes:
    return b"$\x00" + len(packet).to_bytes(2, "big") + packet


async def test_media_before_play_is_noted_and_harmless(probe: Prober):
    async def script(talk: Talk) -> None:
        talk.send(_framed(b"\x80\x60" + b"\x00" * 30))
        await live(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.outcome is Outcome.LIVE
    assert Quirk.DATA_BEFORE_PLAY in look.quirks


async def test_the_next_address_of_a_name_is_tried_when_the_first_is_dead():
    class TwoAddresses(TcpOpener):
        async def resolve(self, host: str) -> tuple[str, ...]:
            return ("127.0.0.77", "127.0.0.1")

    opener = TwoAddresses(SystemClock())
    async with ScriptedCamera(live) as camera:
        with prober(limits=LIMITS, opener=opener) as made:
            look = await made.look(camera.url.replace("127.0.0.1", "camera.example"))
    opener.close()

    assert look.outcome is Outcome.LIVE
