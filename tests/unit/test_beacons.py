"""A blind prober is told from a dead fleet by beacons, and by nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from monitor.beacons import Beacons
from monitor.doors.opener import TcpOpener
from tests.fakes.clock import FakeClock


def a_dead_place() -> str:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"127.0.0.1:{gone.getsockname()[1]}"


@pytest.fixture
async def beacon() -> AsyncIterator[str]:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_blind_is_when_no_beacon_answers_twice_in_a_row():
    beacons = Beacons(FakeClock(), [a_dead_place(), a_dead_place()])

    await beacons.ask()
    assert not beacons.blind
    await beacons.ask()
    assert beacons.blind
    assert beacons.gauges() == {"vantage_blind": 1.0}


async def test_one_beacon_that_answers_is_enough_to_see(beacon):
    beacons = Beacons(FakeClock(), [a_dead_place(), beacon])

    for _ in range(3):
        await beacons.ask()

    assert not beacons.blind


async def test_sight_returns_with_the_first_answer(beacon):
    place = a_dead_place()
    beacons = Beacons(FakeClock(), [place])
    await beacons.ask()
    await beacons.ask()

    async with await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", int(place.rpartition(":")[2])
    ):
        await beacons.ask()

    assert not beacons.blind


async def test_without_beacons_nothing_is_claimed():
    beacons = Beacons(FakeClock(), [])
    async with beacons.watched():
        await asyncio.sleep(0)

    assert not beacons.blind
    assert beacons.gauges() == {}


async def test_who_doubts_the_feed_asks_in_a_round_of_his_own_time():
    place = a_dead_place()
    beacons = Beacons(FakeClock(), [place])

    assert not await beacons.sees()

    async with await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", int(place.rpartition(":")[2])
    ):
        await beacons.ask()
        assert await beacons.sees()


async def test_many_who_ask_at_once_share_one_round():
    asked = []

    async def count(_, writer):
        asked.append(1)
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as server:
        beacons = Beacons(FakeClock(), [f"127.0.0.1:{server.sockets[0].getsockname()[1]}"])
        assert await asyncio.gather(*(beacons.sees() for _ in range(50))) == [True] * 50
        await asyncio.sleep(0.05)

    assert len(asked) == 1


class Names:
    """The name server: `dead` names have no answer for as long as this is open, all others are this
    machine's.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.addresses = ["127.0.0.1"]
        self._released = threading.Event()

    def close(self) -> None:
        self._released.set()

    def __call__(self, host: str, port: int | str | None, *rest: Any, **more: Any) -> Any:
        self.asked.append(host)
        if host.startswith("dead"):
            self._released.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(0, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in self.addresses]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    monkeypatch.setattr("monitor.beacons.ANSWER_S", 0.5)
    with contextlib.closing(Names()) as names:
        monkeypatch.setattr(socket, "getaddrinfo", names)
        yield names


async def test_beacons_with_dead_names_hide_none_that_answers(beacon, names):
    dead = [f"dead-{number}.example:80" for number in range(40)]
    beacons = Beacons(FakeClock(), [*dead, beacon.replace("127.0.0.1", "gateway.example")])

    for _ in range(2):
        await beacons.ask()

    assert not beacons.blind
    assert len(names.asked) == len(set(names.asked)) == 41  # one question each, however many rounds


async def test_what_fills_the_threads_of_others_hides_no_beacon(beacon, names):
    loop, busy = asyncio.get_running_loop(), threading.Event()
    others = [loop.run_in_executor(None, busy.wait, 20) for _ in range(40)]
    beacons = Beacons(FakeClock(), [beacon.replace("127.0.0.1", "gateway.example")])

    assert await beacons.sees()

    busy.set()
    await asyncio.gather(*others)


async def test_a_beacon_is_seen_behind_a_dead_address_of_its_name(beacon, names, monkeypatch):
    """As a name of IPv6 and IPv4 has where nothing routes the one."""
    connect, took = TcpOpener.connect, asyncio.get_running_loop().create_future()

    async def lost_or_taken(self, address, port, protocol):
        if address == "127.0.0.1":
            return await connect(self, address, port, protocol)
        try:
            return await asyncio.Event().wait()
        finally:
            took.set_result(None)

    monkeypatch.setattr("monitor.beacons.ANSWER_S", 60.0)
    monkeypatch.setattr(TcpOpener, "connect", lost_or_taken)
    names.addresses = ["2001:db8::1", "127.0.0.1"]
    beacons = Beacons(FakeClock(), [beacon.replace("127.0.0.1", "gateway.example")])

    async with asyncio.timeout(20):
        assert await beacons.sees()
        await took


async def test_a_name_that_failed_is_asked_anew_in_each_round(beacon, names):
    names.close()
    beacons = Beacons(FakeClock(), ["dead.example:80"])

    for _ in range(2):
        await beacons.ask()

    assert names.asked == ["dead.example"] * 2
    assert beacons.blind


@pytest.mark.parametrize("host", ["localhost", "beacon..example", "a" * 64])
async def test_a_beacon_is_given_by_name_and_a_name_that_is_none_is_silent(beacon, host):
    beacons = Beacons(FakeClock(), [beacon.replace("127.0.0.1", host)])

    assert await beacons.sees() is (host == "localhost")


async def test_without_beacons_nobody_is_doubted():
    assert await Beacons(FakeClock(), []).sees()
