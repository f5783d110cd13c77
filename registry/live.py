"""LiveView: how the API and the page see what only the running monitor holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from registry.cost import Cost
from registry.look import FeedKey, Look
from registry.values import value
from registry.vocabulary import Depth, Stage


@value(frozen=True, slots=True)
class Frame:
    """The last picture of a feed: a small JPEG, kept in memory only."""

    jpeg: bytes
    taken_at: datetime


class LookState(StrEnum):
    """How far a look that was asked for has come; the last three are its end."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # nothing was sent: `look` says why
    DROPPED = "dropped"  # it will not come


class WaitsFor(StrEnum):
    """What keeps a queued look waiting."""

    TURN = "turn"  # nothing: it begins within a moment
    SAME_FEED = "same_feed"  # a look at this feed is under way
    SESSIONS = "sessions"  # all sessions that the camera or recorder bears are in use
    LINE = "line"  # the line of the site or the center is used up
    PLACE = "place"  # this machine carries out as many looks as it may


class Dropped(StrEnum):
    ASKED_AGAIN = "asked_again"  # a later one at the same feed took its place
    NOT_PROBED = "not_probed"  # the feed is no longer looked at


@value(frozen=True, slots=True)
class Waiting:
    waits_for: WaitsFor
    ahead: int | None = None  # how many looks go first in the same line


@value(frozen=True, slots=True)
class QueuedLook:
    """A look that was asked for. It runs under the same budgets as any other."""

    ticket: str
    key: FeedKey
    depth: Depth
    state: LookState = LookState.QUEUED
    look: Look | None = None
    waiting: Waiting | None = None  # while it is queued
    stage: Stage | None = None  # while it runs: what it waits for, if that is a timed stage
    parked_until: datetime | None = None  # refused, since this login was rejected
    dropped: Dropped | None = None


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
