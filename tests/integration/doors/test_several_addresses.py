"""A name that stands for several addresses, of which some are dead."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from registry.clock import SystemClock
from registry.look import Look
from registry.vocabulary import Outcome, Reason
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import prober

FOR_EVER_S = 600.0  # whoever waits for the dead is found out by the time limit of the test
LIMITS = Limits(connect_s=FOR_EVER_S, liveness_s=FOR_EVER_S, teardown_s=0.3)
HERE, DEAD, SLOW, REFUSING = "127.0.0.1", "192.0.2.1", "192.0.2.2", "127.0.0.9"


class Names(TcpOpener):
    """`camera` stands for these; what is sent to the dead one is lost, and the slow one is the
    camera too, but connects only after the other has.
    """

    def __init__(self, *addresses: str) -> None:
        super().__init__(SystemClock())
        self.reached: list[str] = []
        self._addresses = addresses
        self._first = asyncio.Event()

    async def resolve(self, host: str) -> tuple[str, ...]:
        return self._addresses

    async def connect(self, address, port, protocol):
        if address == DEAD:
            await asyncio.Event().wait()
        made = await super().connect(HERE if address == SLOW else address, port, protocol)
        if address == SLOW:
            with contextlib.suppress(asyncio.CancelledError):
                await self._first.wait()
        self._first.set()
        self.reached.append(address)
        return made


async def live(talk: Talk) -> None:
    await handshake(talk)
    await stream(talk, packets(encode("h264")))


async def look_at(opener: Names, port: int, limits: Limits = LIMITS) -> Look:
    with contextlib.closing(opener), prober(limits=limits, opener=opener) as probe:
        async with asyncio.timeout(30):
            return await probe.look(f"rtsp://camera:{port}/live", within_s=limits.liveness_s)


@pytest.mark.parametrize(
    "addresses", [(DEAD, HERE), (DEAD, DEAD, DEAD, HERE), (REFUSING, DEAD, HERE), (HERE, DEAD)]
)
async def test_a_dead_address_does_not_use_up_the_time_of_the_next(addresses):
    async with ScriptedCamera(live) as camera:
        look = await look_at(Names(*addresses), camera.port)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)


async def test_an_address_that_answers_at_once_is_the_only_one_asked():
    opener = Names(HERE, REFUSING)
    async with ScriptedCamera(live) as camera:
        look = await look_at(opener, camera.port)

    assert (look.outcome, opener.reached) == (Outcome.LIVE, [HERE])


async def test_a_connection_that_comes_second_is_closed():
    tasks = asyncio.all_tasks()
    opener = Names(SLOW, HERE)
    async with ScriptedCamera(live) as camera:
        look = await look_at(opener, camera.port)
        await camera.left_alone()

        assert (look.outcome, opener.reached) == (Outcome.LIVE, [HERE, SLOW])
        assert (camera.connections, camera.sessions) == (2, set())
    assert asyncio.all_tasks() == tasks


async def test_where_all_fail_the_last_address_has_the_word():
    async with ScriptedCamera(live) as camera:
        port = camera.port
    look = await look_at(Names(DEAD, REFUSING), port, Limits(connect_s=0.5))

    assert look.failure is Reason.REFUSED
