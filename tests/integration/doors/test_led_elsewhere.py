"""What a person types may be any address; where a camera then leads us is its own choice, and goes
to nothing of this machine, its link or a cloud's metadata.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.doors.once import target_of_url
from monitor.doors.opener import TcpOpener
from monitor.once import look_once
from monitor.rtsp.quirks import Quirk
from registry.clock import SystemClock
from registry.look import Look
from registry.targets import Login
from registry.vocabulary import Depth, Outcome, Reason, TransportPolicy
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import Script, ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import LOGIN, prober, target

LIMITS = Limits(connect_s=0.5, reply_s=0.4, teardown_s=0.3)
LOGIN_OF_ANY_HOST = replace(LOGIN, hosts=())
GROUPS = packets(encode("h264"))
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'


async def live(talk: Talk) -> None:
    await handshake(talk)
    await stream(talk, GROUPS)


def leading_to(location: str) -> Script:
    async def script(talk: Talk) -> None:
        talk.answer(await talk.request(), "302 Found", f"Location: {location}")

    return script


async def closing_after_its_challenge(talk: Talk) -> None:
    talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE, "Connection: close")
    talk.close()


class Elsewhere(TcpOpener):
    """Names have the addresses given here, each answer once but the last; addresses that are not
    this machine's are this machine all the same.
    """

    def __init__(self, **names: list[str]) -> None:
        super().__init__(SystemClock())
        self._names = names

    async def resolve(self, host: str) -> tuple[str, ...]:
        answers = self._names.get(host)
        if answers is None:
            return await super().resolve(host)
        return (answers.pop(0) if len(answers) > 1 else answers[0],)

    async def connect(
        self, address: str, port: int, protocol: Callable[[], asyncio.BaseProtocol]
    ) -> asyncio.Transport:
        here = "127.0.0.1" if address.startswith("192.0.2.") else address
        return await super().connect(here, port, protocol)


async def led(url: str, opener: TcpOpener, login: Login | None = None) -> Look:
    with contextlib.closing(opener), prober(limits=LIMITS, opener=opener) as probe:
        return await probe.look(target(url, login))


@pytest.mark.parametrize("typed", ["127.0.0.1", "camera"])
@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.9", "127.9", "2130706441", "[::1]", "[::ffff:127.0.0.9]", "[::127.0.0.9]"),
        *("169.254.169.254", "100.100.100.200", "[fe80::1]", "[fe80::1%25lo]", "0", "[::]"),
        *("224.0.0.1", "[ff02::1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:9::]", "inside"),
    ],
)
async def test_a_camera_leads_nobody_to_what_is_special(typed, host):
    opener = Elsewhere(camera=["192.0.2.7"], inside=["127.0.0.9"])
    async with (
        ScriptedCamera(live, host="127.0.0.9") as inner,
        ScriptedCamera(leading_to(f"rtsp://{host}:{inner.port}/x")) as camera,
    ):
        look = await led(camera.url.replace("127.0.0.1", typed), opener)

    assert (look.failure, look.outcome) == (Reason.NOT_ALLOWED, Outcome.COULD_NOT_LOOK)
    assert "the look was led to" in (look.detail or "")
    assert (camera.connections, inner.connections) == (1, 0)


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ("127.0.0.1", "home"),
        ("home", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.9"),
        ("camera", "192.0.2.9"),
        ("camera", "other"),
    ],
)
async def test_its_own_host_and_ordinary_addresses_are_followed(typed, leads_to):
    opener = Elsewhere(home=["127.0.0.1"], camera=["192.0.2.7"], other=["192.0.2.9"])
    async with (
        ScriptedCamera(live) as second,
        ScriptedCamera(leading_to(f"rtsp://{leads_to}:{second.port}/x")) as first,
    ):
        look = await led(first.url.replace("127.0.0.1", typed), opener)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert Quirk.REDIRECTED in look.quirks


async def test_a_name_that_changes_its_address_between_two_connections_leads_nowhere_special():
    opener = Elsewhere(camera=["192.0.2.7", "127.0.0.1"])
    async with ScriptedCamera(closing_after_its_challenge) as camera:
        look = await led(camera.url.replace("127.0.0.1", "camera"), opener, LOGIN_OF_ANY_HOST)

    assert look.failure is Reason.NOT_ALLOWED
    assert "was led to 127.0.0.1" in (look.detail or "")
    assert camera.connections == 1


async def test_the_probe_of_the_command_line_is_not_led_inside():
    async with (
        ScriptedCamera(live, host="127.0.0.9") as inner,
        ScriptedCamera(leading_to(inner.url)) as camera,
    ):
        at = target_of_url(camera.url, username=None, password=None, transport=TransportPolicy.AUTO)
        look = await look_once(at, Depth.LIVENESS, None)

    assert look.failure is Reason.NOT_ALLOWED
    assert inner.connections == 0
