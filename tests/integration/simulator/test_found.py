"""Faults as the real door sees them, at the depth that their rows of FAULTS name."""

from __future__ import annotations

import asyncio

from monitor.doors.limits import Limits
from monitor.media.loss import LEAST_LOST, is_poor
from monitor.plan.lockout import LoginGate
from monitor.simulator.behaviour import FALLBACK_LOGIN, Behaviour, SimulatedCamera
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.faults import FAULTS, LOOKS_TO_CONFIRM, UNANSWERED_LOGINS
from monitor.simulator.fleet import Fleet
from registry.clock import SystemClock
from registry.targets import Login
from registry.vocabulary import Depth, Reason, TlsPolicy
from tests.fakes.targets import prober, target

LIMITS = Limits(reply_s=1.0, first_packet_s=1.0, liveness_s=2.0, teardown_s=0.3)
LOGIN = Login(FALLBACK_LOGIN.username, FALLBACK_LOGIN.password, {}, (), fingerprint="f")
IN_ONE_LOOK = [
    fault
    for fault in FAULTS.values()
    if fault.depth is Depth.LIVENESS and fault.looks <= LOOKS_TO_CONFIRM
]


async def test_each_fault_of_the_flow_is_seen_by_its_own_reason_in_one_look(
    library: ClipLibrary,
) -> None:
    cameras = [
        SimulatedCamera(code=f.behaviour, behaviour=f.behaviour, login=FALLBACK_LOGIN).able_to(
            f.behaviour
        )
        for f in IN_ONE_LOOK
    ]
    async with Fleet(cameras, library=library) as fleet:
        with prober(limits=LIMITS) as probe:
            targets = [target(fleet.url(f.behaviour), LOGIN) for f in IN_ONE_LOOK]
            looks = await asyncio.gather(*map(probe.look, targets))

    seen = {f.behaviour: look.failure for f, look in zip(IN_ONE_LOOK, looks, strict=True)}
    assert seen == {f.behaviour: f.reason for f in IN_ONE_LOOK}


async def test_a_camera_that_loses_packets_from_a_moment_on_is_poor_in_a_measure(
    library: ClipLibrary,
) -> None:
    camera = SimulatedCamera(code="CAM").able_to(Behaviour.LOSES_PACKETS)
    async with Fleet([camera], library=library) as fleet:
        with prober(limits=Limits(measure_s=5.0)) as probe:
            before = await probe.look(fleet.url("CAM"))
            await fleet.set_behaviour("CAM", Behaviour.LOSES_PACKETS)
            look = await probe.look(fleet.url("CAM"), Depth.MEASURE)

    assert (before.failure, before.transport, before.video.lost) == (None, "udp", 0)
    assert (look.failure, look.transport) == (None, "udp")
    assert is_poor(look.video.packets, look.video.lost, least=LEAST_LOST // 2)


async def test_a_camera_that_forgets_tls_was_live_before_and_is_again(library: ClipLibrary) -> None:
    camera = SimulatedCamera(code="CAM").able_to(Behaviour.PLAIN_INSTEAD_OF_TLS)
    async with Fleet([camera], library=library) as fleet:
        at = target(fleet.url("CAM"), tls_policy=TlsPolicy.ACCEPT_ANY)
        with prober(limits=LIMITS) as probe:
            seen = [await probe.look(at)]
            for behaviour in (Behaviour.PLAIN_INSTEAD_OF_TLS, Behaviour.LIVE):
                await fleet.set_behaviour("CAM", behaviour)
                seen.append(await probe.look(at))

    assert [look.failure for look in seen] == [None, Reason.TLS, None]
    assert "does not speak TLS on this port" in (seen[1].detail or "")
    assert [look.transport for look in seen] == ["tls", None, "tls"]


async def test_logins_that_get_no_answer_are_locked_out_and_no_more_are_sent(
    library: ClipLibrary,
) -> None:
    camera = SimulatedCamera(code="CAM", behaviour=Behaviour.HANGS_UP_ON_LOGIN)
    async with Fleet([camera], library=library) as fleet:
        with prober(gate=LoginGate(SystemClock(), back_off_s=1800.0)) as probe:
            at = target(fleet.url("CAM"), LOGIN)
            looks = [await probe.look(at) for _ in range(UNANSWERED_LOGINS + 2)]
        signed = fleet.stats().cameras["CAM"].signed_requests

    assert [look.failure for look in looks] == [
        *[Reason.CLOSED] * UNANSWERED_LOGINS,
        *[Reason.LOCKED_OUT] * 2,
    ]
    assert sum(look.signed_attempt for look in looks) == UNANSWERED_LOGINS
    assert signed <= 2 * UNANSWERED_LOGINS  # each look asks once more (Q09)
