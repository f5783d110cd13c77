"""Targets and doors for tests of the way in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from monitor.doors.gate import OPEN_GATE, SignGate
from monitor.doors.limits import Limits
from monitor.doors.opener import Opener, TcpOpener
from monitor.doors.policy import ANY_NETWORK, NetworkPolicy
from monitor.doors.rtsp import RtspDoor
from monitor.doors.tls import Trust
from registry.clock import SystemClock
from registry.look import FeedKey, Look
from registry.targets import Login, Target
from registry.vocabulary import (
    CameraKind,
    Depth,
    Hop,
    Importance,
    Lifecycle,
    Reason,
    TlsPolicy,
    TransportPolicy,
)

LOGIN = Login("viewer", "s3cret/word", {}, ("127.0.0.0/8",), fingerprint="f")


def target(
    url: str,
    login: Login | None = None,
    *,
    transport: TransportPolicy = TransportPolicy.AUTO,
    expected_fps: float | None = None,
    keyframe_limit_s: float | None = None,
    tls_policy: TlsPolicy = TlsPolicy.VERIFY,
) -> Target:
    place = urlsplit(url)
    return Target(
        key=FeedKey("CAM-1", "main"),
        feed_id=1,
        url=url,
        host=place.hostname or "",
        port=place.port or 554,
        hop=Hop.CAMERA,
        kind=CameraKind.STREET,
        importance=Importance.NORMAL,
        lifecycle=Lifecycle.IN_SERVICE,
        login=login,
        transport=transport,
        expected_fps=expected_fps,
        keyframe_limit_s=keyframe_limit_s,
        tls_policy=tls_policy,
    )


class Prober:
    """A door with everything real behind it."""

    def __init__(
        self, opener: Opener, limits: Limits, gate: SignGate, policy: NetworkPolicy, trust: Trust
    ) -> None:
        self.clock = SystemClock()
        self.door = RtspDoor(
            clock=self.clock, opener=opener, policy=policy, trust=trust, limits=limits, gate=gate
        )

    async def look(
        self,
        at: Target | str,
        depth: Depth = Depth.LIVENESS,
        *,
        within_s: float = 25.0,
        keyframes: int = 1,
    ) -> Look:
        """A look that this machine spoiled says nothing of the camera: it is made again."""
        wanted = target(at) if isinstance(at, str) else at
        deadline = self.clock.monotonic() + within_s
        look = await self.door.look(wanted, depth, deadline, keyframes=keyframes)
        while _was_spoiled(look) and self.clock.monotonic() < deadline:
            look = await self.door.look(wanted, depth, deadline, keyframes=keyframes)
        return look


def _was_spoiled(look: Look) -> bool:
    return look.failure is Reason.INTERNAL and "too busy" in (look.detail or "")


@contextmanager
def prober(
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    gate: SignGate = OPEN_GATE,
    policy: NetworkPolicy = ANY_NETWORK,
    opener: Opener | None = None,
    ca_file: Path | None = None,
) -> Iterator[Prober]:
    real = TcpOpener(SystemClock())
    try:
        yield Prober(opener or real, limits, gate, policy, Trust(ca_file))
    finally:
        real.close()
