"""What a configuration costs the network and the cameras, before anything is looked at. Pure."""

from __future__ import annotations

from monitor.config import Settings
from monitor.plan.hosts import EXPECTED_LOOK_S
from registry.targets import Estate, Target
from registry.vocabulary import Importance

SECONDS_A_DAY = 86_400
ASSUMED_STREAM_KBIT = 2_000.0  # a camera of unknown size: 1080p at 2 Mbit/s
LIVENESS_LOOK_S = 0.5  # three frames at 10 frames per second and the way to them
PICTURE_LOOK_S = 2.0  # half a GOP of four seconds


def cost_of(estate: Estate, settings: Settings) -> str:
    """A few lines for a person: bits pulled and logins made."""
    probe = settings.probe
    looks_a_day, kbit = 0.0, 0.0
    for target in estate.targets.values():
        liveness, picture = _cadences(target, settings)
        looks_a_day += SECONDS_A_DAY / liveness
        kbit += ASSUMED_STREAM_KBIT * (LIVENESS_LOOK_S / liveness + PICTURE_LOOK_S / picture)
    feeds = len(estate.targets)
    logins = looks_a_day / feeds if feeds else 0.0
    stream = ASSUMED_STREAM_KBIT / 1000
    lines = [
        f"feeds to look at: {feeds} (vantage {probe.vantage!r})",
        f"looks: {looks_a_day:,.0f} a day, {looks_a_day / SECONDS_A_DAY:.1f} a second",
        f"network: about {kbit / 1000:.1f} Mbit/s at {stream:.0f} Mbit/s a stream",
        f"logins: about {logins:,.0f} per camera a day",
    ]
    slowed = _slowed(estate, settings)
    lines += [f"slowed by its session budget: {line}" for line in slowed]
    if not probe.allow_networks:
        lines.append("probe.allow_networks is empty: `serve` will not start")
    return "\n".join(lines)


def _cadences(target: Target, settings: Settings) -> tuple[float, float]:
    probe, high = settings.probe, target.importance is Importance.HIGH
    liveness = probe.liveness_every_high_s if high else probe.liveness_every_s
    picture = probe.picture_every_high_s if high else probe.picture_every_s
    return target.liveness_every_s or liveness, target.picture_every_s or picture


def _slowed(estate: Estate, settings: Settings) -> list[str]:
    hosts: dict[str, list[Target]] = {}
    for target in estate.targets.values():
        hosts.setdefault(target.host_key, []).append(target)
    lines = []
    for name, targets in sorted(hosts.items()):
        allowed = len(targets) * EXPECTED_LOOK_S / targets[0].session_budget
        wanted = min(_cadences(target, settings)[0] for target in targets)
        if allowed > wanted:
            lines.append(
                f"{name}: {len(targets)} feeds, {targets[0].session_budget} sessions: "
                f"every {allowed:.0f} s instead of {wanted:.0f} s"
            )
    return lines
