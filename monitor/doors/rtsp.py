"""RTSP and RTSPS: one look at one feed, media over TCP or UDP.

Always leaves the camera the way it found it.
"""

from __future__ import annotations

from monitor.doors.attention import Breath
from monitor.doors.dial import Dialer
from monitor.doors.gate import OPEN_GATE, SignGate
from monitor.doors.limits import Limits
from monitor.doors.opener import Opener
from monitor.doors.policy import NetworkPolicy
from monitor.doors.report import Account, look_of
from monitor.doors.tls import Trust
from monitor.doors.tools import Tools
from monitor.doors.visit import Visit
from monitor.doors.ways import Ways
from monitor.rtsp.failures import ProbeError
from registry.clock import Clock
from registry.look import FeedKey, Look
from registry.targets import Target
from registry.vocabulary import Depth, Stage


class RtspDoor:
    """The way in for `rtsp://` and `rtsps://` feeds."""

    def __init__(
        self,
        *,
        clock: Clock,
        opener: Opener,
        policy: NetworkPolicy,
        trust: Trust | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        gate: SignGate = OPEN_GATE,
    ) -> None:
        dialer = Dialer(clock, opener, policy, trust or Trust())
        self._tools = Tools(clock, dialer, limits, gate, Ways(), Breath(clock))
        self._visits: dict[FeedKey, Visit] = {}

    def stage_of(self, key: FeedKey) -> Stage | None:
        """What the look at this feed waits for; None while there is none."""
        visit = self._visits.get(key)
        return None if visit is None else visit.stage()

    async def look(
        self, target: Target, depth: Depth, deadline: float, *, keyframes: int = 1
    ) -> Look:
        """One look; `deadline` in the clock's monotonic seconds. Only cancellation is raised.

        `keyframes=2` makes a picture look wait for a keyframe of the next GOP too.
        """
        clock = self._tools.clock
        account = Account(depth=depth, started_at=clock.now(), started=clock.monotonic())
        visit = Visit(self._tools, target, account, deadline, keyframes)
        self._visits[target.key] = visit
        try:
            await visit.conduct()
        except ProbeError as error:
            # Its traceback holds the frames that hold the account: no circle is left behind.
            account.error = error.with_traceback(None)
        finally:
            self._visits.pop(target.key, None)
        look = look_of(account, clock)
        if account.receiver is not None:
            account.receiver.units.let_go()
        return look
