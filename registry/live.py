"""LiveView: how the API and the page see what only the running monitor holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from registry.cost import Cost
from registry.look import FeedKey, Look
from registry.vocabulary import Depth


@dataclass(frozen=True, slots=True)
class Frame:
    """The last picture of a feed: a small JPEG, kept in memory only."""

    jpeg: bytes
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class QueuedLook:
    """A look that was asked for. It runs under the same budgets as any other."""

    ticket: str
    key: FeedKey
    depth: Depth
    state: str  # queued, running, done, dropped
    look: Look | None = None


class LiveView(Protocol):
    def looks(self, key: FeedKey) -> tuple[Look, ...]:
        """The looks kept, newest first: the last few and, besides them, the last failing ones."""
        ...

    def frame(self, key: FeedKey) -> Frame | None: ...

    def effective_cadence_s(self, key: FeedKey) -> float | None: ...

    def look_now(self, key: FeedKey, depth: Depth) -> QueuedLook | None:
        """Ask for a look; None when the feed is not being probed."""
        ...

    def queued_look(self, ticket: str) -> QueuedLook | None: ...

    async def cost(self, codes: frozenset[str] | None) -> Cost:
        """What looking at these cameras costs, at all of them where none is named."""
        ...

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Codes of cameras that changed, in batches; a slow reader loses none, it gets a union."""
        ...
