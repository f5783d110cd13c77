"""A blind prober is told from a dead fleet by beacons, and by nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from monitor.beacons import Beacons
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


async def test_without_beacons_nobody_is_doubted():
    assert await Beacons(FakeClock(), []).sees()
