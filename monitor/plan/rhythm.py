"""How often which feed is looked at, and how deep the look that is due goes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from registry.look import FeedKey
from registry.targets import Target
from registry.vocabulary import CameraKind, Depth, Importance


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadences:
    """What the deployment asks for; a feed may ask for its own."""

    liveness_s: float = 60.0
    liveness_high_s: float = 30.0
    picture_s: float = 600.0
    picture_high_s: float = 300.0
    measure_s: float = 6 * 3600.0
    pictures_off: frozenset[CameraKind] = field(default_factory=frozenset)

    def liveness_of(self, target: Target) -> float:
        high = target.importance is Importance.HIGH
        return target.liveness_every_s or (self.liveness_high_s if high else self.liveness_s)

    def picture_of(self, target: Target) -> float:
        high = target.importance is Importance.HIGH
        return target.picture_every_s or (self.picture_high_s if high else self.picture_s)

    def pictures_for(self, target: Target) -> bool:
        return target.kind not in self.pictures_off


@dataclass(slots=True)
class Turns:
    """When a feed's deeper looks are due next, on the monotonic clock."""

    picture_s: float
    measure_s: float
    taken_up_s: float  # when all feeds of its host have been looked at for the first time
    in_step: bool = False  # has the feed come to its own phase

    def depth_at(self, now_s: float, slack_s: float, *, pictures: bool) -> Depth:
        """The deepest look that is due: a picture look proves the flow as well."""
        if pictures and now_s + slack_s >= self.picture_s:
            return Depth.PICTURE
        if now_s + slack_s >= self.measure_s:
            return Depth.MEASURE
        return Depth.LIVENESS


def next_turn(turn_s: float, every_s: float, now_s: float) -> float:
    """The next time after `now_s` at the feed's own phase: an estate stays spread as it began."""
    missed = max(0.0, (now_s - turn_s) // every_s)
    following = turn_s + missed * every_s
    return following if following > now_s + every_s / 2 else following + every_s


def phases_of(targets: Mapping[FeedKey, Target]) -> dict[FeedKey, float]:
    """A place in [0, 1) for each feed: the same after every restart. Channels of a recorder share
    its sessions, so they come one after the other at even distances.
    """
    hosts: defaultdict[str, list[FeedKey]] = defaultdict(list)
    for key, target in targets.items():
        hosts[target.host_key].append(key)
    return {
        key: (phase_of(host) + number / len(keys)) % 1.0
        for host, keys in hosts.items()
        for number, key in enumerate(sorted(keys))
    }


def phase_of(name: str) -> float:
    """The name's own place in [0, 1): spreads an estate evenly."""
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
