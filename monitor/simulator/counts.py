"""What a fleet saw of its clients, as plain values.

It must not import video libraries: the parent of a fleet's process reads these too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class Counts:
    """A session is left behind when its connection ends without TEARDOWN."""

    requests: int = 0
    signed_requests: int = 0  # with an Authorization header, of whatever scheme
    basic_requests: int = 0
    sessions_opened: int = 0
    sessions_torn_down: int = 0
    sessions_left_behind: int = 0
    sessions_dropped: int = 0  # ended by the camera itself
    sessions_refused: int = 0  # 453
    bytes_sent: int = 0

    def __add__(self, other: Counts) -> Counts:
        both = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Counts(**both)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStats:
    """Counts over the whole fleet, and of each camera."""

    connections_open: int
    sessions_open: int
    totals: Counts
    cameras: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that carried an Authorization header: the proof of what was, or was not, sent."""

    code: str
    method: str
    authorization: str = field(repr=False)
