"""One look from the command line: the same door and decoder as the service, nothing kept."""

from __future__ import annotations

import asyncio
import contextlib

from monitor.beacons import Beacons
from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import ANY_NETWORK
from monitor.doors.rtsp import RtspDoor
from monitor.looking import Looker
from monitor.picture.pool import DecoderPool
from monitor.plan.lockout import LoginGate
from monitor.plan.scheduler import Order
from monitor.verdict import FeedMemory
from registry.clock import SystemClock
from registry.look import Look
from registry.targets import Target
from registry.vocabulary import Depth, Reason


async def look_once(target: Target, depth: Depth, timeout_s: float | None) -> Look:
    """Look as deep as asked; a picture look waits for two keyframes, to tell a frozen one."""
    clock = SystemClock()
    began_at = clock.now()
    limits = Limits()
    gate = LoginGate(clock, back_off_s=1.0)
    pool = DecoderPool(workers=1, clock=clock)
    with contextlib.closing(TcpOpener(clock)) as opener:
        door = RtspDoor(clock=clock, opener=opener, policy=ANY_NETWORK, limits=limits, gate=gate)
        looker = Looker(
            clock,
            door,
            pool,
            gate,
            Beacons(clock, ()),
            liveness_limit_s=limits.liveness_s,
            keyframe_limit_s=limits.keyframe_s,
        )
        try:
            if depth is Depth.PICTURE:
                await pool.start()
            keyframes = 2 if depth is Depth.PICTURE else 1
            order = Order(target, depth, keyframes, lag_s=0.0, ticket=None)
            async with asyncio.timeout(timeout_s):
                seen, _ = await looker.look(order, FeedMemory(), None)
        except TimeoutError:
            # Our own limit says nothing about the feed.
            return Look(
                depth=depth,
                started_at=began_at,
                duration_s=timeout_s or 0.0,
                failure=Reason.NOT_PROBED,
                detail=f"the {timeout_s:g} s given for the look were over before it was known",
            )
        else:
            return seen.look
        finally:
            await pool.close()
