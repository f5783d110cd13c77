"""One file at a time is taken in, read and planned: each may take a gigabyte while it is.

It knows no file. Who waits holds nothing but his connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

MOST_WAITING: Final = 8
PATIENCE_S: Final = 30.0


class Busy(Exception):
    """Another file is being read, and this one waited long enough, or behind too many."""


class Turns:
    def __init__(self, patience_s: float = PATIENCE_S, most_waiting: int = MOST_WAITING) -> None:
        self.patience_s = patience_s
        self._room = most_waiting + 1
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Raises `Busy`."""
        if not self._room:
            raise Busy("many files wait to be read already")
        self._room -= 1
        try:
            await self._come()
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._room += 1

    async def _come(self) -> None:
        try:
            async with asyncio.timeout(self.patience_s):
                await self._lock.acquire()
        except TimeoutError as error:
            raise Busy("another file is being read") from error
