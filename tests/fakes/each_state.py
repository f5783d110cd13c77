"""A camera in each state, and a look of which everything is known, for whoever reads pages."""

from __future__ import annotations

from datetime import datetime

from registry.look import NO_CHECK_YET, Finding, Look, Video
from registry.models import Camera
from registry.vocabulary import (
    Answer,
    CameraKind,
    Codec,
    DeliveryState,
    Depth,
    FailingAt,
    Importance,
    Lifecycle,
    Reason,
    Stage,
)
from tests.fakes.estate import Estate


async def plant_each_state(plant: Estate, *, seen_ago: float = 20.0) -> dict[str, Camera]:
    """A1 reaches; A2 is down and A3 dark; A4 was never seen; A5 is only stored; A6 is planned."""
    cameras = [
        await plant.camera("A1", name="Площадь", seen_ago=seen_ago),
        await plant.camera(
            "A2",
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
            failing_at=FailingAt.LINK,
            seen_ago=seen_ago,
            relay=True,
        ),
        await plant.camera(
            "A3", state=DeliveryState.DEGRADED, reason=Reason.TOO_DARK, seen_ago=seen_ago
        ),
        await plant.camera("A4", state=None, importance=Importance.HIGH),
        await plant.camera("A5", kind=CameraKind.DOORWAY, centers=(), seen_ago=seen_ago),
        await plant.camera("A6", state=None, lifecycle=Lifecycle.PLANNED),
    ]
    return {camera.code: camera for camera in cameras}


def full_look(started_at: datetime) -> Look:
    """Nothing came of it, and everything that a look can tell is told."""
    return Look(
        depth=Depth.PICTURE,
        started_at=started_at,
        duration_s=6.5,
        failure=Reason.NO_PACKETS,
        detail="seen nothing within 5.0 s, expected RTP on channel 0 of rtsp://198.18.9.1:554/A2",
        transport="tcp",
        stages={Stage.CONNECT: 0.004, Stage.DESCRIBE: 1.25, Stage.SETUP: 0.2},
        video=Video(codec=Codec.H265, width=2560, height=1440),
        findings={
            Reason.FROZEN: Finding(Answer.NOT_CHECKABLE, why="one keyframe only"),
            Reason.BLACK: Finding(Answer.OK),
            Reason.TOO_DARK: Finding(Answer.FOUND),
            Reason.NOISY: Finding(Answer.NOT_CHECKABLE, why=NO_CHECK_YET),
        },
        server="Hikvision-Webs/3.0 LIVE555 Streaming Media v2015.01.27",
        quirks=("content_base_absent", "session_timeout_absent"),
        log=("> DESCRIBE rtsp://198.18.9.1:554/Streaming/Channels/1601 RTSP/1.0", "< 200 OK"),
    )
