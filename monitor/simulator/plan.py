"""A fleet written down as JSON: what goes into a fleet's own process, and what comes out of it.

It must not import video libraries: the parent side reads it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor.simulator.behaviour import (
    AuthOffer,
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.counts import Counts, FleetStats
from registry.vocabulary import Codec


class Clips(StrEnum):
    """How much video is made. `short` is for tests: fewer scenes, shorter, made in seconds."""

    FULL = "full"
    SHORT = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    cameras: tuple[SimulatedCamera, ...]
    recorders: tuple[SimulatedRecorder, ...] = ()
    port: int = 8554  # 0 takes a free one
    clips: Clips = Clips.FULL
    cache: Path | None = None  # the user's cache folder unless given
    one_address: bool = False  # 127.0.0.1 with a port per host, even where 127.x.y.z is possible


class UnreadablePlanError(ValueError):
    """The plan is not what a plan looks like; says which word."""


def plan_to_json(plan: FleetPlan) -> str:
    """One line. It holds the logins of simulated cameras, which are secrets of nobody."""
    return json.dumps(asdict(plan), default=str)


def plan_from_json(text: str) -> FleetPlan:
    try:
        said = dict(json.loads(text))
        cache = said.pop("cache", None)
        return FleetPlan(
            cameras=tuple(_camera(camera) for camera in said.pop("cameras")),
            recorders=tuple(SimulatedRecorder(**one) for one in said.pop("recorders", ())),
            clips=Clips(said.pop("clips", Clips.FULL)),
            cache=None if cache is None else Path(cache),
            **said,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadablePlanError(f"plan of a simulated fleet: {error}") from error


def _camera(said: dict[str, Any]) -> SimulatedCamera:
    login = said.pop("login", None)
    return SimulatedCamera(
        behaviour=Behaviour(said.pop("behaviour", Behaviour.LIVE)),
        codec=Codec(said.pop("codec", Codec.H264)),
        auth=AuthOffer(said.pop("auth", AuthOffer.DIGEST_MD5)),
        login=None if login is None else SimulatedLogin(**login),
        **said,
    )


def stats_to_json(stats: FleetStats) -> dict[str, Any]:
    return {
        "connections_open": stats.connections_open,
        "sessions_open": stats.sessions_open,
        "totals": asdict(stats.totals),
        "cameras": {code: asdict(counts) for code, counts in stats.cameras.items()},
    }


def stats_from_json(said: Mapping[str, Any]) -> FleetStats:
    cameras = {code: Counts(**counts) for code, counts in said["cameras"].items()}
    return FleetStats(
        connections_open=said["connections_open"],
        sessions_open=said["sessions_open"],
        totals=Counts(**said["totals"]),
        cameras=MappingProxyType(cameras),
    )
