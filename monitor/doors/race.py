"""Several ways to one end, tried one a moment after the other: the first that works is taken.

Knows no address and no protocol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

T = TypeVar("T")

APART_S = 0.25  # RFC 8305 section 5


async def first_to_succeed(
    attempts: Sequence[Callable[[], Awaitable[T]]], lost: Callable[[T], None]
) -> T:
    """Each attempt begins a moment after the one before, or as soon as that has failed. Raises the
    error of the last attempt; what came second goes to `lost`.
    """
    begun: list[asyncio.Future[T]] = []
    running: set[asyncio.Future[T]] = set()
    try:
        while running or len(begun) < len(attempts):
            if more := len(begun) < len(attempts):
                begun.append(asyncio.ensure_future(attempts[len(begun)]()))
                running.add(begun[-1])
            ended, running = await asyncio.wait(
                running, timeout=APART_S if more else None, return_when=asyncio.FIRST_COMPLETED
            )
            for first in ended:
                if first.exception() is None:
                    running |= ended - {first}
                    return first.result()
        return begun[-1].result()
    finally:
        for late in running:
            late.add_done_callback(partial(_lose, lost))
            late.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _lose(lost: Callable[[T], None], late: asyncio.Future[T]) -> None:
    if not late.cancelled() and late.exception() is None:
        lost(late.result())
