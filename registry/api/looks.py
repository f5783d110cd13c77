"""Ask for a look and read what came of it. It only queues: the monitor's budgets decide when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import BaseModel, Field, StringConstraints

from registry.api.frames import FeedPath, feed_of
from registry.api.problems import Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.live import Dropped, LiveView, LookState, QueuedLook, WaitsFor
from registry.look import FeedKey, Look
from registry.models import Camera
from registry.security.access import Access
from registry.vocabulary import Answer, Codec, Depth, Outcome, Reason, Stage


class FindingShape(BaseModel):
    answer: Answer
    why: str | None
    value: float | None


class VideoShape(BaseModel):
    """What was not measured is null, never 0."""

    codec: Codec | None
    width: int | None
    height: int | None
    frames: int
    packets: int
    lost: int
    frames_per_second: float | None
    bytes_per_second: float | None
    jitter_s: float | None
    keyframe_interval_s: float | None


class LookShape(BaseModel):
    depth: Depth
    started_at: datetime
    duration_s: float
    outcome: Outcome
    reasons: list[Reason]
    attempted: bool = Field(description="false: nothing was sent, the login is parked")
    transport: str | None
    certificate_expires_at: datetime | None
    stages: dict[Stage, float]
    video: VideoShape
    first_frame_s: float | None
    clock_offset_s: float | None
    bytes_received: int
    findings: dict[Reason, FindingShape]
    quirks: list[str]
    detail: str | None = Field(description="for the technician: role operator and above")
    server: str | None = Field(description="for the technician: role operator and above")
    log: list[str] = Field(description="for the technician: role operator and above")

    @classmethod
    def of(cls, look: Look, *, technical: bool) -> LookShape:
        return cls(
            depth=look.depth,
            started_at=look.started_at,
            duration_s=look.duration_s,
            outcome=look.outcome,
            reasons=list(look.reasons),
            attempted=look.attempted,
            transport=look.transport,
            certificate_expires_at=look.certificate_expires_at,
            stages=dict(look.stages),
            video=_video(look),
            first_frame_s=look.first_frame_s,
            clock_offset_s=look.clock_offset_s,
            bytes_received=look.bytes_received,
            findings=_findings(look),
            quirks=list(look.quirks),
            detail=look.detail if technical else None,
            server=look.server if technical else None,
            log=list(look.log) if technical else [],
        )


def looks_at(
    live: LiveView, key: FeedKey, *, technical: bool, since: datetime | None
) -> list[LookShape]:
    """Those kept, the newest first; to a contractor none of before he answered for the camera."""
    return [
        LookShape.of(look, technical=technical)
        for look in live.looks(key)
        if since is None or look.started_at >= since
    ]


class LookAsked(Strict):
    depth: Depth = Depth.PICTURE


class Queued(BaseModel):
    ticket: str
    camera: str
    feed: str
    depth: Depth
    state: LookState
    waits_for: WaitsFor | None = Field(description="while it is queued")
    ahead: int | None = Field(description="how many looks go before it, as far as is known")
    stage: Stage | None = Field(
        description="while it runs: what it waits for; null while it counts frames or takes leave"
    )
    parked_until: datetime | None = Field(
        description="refused: the login was rejected, and is not sent again before"
    )
    dropped: Dropped | None = Field(description="why it will not come")
    look: LookShape | None = Field(description="done: what was seen; refused: why nothing was sent")


class TicketPath(Strict):
    ticket: Annotated[str, StringConstraints(min_length=1, max_length=100)]


async def ask_look(call: Call[FeedPath, Nothing, LookAsked]) -> Queued:
    key = FeedKey(call.path.code, call.path.id)
    async with call.serving.database.read() as session:
        await feed_of(session, key, call.within(Camera))
    queued = call.serving.live.look_now(key, call.body.depth)
    if queued is None:
        raise Problem(409, f"{key} is not being probed, so it cannot be looked at now")
    await call.views.asked(call.caller, key, call.body.depth)
    return _queued(queued)


async def get_look(call: Call[TicketPath, Nothing, Nothing]) -> Queued:
    queued = call.serving.live.queued_look(call.path.ticket)
    if queued is None or not await _is_visible(call, queued.key):
        raise Problem(404, f"no look has the ticket {call.path.ticket!r}; old ones are forgotten")
    return _queued(queued)


async def _is_visible(call: Call[Any, Any, Any], key: FeedKey) -> bool:
    async with call.serving.database.read() as session:
        found = sa.select(Camera.id).where(Camera.code == key.camera, call.within(Camera))
        return await session.scalar(found) is not None


def _queued(queued: QueuedLook) -> Queued:
    waiting = queued.waiting
    return Queued(
        ticket=queued.ticket,
        camera=queued.key.camera,
        feed=queued.key.feed,
        depth=queued.depth,
        state=queued.state,
        waits_for=waiting.waits_for if waiting else None,
        ahead=waiting.ahead if waiting else None,
        stage=queued.stage,
        parked_until=queued.parked_until,
        dropped=queued.dropped,
        look=None if queued.look is None else LookShape.of(queued.look, technical=True),
    )


def _video(look: Look) -> VideoShape:
    return VideoShape(**{name: getattr(look.video, name) for name in VideoShape.model_fields})


def _findings(look: Look) -> dict[Reason, FindingShape]:
    return {
        reason: FindingShape(answer=found.answer, why=found.why, value=found.value)
        for reason, found in look.findings.items()
    }


ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/cameras/{code}/feeds/{id}/look",
        name="askLook",
        tag="looks",
        summary="Ask for a look at a feed now, under the same budgets as any other",
        access=Access.OPERATE,
        handler=ask_look,
        path_model=FeedPath,
        body_model=LookAsked,
        answers=Queued,
        status=202,
        problems=(400, 404, 409),
    ),
    Route(
        method="GET",
        path="/api/v1/looks/{ticket}",
        name="getLook",
        tag="looks",
        summary="How far a look that was asked for has come",
        access=Access.OPERATE,
        handler=get_look,
        path_model=TicketPath,
        answers=Queued,
        problems=(404,),
    ),
)
