"""A look leaves no circle of values behind: its buffers go with it, not at some collection."""

from __future__ import annotations

import asyncio
import gc

import pytest

from monitor.doors.visit import Visit
from registry.vocabulary import Depth, Reason
from tests.fakes.scripted_camera import ScriptedCamera, Talk
from tests.fakes.targets import prober
from tests.integration.doors.test_streams import LIMITS, moving, streaming


async def _silent(talk: Talk) -> None:
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    ("script", "depth", "failure"),
    [
        (streaming(moving()), Depth.LIVENESS, None),
        (streaming(moving()), Depth.PICTURE, None),
        (streaming(moving()[:1]), Depth.LIVENESS, Reason.BURST_ONLY),
        (_silent, Depth.LIVENESS, Reason.TIMEOUT),
    ],
    ids=["live", "picture", "stalled", "silent"],
)
async def test_a_look_leaves_nothing_to_the_garbage_collector(script, depth, failure):
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            gc.collect()
            gc.disable()
            try:
                look = await probe.look(camera.url, depth)
                await asyncio.sleep(0.1)  # the transport lets go in a turn of its own
                left = [one for one in gc.get_objects() if isinstance(one, Visit)]
            finally:
                gc.enable()

    assert look.failure is failure
    assert left == []
