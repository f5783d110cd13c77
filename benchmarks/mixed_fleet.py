"""Fleets like a region's: single cameras, recorders and a tenant, slow replies, some in trouble.

They are the same for the same number of feeds. They start nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.estate import Feed
from monitor.simulator.behaviour import (
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.faults import FAULTS, Fault
from monitor.simulator.plan import Clips, FleetPlan
from registry.vocabulary import Codec

LOGIN = SimulatedLogin("camreach", "simulated-fleet")
BEHIND_RECORDERS = 0.30
IN_TROUBLE = 0.10
SESSIONS = 4
_CHANNELS = (16, 32, 64)
# A cloud service that hands on all cameras of one customer: from 3,000 feeds on there is one.
TENANT, TENANT_CHANNELS, TENANT_SESSIONS, _WITH_TENANT = "tenant-00000", 338, 64, 3000
_H265 = 0.2
STALLS_EVERY_S = 30.0  # so one look in ten meets a stall
_LINGERS_S = 20.0  # a session left behind is missed by the recorder's other channels

# A login that is parked for one channel is so for the whole recorder, by design; and some things a
# box does as a whole. Both would put healthy channels out of sight.
_PARKING = (Behaviour.REJECTS_LOGIN, Behaviour.HANGS_UP_ON_LOGIN)
_ONLY_ALONE = frozenset(b for b in Behaviour if b.is_of_the_box or b in _PARKING)
_TROUBLE = tuple(behaviour for behaviour in Behaviour if behaviour is not Behaviour.LIVE)


@dataclass(frozen=True, slots=True)
class MixedFleet:
    cameras: tuple[SimulatedCamera, ...]
    recorders: tuple[SimulatedRecorder, ...]

    def plan(self, clips: Clips) -> FleetPlan:
        return FleetPlan(cameras=self.cameras, recorders=self.recorders, port=0, clips=clips)

    def feeds(self, urls: dict[str, str]) -> Iterator[Feed]:
        sessions = {recorder.code: recorder.session_limit for recorder in self.recorders}
        for camera in self.cameras:
            yield Feed(
                code=camera.code,
                url=urls[camera.code],
                recorder=camera.recorder,
                sessions=sessions.get(camera.recorder or "", 1),
                width=640,
                height=360,
            )

    def faults(self) -> dict[str, Fault]:
        """What must be said of each camera."""
        return {camera.code: FAULTS[camera.behaviour] for camera in self.cameras}


def mixed_fleet(count: int) -> MixedFleet:
    """One feed in ten is in trouble, every kind in turn."""
    fleet, chance = _estate(count)
    cameras = list(fleet.cameras)
    chance.shuffle(cameras)
    return replace(fleet, cameras=tuple(_troubled(cameras, round(count * IN_TROUBLE))))


def healthy_fleet(count: int, *, udp_loss: float = 0.0, stalls: bool = False) -> MixedFleet:
    """Nothing is wrong but the network: every second feed comes over UDP and loses packets."""
    fleet, _ = _estate(count)
    every_s = STALLS_EVERY_S if stalls else 0.0
    return replace(
        fleet,
        cameras=tuple(
            replace(
                camera,
                udp=udp_loss > 0 and number % 2 == 1,
                loss=udp_loss,
                stalls_every_s=every_s,
            )
            for number, camera in enumerate(fleet.cameras)
        ),
    )


def _estate(count: int) -> tuple[MixedFleet, random.Random]:
    chance = random.Random(count)
    recorded = list(_recorded(round(count * BEHIND_RECORDERS), chance, count >= _WITH_TENANT))
    alone = [SimulatedCamera(code=f"cam-{number:05}") for number in range(count - len(recorded))]
    cameras = tuple(_natured(camera, chance) for camera in (*alone, *recorded))
    names = sorted({camera.recorder for camera in recorded if camera.recorder})
    return MixedFleet(cameras, tuple(map(_recorder, names))), chance


def _recorder(name: str) -> SimulatedRecorder:
    sessions = TENANT_SESSIONS if name == TENANT else SESSIONS
    return SimulatedRecorder(code=name, session_limit=sessions, lingering_s=_LINGERS_S)


def _recorded(count: int, chance: random.Random, tenant: bool) -> Iterator[SimulatedCamera]:
    made = TENANT_CHANNELS if tenant else 0
    for channel in range(made):
        yield SimulatedCamera(code=f"{TENANT}-{channel:03}", recorder=TENANT)
    while made < count:
        channels = min(chance.choice(_CHANNELS), count - made)
        recorder = f"nvr-{made:05}"
        for channel in range(channels):
            yield SimulatedCamera(code=f"{recorder}-{channel:02}", recorder=recorder)
        made += channels


def _natured(camera: SimulatedCamera, chance: random.Random) -> SimulatedCamera:
    """Replies in 40 ms at the median, one in fifty cameras takes over 300 ms."""
    return replace(
        camera,
        codec=Codec.H265 if chance.random() < _H265 else Codec.H264,
        login=LOGIN,
        reply_delay_s=min(1.0, chance.lognormvariate(-3.2, 1.0)),
        start_delay_s=chance.uniform(0.0, 0.5),
    )


def _troubled(cameras: Sequence[SimulatedCamera], count: int) -> Iterator[SimulatedCamera]:
    """Every kind of trouble in turn, each given to the next camera that can have it."""
    waiting = [_TROUBLE[number % len(_TROUBLE)] for number in range(count)]
    for camera in cameras:
        fitting = (b for b in waiting if camera.recorder is None or b not in _ONLY_ALONE)
        behaviour = next(fitting, None)
        if behaviour is None:
            yield camera
        else:
            waiting.remove(behaviour)
            yield replace(camera.able_to(behaviour), behaviour=behaviour)
