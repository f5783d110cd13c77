"""Every fault of the flow as the real door sees it, at the depth that its row of FAULTS names."""

from __future__ import annotations

import asyncio

from monitor.doors.limits import Limits
from monitor.simulator.behaviour import FALLBACK_LOGIN, SimulatedCamera
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.faults import FAULTS
from monitor.simulator.fleet import Fleet
from registry.targets import Login
from registry.vocabulary import Depth
from tests.fakes.targets import prober, target

LIMITS = Limits(reply_s=1.0, first_packet_s=1.0, liveness_s=2.0, teardown_s=0.3)
LOGIN = Login(FALLBACK_LOGIN.username, FALLBACK_LOGIN.password, {}, (), fingerprint="f")
OF_THE_FLOW = [f for f in FAULTS.values() if f.depth is Depth.LIVENESS]


async def test_each_fault_of_the_flow_is_seen_by_its_own_reason_in_one_liveness_look(
    library: ClipLibrary,
) -> None:
    cameras = [
        SimulatedCamera(code=f.behaviour, behaviour=f.behaviour, login=FALLBACK_LOGIN)
        for f in OF_THE_FLOW
    ]
    async with Fleet(cameras, library=library) as fleet:
        with prober(limits=LIMITS) as probe:
            targets = [target(fleet.url(f.behaviour), LOGIN) for f in OF_THE_FLOW]
            looks = await asyncio.gather(*map(probe.look, targets))

    seen = {f.behaviour: look.failure for f, look in zip(OF_THE_FLOW, looks, strict=True)}
    assert seen == {f.behaviour: f.reason for f in OF_THE_FLOW}
