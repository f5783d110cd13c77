"""The stream of events: the time here again and again, who changed, and that it ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse

from registry.api.problems import Problem
from registry.models import WebSession
from registry.web.events import Streams
from tests.fakes.service import Service


async def next_event(answer: ClientResponse) -> tuple[str, Any]:
    """Comments and the retry time are read over."""
    while True:
        block = await answer.content.readuntil(b"\n\n")
        lines = dict(line.split(": ", 1) for line in block.decode().splitlines() if line)
        if "event" in lines:
            return lines["event"], json.loads(lines["data"])


async def test_the_time_here_is_told_at_once_and_every_five_seconds(service: Service):
    await service.log_in()
    async with service.client.get("/events") as answer:
        assert answer.content_type == "text/event-stream"
        started = await next_event(answer)
        await service.fake_clock.advance(5)
        later = await next_event(answer)

    assert started[0] == later[0] == "heartbeat"
    assert later[1]["now"] - started[1]["now"] == 5000
    assert later[1]["now"] == int(service.clock.now().timestamp() * 1000)


async def test_changes_are_told_by_their_codes_and_many_as_many(service: Service):
    await service.log_in()
    async with service.client.get("/events") as answer:
        await next_event(answer)
        service.live.announce("A2", "A1\nevent: heartbeat")
        few = await next_event(answer)
        service.live.announce(*(f"C{number}" for number in range(501)))
        many = await next_event(answer)

    assert few == ("changed", {"cameras": ["A1\nevent: heartbeat", "A2"]})
    assert many == ("changed", {"cameras": None})


async def test_a_browser_that_went_away_is_forgotten(service: Service):
    await service.log_in()
    async with service.client.get("/events") as answer:
        await next_event(answer)
        assert service.live.readers == 1

    async with asyncio.timeout(10):
        while service.live.readers:
            service.live.announce("A1")
            await asyncio.sleep(0.01)


async def test_a_stream_does_not_outlive_the_service(service: Service):
    await service.log_in()
    async with service.client.get("/events") as answer:
        await next_event(answer)
        async with asyncio.timeout(10):
            await service.client.server.close()

    assert service.live.readers == 0


async def test_a_stream_ends_soon_after_its_session(service: Service):
    await service.log_in()
    async with service.client.get("/events") as answer:
        await next_event(answer)
        async with service.database.write() as session:
            await session.execute(sa.delete(WebSession))
        told = 1
        async with asyncio.timeout(10):
            await service.fake_clock.advance(5)
            while b"event: heartbeat" in await answer.content.readuntil(b"\n\n"):
                told += 1
                await service.fake_clock.advance(5)

    assert told == 3


@pytest.mark.parametrize(
    ("streams", "others", "refusal"),
    [
        (Streams(most=2), "ab", "2 pages are being kept"),
        (Streams(most_of_one=2), "cc", "2 pages of yours"),
    ],
)
async def test_streams_are_bounded(streams: Streams, others: str, refusal: str):
    release = asyncio.Event()

    async def hold(who: str) -> None:
        with streams.one(who):
            await release.wait()

    async with asyncio.TaskGroup() as group:
        held = [group.create_task(hold(who)) for who in others]
        await asyncio.sleep(0)
        with pytest.raises(Problem, match=refusal), streams.one("c"):
            raise AssertionError("a third stream was let in")
        release.set()

    assert all(task.done() for task in held)
    with streams.one("c"):
        pass
