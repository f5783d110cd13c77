"""Tells listeners which cameras changed. A slow listener loses nothing: it gets the union."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator


class Changes:
    """Codes of cameras that changed; each listener's memory is the estate at most."""

    def __init__(self, gather_s: float = 0.5) -> None:
        self._gather_s = gather_s
        self._listeners: dict[asyncio.Event, set[str]] = {}

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def tell(self, camera: str) -> None:
        for woken, cameras in self._listeners.items():
            cameras.add(camera)
            woken.set()

    async def listen(self) -> AsyncIterator[frozenset[str]]:
        """Batches of what changed since the one before, at most one every `gather_s` seconds."""
        woken, cameras = asyncio.Event(), set[str]()
        self._listeners[woken] = cameras
        try:
            while True:
                await woken.wait()
                await asyncio.sleep(self._gather_s)
                batch = frozenset(cameras)
                cameras.clear()
                woken.clear()
                yield batch
        finally:
            del self._listeners[woken]
