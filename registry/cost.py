"""What looking costs the network and the cameras, as the monitor reckons it. It reckons nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCost:
    """A host whose session budget makes looks at its feeds rarer than the settings ask for."""

    name: str
    feeds: int
    sessions: int
    every_s: float
    wanted_every_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCost:
    """The line of a site or a center: what looks want of it, and what they may take."""

    name: str
    feeds: int
    wanted_kbit: float
    kbit: int
    wanted_every_s: float

    @property
    def share(self) -> float:
        return self.wanted_kbit / self.kbit

    @property
    def every_s(self) -> float:
        """About how often looks come when the line holds them back."""
        return self.wanted_every_s * max(1.0, self.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`stream_kbit` is an assumption about cameras: what a look really took is in the metrics."""

    vantage: str
    feeds: int
    looks_a_second: float
    logins_a_day: float  # per camera
    kbit: float
    stream_kbit: float
    slowed_hosts: tuple[HostCost, ...] = ()
    lines: tuple[LineCost, ...] = ()  # the fullest first

    @property
    def slowed_lines(self) -> tuple[LineCost, ...]:
        return tuple(line for line in self.lines if line.share > 1)
