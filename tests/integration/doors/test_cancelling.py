"""Cancelling a look in every stage leaves no task, no socket and no session behind."""

from __future__ import annotations

import asyncio
import gc

import pytest

from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from registry.clock import SystemClock
from registry.targets import Target
from registry.vocabulary import Depth, TlsPolicy, TransportPolicy
from tests.fakes.certificates import certificate
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import SDP, ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import LOGIN, Prober, prober, target
from tests.fakes.udp import UdpEnd, described, udp_handshake, udp_sockets

LIMITS = Limits(teardown_s=0.5)
TRANSPORT = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"


class Stage:
    """Tells the test that the look has come to the stage in which it is to be cancelled."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    async def describe(self, talk: Talk) -> None:
        await talk.request()
        self.reached.set()

    async def setup(self, talk: Talk) -> None:
        await self._described(talk)
        asked = await talk.request()
        self.reached.set()
        await asyncio.sleep(0.05)
        talk.camera.sessions.add("5")
        talk.answer(asked, "200 OK", "Session: 5", TRANSPORT)
        await tear_down(talk)

    async def play(self, talk: Talk) -> None:
        await self._described(talk)
        talk.camera.sessions.add("5")
        talk.answer(await talk.request(), "200 OK", "Session: 5", TRANSPORT)
        await talk.request()
        self.reached.set()
        await tear_down(talk)

    async def first_packet(self, talk: Talk) -> None:
        await handshake(talk)
        self.reached.set()
        await tear_down(talk)

    async def keyframe(self, talk: Talk) -> None:
        await handshake(talk)
        asyncio.get_running_loop().call_later(0.1, self.reached.set)
        await stream(talk, packets(encode("h264", frames=60, options=(("g", "60"),)))[1:])

    async def teardown(self, talk: Talk) -> None:
        await handshake(talk)
        for group in packets(encode("h264"))[:8]:
            talk.send(b"".join(interleaved(packet) for packet in group))
            await asyncio.sleep(0.04)
        asked = await talk.request()
        self.reached.set()
        await asyncio.sleep(0.05)
        talk.answer(asked)
        talk.camera.sessions.discard(asked.header("Session") or "")

    async def _described(self, talk: Talk) -> None:
        body = SDP.format(codec="H264")
        talk.answer(await talk.request(), "200 OK", "Content-Type: application/sdp", body=body)


async def _cancelled(probe: Prober, url: Target | str, reached: asyncio.Event) -> None:
    look = asyncio.ensure_future(probe.look(url, Depth.PICTURE))
    await reached.wait()
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look


@pytest.mark.parametrize(
    "stage", ["describe", "setup", "play", "first_packet", "keyframe", "teardown"]
)
async def test_a_cancelled_look_leaves_the_camera_as_it_was(stage):
    here = Stage()
    before = asyncio.all_tasks()

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(getattr(here, stage)) as camera:
            await _cancelled(probe, camera.url, here.reached)
            await camera.left_alone()

            assert camera.sessions == set()
            assert ("TEARDOWN" in camera.methods) == (stage != "describe")

    assert asyncio.all_tasks() == before


class UdpStage:
    """The same for a camera that takes UDP only."""

    def __init__(self, end: UdpEnd) -> None:
        self.reached = asyncio.Event()
        self._end = end

    async def describe(self, talk: Talk) -> None:
        await talk.request()
        self.reached.set()

    async def play(self, talk: Talk) -> None:
        await described(talk)
        self._end.answer_setup(talk, await talk.request())
        await talk.request()
        self.reached.set()
        await tear_down(talk)

    async def teardown(self, talk: Talk) -> None:
        await udp_handshake(talk, self._end)
        for group in packets(encode("h264"))[:8]:
            for packet in group:
                self._end.send(packet)
            await asyncio.sleep(0.04)
        asked = await talk.request()
        self.reached.set()
        await asyncio.sleep(0.05)
        talk.answer(asked)
        talk.camera.sessions.discard(asked.header("Session") or "")

    async def switching(self, talk: Talk) -> None:
        await described(talk)
        talk.camera.sessions.add("9")
        told = "Transport: RTP/AVP;unicast;server_port=6970-6971"
        talk.answer(await talk.request(), "200 OK", "Session: 9", told)
        asked = await talk.request()
        self.reached.set()
        await asyncio.sleep(0.05)
        talk.answer(asked)
        talk.camera.sessions.discard(asked.header("Session") or "")

    async def setup(self, talk: Talk) -> None:
        await described(talk)
        asked = await talk.request()
        self.reached.set()
        await asyncio.sleep(0.05)
        self._end.answer_setup(talk, asked)
        await tear_down(talk)

    async def first_packet(self, talk: Talk) -> None:
        await udp_handshake(talk, self._end)
        self.reached.set()
        await tear_down(talk)

    async def keyframe(self, talk: Talk) -> None:
        await udp_handshake(talk, self._end)
        asyncio.get_running_loop().call_later(0.1, self.reached.set)
        groups = packets(encode("h264", frames=60, options=(("g", "60"),)))[1:]
        await stream(talk, groups, send=self._end.send)


@pytest.mark.parametrize(
    "stage", ["describe", "switching", "setup", "play", "first_packet", "keyframe", "teardown"]
)
async def test_a_cancelled_look_over_udp_leaves_no_session_and_no_port(stage):
    before = asyncio.all_tasks()
    opened = await asyncio.to_thread(udp_sockets)

    with UdpEnd() as end, prober(limits=LIMITS) as probe:
        here = UdpStage(end)
        async with ScriptedCamera(getattr(here, stage)) as camera:
            policy = TransportPolicy.AUTO if stage == "switching" else TransportPolicy.UDP
            at = target(camera.url, transport=policy)
            await _cancelled(probe, at, here.reached)
            await camera.left_alone()

            assert camera.sessions == set()
            assert ("TEARDOWN" in camera.methods) == (stage != "describe")

    await asyncio.sleep(0)
    assert await asyncio.to_thread(udp_sockets) == opened
    assert asyncio.all_tasks() == before


async def test_a_look_cancelled_in_the_handshake_leaves_nothing():
    reached = asyncio.Event()
    before = asyncio.all_tasks()

    async def silent(_talk: Talk) -> None:
        reached.set()

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(silent) as camera:
            await _cancelled(probe, camera.url.replace("rtsp:", "rtsps:"), reached)
            await camera.left_alone()

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    "stage", ["describe", "setup", "play", "first_packet", "keyframe", "teardown"]
)
async def test_a_look_cancelled_inside_tls_leaves_the_camera_as_it_was(stage, tmp_path):
    here = Stage()
    own = await asyncio.to_thread(certificate, tmp_path, "camera")
    before = asyncio.all_tasks()

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(getattr(here, stage), tls=own.server()) as camera:
            at = target(camera.url, tls_policy=TlsPolicy.ACCEPT_ANY)
            await _cancelled(probe, at, here.reached)
            await camera.left_alone()

            assert camera.sessions == set()
            assert ("TEARDOWN" in camera.methods) == (stage != "describe")

    assert asyncio.all_tasks() == before


async def test_ports_are_let_go_when_the_look_is_cancelled_while_they_are_bound():
    opened = await asyncio.to_thread(udp_sockets)

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

    await asyncio.sleep(0)
    gc.collect()
    assert await asyncio.to_thread(udp_sockets) == opened


@pytest.mark.parametrize("stage", ["resolve", "connect"])
async def test_a_look_cancelled_before_its_connection_leaves_nothing(stage):
    reached = asyncio.Event()
    before = asyncio.all_tasks()

    class Stuck(TcpOpener):
        async def resolve(self, host: str) -> tuple[str, ...]:
            return await self._stick(host) if stage == "resolve" else ("127.0.0.1",)

        async def connect(self, address, port, protocol):
            return await self._stick(address)

        async def _stick(self, _what: str):
            reached.set()
            await asyncio.Event().wait()

    opener = Stuck(SystemClock())
    with prober(limits=LIMITS, opener=opener) as probe:
        await _cancelled(probe, "rtsp://camera.example/x", reached)
    opener.close()

    assert asyncio.all_tasks() == before


async def test_cancelling_twice_does_not_cut_the_leaving_short():
    here = Stage()

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(here.setup) as camera:
            look = asyncio.ensure_future(probe.look(camera.url))
            await here.reached.wait()
            look.cancel()
            await asyncio.sleep(0.01)
            look.cancel()
            with pytest.raises(asyncio.CancelledError):
                await look
            await camera.left_alone()

            assert camera.sessions == set()
            assert camera.methods[-1] == "TEARDOWN"


@pytest.mark.parametrize("answered", ["DESCRIBE", "SETUP", "PLAY"])
async def test_an_answer_that_comes_in_the_moment_of_cancelling_is_not_lost(answered):
    """It was answered where it arrived, while whoever waits for the end was told to go."""
    cancelled: list[bool] = []

    class Opener(TcpOpener):
        async def connect(self, address, port, protocol):
            return await super().connect(address, port, lambda: self._cancelling(protocol()))

        def _cancelling(self, line: asyncio.BufferedProtocol) -> asyncio.BufferedProtocol:
            updated = line.buffer_updated

            def buffer_updated(count: int) -> None:
                updated(count)
                if camera.methods[-1] == answered and not cancelled:
                    cancelled.append(look.cancel())

            vars(line)["buffer_updated"] = buffer_updated
            return line

    async def script(talk: Talk) -> None:
        await described(talk)
        talk.camera.sessions.add("5")
        talk.answer(await talk.request(), "200 OK", "Session: 5", TRANSPORT)
        await tear_down(talk)

    opener = Opener(SystemClock())
    with prober(limits=Limits(teardown_s=20.0), opener=opener) as probe:
        async with ScriptedCamera(script) as camera:
            look = asyncio.ensure_future(probe.look(camera.url))
            with pytest.raises(asyncio.CancelledError):
                await look
            await camera.left_alone()

            assert camera.sessions == set()
            assert camera.methods.count("SETUP") == 1
            assert camera.methods[-1] == "TEARDOWN"
    opener.close()


async def test_a_login_at_the_gate_is_let_go_when_the_look_is_cancelled():
    waiting = asyncio.Event()
    left: list[bool | None] = []

    class Gate:
        def enter_now(self, host: str, port: int, fingerprint: str) -> bool | None:
            return None

        async def enter(self, host: str, port: int, fingerprint: str) -> bool:
            return True

        def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
            left.append(accepted)

    async def script(talk: Talk) -> None:
        challenge = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'
        talk.answer(await talk.request(), "401 Unauthorized", challenge)
        await talk.request()
        waiting.set()

    with prober(limits=LIMITS, gate=Gate()) as probe:
        async with ScriptedCamera(script) as camera:
            await _cancelled(probe, target(camera.url, LOGIN), waiting)

    assert left == [None]
