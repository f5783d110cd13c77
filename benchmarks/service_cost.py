"""What a look costs the whole service: alone, among a second's worth, and among those of a fleet.

Each beside the floor in the same company. It has no opinion on the figures.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.camera import Cameras
from benchmarks.floor import FLOOR, canned_look
from benchmarks.service import Service, service
from benchmarks.spent import Series, Work, repeat, seldom
from registry.look import FeedKey

BATCH = 33  # looks a second, and so rows a batch, of 1,000 feeds at 30 s
FEEDS = 6  # times as many cameras: in a fleet each has its turn every 0.6 s
_FLEET = 10  # times as many looks a second: 10,000 feeds
_FLEET_S = 3

_Asked = Callable[[], Coroutine[Any, Any, int]]


async def whole_service(served: Cameras, rounds: int, at_once: int) -> list[Series]:
    with tempfile.TemporaryDirectory(prefix="camreach-bench-") as folder:
        async with service(Path(folder), served.signed) as (running, keys):
            alone = Series("liveness look, Digest, whole service", _asked(running, keys), FLOOR)
            await repeat([alone], rounds)
            crowd = _crowd(served, running, keys[:at_once])
            await repeat(crowd, rounds)
            fleet = _fleet(served, running, keys, at_once * _FLEET)
            await repeat(fleet, seldom(rounds))
            return [alone, *crowd, *fleet]


def _asked(running: Service, keys: Sequence[FeedKey]) -> Work:
    turn = cycle(keys)

    async def work() -> int:
        look = await running.look(next(turn))
        await running.planned()
        return look.bytes_received

    return work


def _crowd(served: Cameras, running: Service, keys: Sequence[FeedKey]) -> list[Series]:
    """As many looks as a second brings, and the batch that writes them down."""
    floor, many, lasted_s = f"floor, {len(keys)} at once", len(keys), [0.0] * len(keys)

    async def looks() -> int:
        taken = await asyncio.gather(*map(running.look, keys))
        lasted_s[:] = [look.duration_s for look in taken]
        return sum(look.bytes_received for look in taken)

    async def written() -> int:
        await running.write()
        return 0

    async def looks_written() -> int:
        return await looks() + await written()

    async def floors() -> int:
        asked = zip(served.open, lasted_s, strict=False)
        return sum(
            await asyncio.gather(*(canned_look(url, s, challenged=True) for url, s in asked))
        )

    return [
        Series("its share of the write batch", written, FLOOR, looks=many, before=looks),
        Series(f"whole service, {many} at once, written", looks_written, floor, looks=many),
        Series(floor, floors, looks=many),
    ]


def _fleet(
    served: Cameras, running: Service, keys: Sequence[FeedKey], a_second: int
) -> list[Series]:
    """They begin one after the other, as the plan spreads them, and a batch follows each second."""
    many, lasted_s = a_second * _FLEET_S, [0.0] * len(keys)
    floor = f"floor, {a_second} a second"
    turns = [number % len(keys) for number in range(many)]
    free = [asyncio.Lock() for _ in keys]

    async def look(turn: int) -> int:
        async with free[turn]:  # on a slow machine its look before may not have ended
            taken = await running.look(keys[turn])
        lasted_s[turn] = taken.duration_s
        return taken.bytes_received

    async def write() -> int:
        await running.write()
        return 0

    async def looks_written() -> int:
        looks: list[_Asked] = [partial(look, turn) for turn in turns]
        for second in range(_FLEET_S, 0, -1):
            looks.insert(second * a_second, write)
        return await _evenly(looks, a_second)

    async def floors() -> int:
        return await _evenly(map(floor_at, turns), a_second)

    def floor_at(turn: int) -> _Asked:
        return partial(canned_look, served.open[turn], lasted_s[turn], challenged=True)

    return [
        Series(f"whole service, {a_second} a second, written", looks_written, floor, looks=many),
        Series(floor, floors, looks=many),
    ]


async def _evenly(works: Iterable[_Asked], a_second: int) -> int:
    """Begun one after the other, whatever becomes of those before; the sum of their bytes."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        begun = []
        for number, work in enumerate(works):
            await asyncio.sleep(began + number / a_second - loop.time())
            begun.append(group.create_task(work()))
    return sum(task.result() for task in begun)
