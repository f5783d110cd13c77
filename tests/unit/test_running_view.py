"""A look that was asked for, from the queue to its end, as its ticket tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done
from monitor.running_view import RunningView
from registry.live import LookState, QueuedLook, Waiting, WaitsFor
from registry.look import Look
from registry.vocabulary import Depth, Stage
from tests.fakes.clock import FakeClock
from tests.fakes.targets import target

CADENCES = Cadences(liveness_s=60, liveness_high_s=30, picture_s=600, measure_s=100_000)


async def test_a_ticket_tells_the_stage_only_while_its_look_runs():
    async def look(_order: Order) -> Done:
        return Done()

    at = target("rtsp://192.0.2.7/1")
    scheduler = Scheduler(FakeClock(), look, CADENCES)
    scheduler.follow({at.key: at}, set())
    nobody = cast(Any, None)  # what a ticket has no part in
    view = RunningView(
        nobody, scheduler, nobody, nobody, nobody, lambda _: None, {at.key: Stage.DESCRIBE}.get
    )

    queued = view.look_now(at.key, Depth.LIVENESS)
    assert queued is not None

    def told() -> QueuedLook:
        found = view.queued_look(queued.ticket)
        assert found is not None
        return found

    assert (told().state, told().stage) == (LookState.QUEUED, None)
    assert told().waiting == Waiting(WaitsFor.TURN)
    view.began(queued.ticket)
    assert (told().state, told().stage) == (LookState.RUNNING, Stage.DESCRIBE)
    seen = Look(depth=Depth.LIVENESS, started_at=datetime.now(UTC), duration_s=0.1)
    view.ended(queued.ticket, at, seen)
    assert (told().state, told().stage, told().look) == (LookState.DONE, None, seen)
