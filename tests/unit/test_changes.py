"""Who listens for changes gets all of them, however slow he is."""

from __future__ import annotations

import asyncio

from monitor.changes import Changes


async def test_a_slow_listener_gets_the_union():
    changes = Changes(gather_s=0.0)
    listener = changes.listen()
    first = asyncio.ensure_future(anext(listener))
    await asyncio.sleep(0)

    changes.tell("K1")
    assert await first == {"K1"}
    for code in ("K2", "K3", "K2"):
        changes.tell(code)

    assert await anext(listener) == {"K2", "K3"}


async def test_each_listener_gets_everything():
    changes = Changes(gather_s=0.0)
    listeners = [changes.listen() for _ in range(2)]
    batches = [asyncio.ensure_future(anext(listener)) for listener in listeners]
    await asyncio.sleep(0)

    changes.tell("K1")

    assert await asyncio.gather(*batches) == [{"K1"}, {"K1"}]


async def test_who_left_is_forgotten():
    changes = Changes(gather_s=0.0)
    listener = changes.listen()
    waiting = asyncio.ensure_future(anext(listener))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert changes.listeners == 0
