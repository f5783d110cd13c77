"""What is remembered of one (feed, vantage) between looks, and how long that holds.

It judges nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from monitor.verdict.proof import Proof
from registry.values import value
from registry.vocabulary import FeedState, Reason

MIN_VALID_S = 120.0
# Budgets may starve a feed to one look in hours; nobody on duty means that by "live".
MAX_VALID_S = 3600.0
_RHYTHMS = 1024  # kept for whoever looks next; a host at its budget makes one at each look


@value(frozen=True, slots=True)
class Rhythm:
    """How often a feed is looked at; `effective` is what the budgets allow."""

    effective_cadence_s: float
    picture_cadence_s: float
    pictures: bool = True
    valid_for: timedelta = field(init=False)  # how long a look's knowledge holds: DESIGN section 3
    picture_valid_for: timedelta = field(init=False)

    def __post_init__(self) -> None:
        """Reckoned once: a look asks a dozen times."""
        cadences_s = max(3 * self.effective_cadence_s, MIN_VALID_S)
        picture_s = max(2 * self.picture_cadence_s, MIN_VALID_S)
        object.__setattr__(self, "valid_for", timedelta(seconds=min(cadences_s, MAX_VALID_S)))
        object.__setattr__(self, "picture_valid_for", timedelta(seconds=picture_s))


@lru_cache(_RHYTHMS)
def rhythm(effective_cadence_s: float, picture_cadence_s: float, pictures: bool) -> Rhythm:
    """The one of these cadences: most feeds of an estate share theirs."""
    return Rhythm(effective_cadence_s, picture_cadence_s, pictures)


@value(frozen=True, slots=True)
class Rejection:
    """A login that a camera refused: by its fingerprint, so that a changed one is tried afresh."""

    login: str
    at: datetime


@value(frozen=True, slots=True)
class FeedMemory:
    """Everything remembered of a (feed, vantage) between looks; survives a restart as JSON."""

    flow: Proof = Proof()
    picture: Proof = Proof()
    line: Proof = Proof()  # from measuring looks alone: does all of it come
    picture_memory: str = ""  # the picture room's own text
    departures: tuple[datetime, ...] = ()  # when it last left live: flapping
    woke_at: datetime | None = None  # when a relay last had to fetch the picture first
    state: FeedState = FeedState.UNKNOWN
    reason: Reason | None = Reason.NOT_PROBED
    since: datetime | None = None
    rejected: Rejection | None = None  # the last login that was refused, and when
    relooks: int = 0  # quick ones in a row
    last_look_at: datetime | None = None
    last_frame_at: datetime | None = None
    last_fresh_picture_at: datetime | None = None

    def says_else_than(self, before: FeedMemory) -> bool:
        return self.state is not before.state or self.reason is not before.reason

    def to_json(self) -> dict[str, Any]:
        return {
            "flow": self.flow.to_json(),
            "picture": self.picture.to_json(),
            "line": self.line.to_json() if _tells(self.line) else None,
            "picture_memory": self.picture_memory,
            "departures": [at.isoformat() for at in self.departures],
            "rejected": [self.rejected.login, self.rejected.at.isoformat()]
            if self.rejected
            else None,
            "woke_at": self.woke_at.isoformat() if self.woke_at else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FeedMemory:
        """Inverse of `to_json`; what this version cannot read is forgotten, never guessed."""
        try:
            return cls(
                flow=Proof.from_json(data["flow"]),
                picture=Proof.from_json(data["picture"]),
                line=Proof.from_json(line) if (line := data.get("line")) else Proof(),
                picture_memory=str(data["picture_memory"]),
                departures=tuple(datetime.fromisoformat(at) for at in data["departures"]),
                rejected=_rejection_from(data["rejected"]),
                woke_at=datetime.fromisoformat(woke) if (woke := data.get("woke_at")) else None,
            )
        except (KeyError, TypeError, ValueError):
            return cls()


def _tells(line: Proof) -> bool:
    """A line on which nothing is lost is measured again soon enough: not worth its bytes."""
    return line.standing is not None or line.run_reason is not None


def _rejection_from(data: list[str] | None) -> Rejection | None:
    return Rejection(data[0], datetime.fromisoformat(data[1])) if data else None
