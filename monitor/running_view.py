"""The running monitor as the API and the page see it: LiveView over real state. It only reads."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.changes import Changes
from monitor.frames import Frames
from monitor.knowledge import Knowledge
from monitor.plan.scheduler import Scheduler
from registry.cost import Cost
from registry.live import Dropped, Frame, LookState, QueuedLook
from registry.look import FeedKey, Look
from registry.targets import Target
from registry.vocabulary import Depth, Stage

KEPT_TICKETS = 1000


class RunningView:
    """Implements LiveView."""

    def __init__(
        self,
        knowledge: Knowledge,
        scheduler: Scheduler,
        changes: Changes,
        frames: Frames,
        reckon: Callable[[Sequence[Target]], Cost],
        parked_until: Callable[[Target], datetime | None],
        stage_of: Callable[[FeedKey], Stage | None],
    ) -> None:
        self._knowledge = knowledge
        self._scheduler = scheduler
        self._changes = changes
        self._frames = frames
        self._reckon = reckon
        self._parked_until = parked_until
        self._stage_of = stage_of
        self._tickets: OrderedDict[str, QueuedLook] = OrderedDict()

    def looks(self, key: FeedKey) -> tuple[Look, ...]:
        record = self._knowledge.feeds.get(key)
        if record is None:
            return ()
        scrolled_out = [look for look in record.failing_looks if look not in record.looks]
        return (*record.looks, *scrolled_out)

    def frame(self, key: FeedKey) -> Frame | None:
        record = self._knowledge.feeds.get(key)
        return self._frames.get(key) if record and record.target.snapshots else None

    def effective_cadence_s(self, key: FeedKey) -> float | None:
        record = self._knowledge.feeds.get(key)
        return record.rhythm.effective_cadence_s if record else None

    def look_now(self, key: FeedKey, depth: Depth) -> QueuedLook | None:
        ticket = secrets.token_urlsafe(12)
        if not self._scheduler.ask(key, depth, ticket):
            return None
        queued = self._tickets[ticket] = QueuedLook(ticket, key, depth)
        if len(self._tickets) > KEPT_TICKETS:
            self._tickets.popitem(last=False)
        return self._as_it_stands(queued)

    def queued_look(self, ticket: str) -> QueuedLook | None:
        queued = self._tickets.get(ticket)
        return None if queued is None else self._as_it_stands(queued)

    def _as_it_stands(self, queued: QueuedLook) -> QueuedLook:
        match queued.state:
            case LookState.QUEUED:
                return replace(queued, waiting=self._scheduler.waiting(queued.key))
            case LookState.RUNNING:
                return replace(queued, stage=self._stage_of(queued.key))
            case _:
                return queued

    def began(self, ticket: str) -> None:
        self._set(ticket, LookState.RUNNING)

    def ended(self, ticket: str, target: Target, look: Look) -> None:
        if look.attempted:
            self._set(ticket, LookState.DONE, look=look)
        else:
            until = self._parked_until(target)
            self._set(ticket, LookState.REFUSED, look=look, parked_until=until)

    def dropped(self, ticket: str, why: Dropped) -> None:
        self._set(ticket, LookState.DROPPED, dropped=why)

    def _set(self, ticket: str, state: LookState, **more: Any) -> None:
        """What was said of an earlier state holds no more."""
        queued = self._tickets.get(ticket)
        if queued is not None:
            self._tickets[ticket] = QueuedLook(ticket, queued.key, queued.depth, state, **more)

    async def cost(self, codes: frozenset[str] | None) -> Cost:
        """In a thread: 10,000 feeds take longer than the loop may stand still."""
        records = self._knowledge.feeds.items()
        targets = [r.target for key, r in records if codes is None or key.camera in codes]
        return await asyncio.to_thread(self._reckon, targets)

    def changes(self) -> AsyncIterator[frozenset[str]]:
        return self._changes.listen()
