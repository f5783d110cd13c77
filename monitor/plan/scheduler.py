"""One task over the due-queue: starts each look when it is due, its line has room and its host a
session free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import replace
from math import inf

from monitor.plan.budgets import Budgets
from monitor.plan.due import Due, DueQueue
from monitor.plan.lines import LineBudgets
from monitor.plan.places import Places
from monitor.plan.rhythm import Cadences, Turns, next_turn, phase_of, phases_of
from monitor.plan.throttle import Throttle
from monitor.plan.toll import Done
from monitor.verdict import Rhythm, rhythm
from registry.clock import Clock
from registry.live import Dropped, Waiting, WaitsFor
from registry.look import FeedKey
from registry.targets import Target
from registry.values import value
from registry.vocabulary import Depth

# How fast an estate is taken up: each look brings two keyframes, and one decoder does 70 a second.
FIRST_LOOKS_PER_S = 25.0


@value(frozen=True, slots=True)
class Order:
    """One look as the scheduler hands it out."""

    target: Target
    depth: Depth
    keyframes: int
    lag_s: float
    ticket: str | None
    crowded: bool = False  # its host is at its session budget


CarryOut = Callable[[Order], Awaitable[Done]]


class Scheduler:
    """Plans looks for an estate that may change while it runs."""

    def __init__(
        self,
        clock: Clock,
        carry_out: CarryOut,
        cadences: Cadences,
        *,
        lines: LineBudgets = LineBudgets(),  # noqa: B008 - frozen
        concurrency: int = 500,
        stalled_s: Callable[[], float] = lambda: 0.0,
        dropped: Callable[[str, Dropped], None] = lambda ticket, why: None,
    ) -> None:
        self._clock = clock
        self._carry_out = carry_out
        self._cadences = cadences
        self._dropped = dropped  # told of tickets whose look will not come
        self._queue = DueQueue()
        self._targets: Mapping[FeedKey, Target] = {}
        self._turns: dict[FeedKey, Turns] = {}
        self._phases: Mapping[FeedKey, float] = {}
        self._places = Places(concurrency)
        self._throttle = Throttle(concurrency, stalled_s)
        self._budgets = Budgets(lines, self._places.admit)
        self._taken: set[FeedKey] = set()  # popped, and not done yet
        self._asked: dict[FeedKey, Due] = {}  # asked for while a look at the same feed runs
        self._woken = asyncio.Event()
        self._sleeps_until_s = 0.0

    @property
    def in_flight(self) -> int:
        return self._places.running

    def gauges(self) -> dict[str, float]:
        """What is held back and by what; may be asked from another thread."""
        places = {
            "looks_allowed": float(self._places.most),
            "looks_waiting_for_place": float(self._places.waiting),
        }
        return self._budgets.gauges(self._clock.monotonic()) | places

    def rhythm_of(self, target: Target) -> Rhythm:
        return rhythm(
            self.effective_cadence_s(target),
            self._cadences.picture_of(target),
            self._cadences.pictures_for(target),
        )

    def effective_cadence_s(self, target: Target) -> float:
        wanted = self._cadences.liveness_of(target)
        allowed = self._budgets.cadence_s(target, wanted, self._clock.monotonic())
        return self._places.cadence_s(target.key, allowed)

    def follow(self, targets: Mapping[FeedKey, Target], known: Set[FeedKey]) -> None:
        """Take over an estate: new feeds are looked at soon, changed ones at once, gone ones never.

        `known` are the feeds whose state from an earlier run still holds.
        """
        now = self._clock.monotonic()
        before, self._targets = self._targets, targets
        self._phases = phases_of(targets)
        self._budgets.recount(targets, now)
        for key in before.keys() - targets.keys():
            self._forget(key)
        new = targets.keys() - before.keys()
        spread_s = len(new - known) / FIRST_LOOKS_PER_S
        for key in new:
            self._take_up(targets[key], now, spread_s, known=key in known)
        moved = [k for k, t in targets.items() if k in before and _is_elsewhere(before[k], t)]
        for key in moved:
            at = now + self._phases[key] * len(moved) / FIRST_LOOKS_PER_S
            self._plan(Due(key, at, Depth.PICTURE, keyframes=2))
        self._woken.set()

    def ask(self, key: FeedKey, depth: Depth, ticket: str | None = None) -> bool:
        """Look as soon as the budgets allow; `ticket` for who wants to hear of it. False when the
        feed is not looked at.
        """
        if key not in self._targets:
            return False
        due = Due(key, self._clock.monotonic(), depth, ticket=ticket)
        if key in self._taken:
            self._drop(self._asked.pop(key, None), Dropped.ASKED_AGAIN)
            self._asked[key] = due
        else:
            self._drop(self._queue.get(key), Dropped.ASKED_AGAIN)
            self._plan(due)
        self._woken.set()
        return True

    def waiting(self, key: FeedKey) -> Waiting:
        """What a look at this feed that was asked for, and has not begun, waits for."""
        held_back = self._budgets.waiting(key)
        if held_back is not None:
            return held_back
        if (ahead := self._places.ahead_of(key)) is not None:
            return Waiting(WaitsFor.PLACE, ahead)
        return Waiting(WaitsFor.SAME_FEED if key in self._asked else WaitsFor.TURN)

    def _forget(self, key: FeedKey) -> None:
        self._drop(self._queue.get(key), Dropped.NOT_PROBED)
        self._drop(self._asked.pop(key, None), Dropped.NOT_PROBED)
        self._queue.discard(key)
        self._places.forget(key)
        self._turns.pop(key, None)

    def _drop(self, due: Due | None, why: Dropped) -> None:
        if due is not None and due.ticket is not None:
            self._dropped(due.ticket, why)

    async def run(self) -> None:
        """Until cancelled; looks under way are cancelled with it and end their sessions."""
        async with asyncio.TaskGroup() as looks:
            while True:
                self._woken.clear()
                self._start_what_is_due(looks)
                await self._sleep_until_next()

    def _next_at(self) -> float:
        due, rings = self._queue.next_at(), self._budgets.next_at()
        return min(inf if due is None else due, inf if rings is None else rings)

    async def _sleep_until_next(self) -> None:
        self._sleeps_until_s = next_at = self._next_at()
        if next_at == inf:
            await self._woken.wait()
            return
        slept = asyncio.ensure_future(self._clock.sleep(next_at - self._clock.monotonic()))
        slept.add_done_callback(self._slept)
        try:
            await self._woken.wait()
        finally:
            slept.cancel()

    def _slept(self, slept: asyncio.Future[None]) -> None:
        if not slept.cancelled():
            self._woken.set()

    def _start_what_is_due(self, looks: asyncio.TaskGroup) -> None:
        now = self._clock.monotonic()
        self._budgets.ring(now)
        while due := self._queue.pop(now):
            target = self._targets[due.key]
            self._taken.add(due.key)
            self._budgets.enter(self._deepened(due, target, now), target, now)
        self._start_ready(looks)

    def _start_ready(self, looks: asyncio.TaskGroup) -> None:
        now = self._clock.monotonic()
        self._places.most = self._throttle.settle(now, self._places.running)
        while due := self._places.take():
            looks.create_task(self._one(due, looks))

    async def _one(self, due: Due, looks: asyncio.TaskGroup) -> None:
        target = self._targets.get(due.key)
        if target is not None and not self._budgets.is_admitted(target):
            target = None  # moved while it waited: goes back to the queue below
        began = self._clock.monotonic()
        done: Done | None = None
        try:
            if target is not None:
                done = await self._carry_out(self._order(due, target, began))
        finally:
            now = self._clock.monotonic()
            toll = done.toll if done else None
            waited_s = self._budgets.left(due.key, now, now - began, toll)
            self._places.left(due.key, now - began, toll.succeeded if toll else None)
            self._taken.discard(due.key)
        if target is not None and done is not None:
            self._plan_after(due, done, waited_s)
            self._plan_anew_if_elsewhere(target)
        elif due.key in self._targets:
            self._plan(due)
        else:
            self._drop(due, Dropped.NOT_PROBED)
        self._start_ready(looks)
        if self._next_at() < self._sleeps_until_s:
            self._woken.set()

    def _order(self, due: Due, target: Target, began: float) -> Order:
        return Order(
            target,
            due.depth,
            due.keyframes,
            lag_s=began - due.at_s,
            ticket=due.ticket,
            crowded=self._budgets.is_crowded(due.key, began),
        )

    def _plan_anew_if_elsewhere(self, looked_at: Target) -> None:
        """The registry changed while the look ran: what it saw is not what the feed is now."""
        target = self._targets.get(looked_at.key)
        if target is not None and target is not looked_at and _is_elsewhere(looked_at, target):
            now = self._clock.monotonic()
            self._plan(Due(target.key, now, Depth.PICTURE, keyframes=2))

    def _deepened(self, due: Due, target: Target, now: float) -> Due:
        """A liveness look whose feed is due for more becomes that; what was asked for stays."""
        turns = self._turns.get(due.key)
        if turns is None or due.depth is not Depth.LIVENESS or due.ticket:
            return due
        slack = self._cadences.liveness_of(target) / 2
        depth = turns.depth_at(now, slack, pictures=self._cadences.pictures_for(target))
        return due if depth is due.depth else replace(due, depth=depth)

    def _plan_after(self, due: Due, done: Done, waited_s: float) -> None:
        target, turns = self._targets.get(due.key), self._turns.get(due.key)
        if target is None or turns is None:
            return  # retired while it was looked at
        now = self._clock.monotonic()
        if due.depth is Depth.PICTURE:
            every = self._cadences.picture_of(target)
            turns.picture_s = next_turn(turns.picture_s, every, now)
        elif due.depth is Depth.MEASURE:
            turns.measure_s = next_turn(turns.measure_s, self._cadences.measure_s, now)
        asked = self._asked.pop(due.key, None)
        cadence, following = self.effective_cadence_s(target), done.following
        rests_s = self._budgets.rest_s(due.key)
        if asked is not None:
            self._plan(asked)
        elif (
            following is not None
            and following.after_s < cadence
            and (following.is_quick or not rests_s)
        ):
            at = now + following.after_s
            self._plan(Due(due.key, at, following.depth, following.keyframes))
        else:
            if following is not None:  # a picture is wanted, but looking goes on meanwhile
                turns.picture_s = min(turns.picture_s, now + following.after_s)
            at = self._next_liveness(due, turns, cadence, now, waited_s)
            rests_s = max(rests_s, done.toll.rests_s)
            self._plan(Due(due.key, max(at, now + rests_s), Depth.LIVENESS))

    def _next_liveness(
        self, due: Due, turns: Turns, cadence: float, now: float, waited_s: float
    ) -> float:
        """The second look falls on the feed's own phase and waits until all feeds of the host have
        had their first. Those after it keep the distance from the place they got: channels of a
        recorder, each with a look of its own length, settle where none waits for another.
        """
        if turns.in_step:
            return max(due.at_s + waited_s + cadence, now)
        turns.in_step = True
        target = self._targets[due.key]
        steady = self._budgets.steady_cadence_s(target, self._cadences.liveness_of(target), now)
        return max(now, turns.taken_up_s) + self._phases[due.key] * steady

    def _take_up(self, target: Target, now: float, spread_s: float, *, known: bool) -> None:
        """What an earlier run knows is looked at in its turn. What is new is in no rush: its first
        look is a picture look with two keyframes, which proves all there is to prove.
        """
        key, phase = target.key, self._phases[target.key]
        cadence, pictures = self.effective_cadence_s(target), self._cadences.pictures_for(target)
        round_s = 0.0 if known else self._budgets.first_round_s(target.host_key)
        begins = now + phase_of(target.host_key) * max(0.0, spread_s - round_s)
        if round_s:
            self._budgets.take_up(target.host_key, begins + round_s)
        self._turns[key] = Turns(
            picture_s=now + phase * self._cadences.picture_of(target),
            measure_s=now + phase * self._cadences.measure_s + cadence,
            taken_up_s=begins + round_s,
            in_step=known,
        )
        if known:
            self._plan(Due(key, now + phase * cadence, Depth.LIVENESS))
        elif pictures:
            self._plan(Due(key, begins + phase * round_s, Depth.PICTURE, keyframes=2))
        else:
            self._plan(Due(key, begins + phase * round_s, Depth.LIVENESS))

    def _plan(self, due: Due) -> None:
        if due.key not in self._taken:
            self._queue.put(due)


def _is_elsewhere(before: Target, after: Target) -> bool:
    """Another place or another login: worth a look at once. A new name or budget is not."""
    return before.place != after.place or before.login != after.login
