"""A fleet like a region's: single cameras and recorders, slow replies, some in trouble.

It is the same for the same number of cameras. It starts nothing.
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
_H265 = 0.2
_LINGERS_S = 20.0  # a session left behind is missed by the recorder's other channels

# A login that is rejected on one channel parks the whole recorder, by design; and a box refuses as
# a whole. Both would put healthy channels out of sight.
_ONLY_ALONE = frozenset({Behaviour.REFUSES, Behaviour.REJECTS_LOGIN})
_TROUBLE = tuple(behaviour for behaviour in Behaviour if behaviour is not Behaviour.LIVE)


@dataclass(frozen=True, slots=True)
class MixedFleet:
    cameras: tuple[SimulatedCamera, ...]
    recorders: tuple[SimulatedRecorder, ...]

    def plan(self, clips: Clips) -> FleetPlan:
        return FleetPlan(cameras=self.cameras, recorders=self.recorders, port=0, clips=clips)

    def feeds(self, urls: dict[str, str]) -> Iterator[Feed]:
        for camera in self.cameras:
            yield Feed(
                code=camera.code,
                url=urls[camera.code],
                recorder=camera.recorder,
                sessions=SESSIONS,
                width=640,
                height=360,
            )

    def faults(self) -> dict[str, Fault]:
        """What must be said of each camera."""
        return {camera.code: FAULTS[camera.behaviour] for camera in self.cameras}


def mixed_fleet(count: int) -> MixedFleet:
    chance = random.Random(count)
    recorded = list(_recorded(round(count * BEHIND_RECORDERS), chance))
    alone = [SimulatedCamera(code=f"cam-{number:05}") for number in range(count - len(recorded))]
    cameras = [_natured(camera, chance) for camera in (*alone, *recorded)]
    chance.shuffle(cameras)
    names = sorted({camera.recorder for camera in recorded if camera.recorder})
    return MixedFleet(
        tuple(_troubled(cameras, round(count * IN_TROUBLE))),
        tuple(
            SimulatedRecorder(code=n, session_limit=SESSIONS, lingering_s=_LINGERS_S) for n in names
        ),
    )


def _recorded(count: int, chance: random.Random) -> Iterator[SimulatedCamera]:
    made = 0
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
            yield replace(camera, behaviour=behaviour)
