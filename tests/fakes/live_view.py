"""A LiveView in memory: tests put looks and frames into it, and announce changes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from registry.cost import Cost
from registry.live import Frame, LookState, QueuedLook
from registry.look import FeedKey, Look
from registry.vocabulary import Depth


class FakeLiveView:
    def __init__(self) -> None:
        self.kept: defaultdict[FeedKey, list[Look]] = defaultdict(list)
        self.frames: dict[FeedKey, Frame] = {}
        self.cadences: dict[FeedKey, float] = {}
        self.not_probed: set[FeedKey] = set()
        self.costs = Cost(
            vantage="ou", feeds=0, looks_a_second=0, logins_a_day=0, kbit=0, stream_kbit=2000
        )
        self.reckoned: frozenset[str] | None = None
        self.tickets: dict[str, QueuedLook] = {}
        self._readers: set[asyncio.Queue[frozenset[str]]] = set()

    def looks(self, key: FeedKey) -> tuple[Look, ...]:
        return tuple(self.kept.get(key, ()))

    def frame(self, key: FeedKey) -> Frame | None:
        return self.frames.get(key)

    def effective_cadence_s(self, key: FeedKey) -> float | None:
        return self.cadences.get(key)

    def look_now(self, key: FeedKey, depth: Depth) -> QueuedLook | None:
        if key in self.not_probed:
            return None
        queued = QueuedLook(f"ticket-{len(self.tickets) + 1}", key, depth)
        self.tickets[queued.ticket] = queued
        return queued

    def queued_look(self, ticket: str) -> QueuedLook | None:
        return self.tickets.get(ticket)

    async def cost(self, codes: frozenset[str] | None) -> Cost:
        self.reckoned = codes
        return self.costs

    def finish(self, ticket: str, look: Look) -> None:
        queued = self.tickets[ticket]
        self.tickets[ticket] = QueuedLook(ticket, queued.key, queued.depth, LookState.DONE, look)

    @property
    def readers(self) -> int:
        return len(self._readers)

    def announce(self, *codes: str) -> None:
        for reader in self._readers:
            reader.put_nowait(frozenset(codes))

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        reader: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self._readers.add(reader)
        try:
            while True:
                yield await reader.get()
        finally:
            self._readers.discard(reader)
