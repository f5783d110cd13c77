"""What a configuration costs the network and the cameras, before anything is looked at. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.config import Settings
from monitor.plan.hosts import EXPECTED_LOOK_S, USED
from monitor.plan.lines import SITE_KBIT, SITE_KBIT_A_FEED, LineBudgets
from registry.targets import Estate, Target
from registry.vocabulary import Importance

SECONDS_A_DAY = 86_400
ASSUMED_STREAM_KBIT = 2_000.0  # a camera of unknown size: 1080p at 2 Mbit/s
LIVENESS_LOOK_S = 0.5  # three frames at 10 frames per second and the way to them
PICTURE_LOOK_S = 2.0  # half a GOP of four seconds
MOST_LINES = 20  # of one kind: a person reads this


def cost_of(estate: Estate, settings: Settings) -> str:
    """A few lines for a person: bits pulled, logins made, and what holds looks back."""
    probe = settings.probe
    targets = list(estate.targets.values())
    looks_a_day = sum(SECONDS_A_DAY / _cadences(target, settings)[0] for target in targets)
    kbit = sum(_kbit(target, settings) for target in targets)
    logins = looks_a_day / len(targets) if targets else 0.0
    stream = ASSUMED_STREAM_KBIT / 1000
    lines = [
        f"feeds to look at: {len(targets)} (vantage {probe.vantage!r})",
        f"looks: {looks_a_day:,.0f} a day, {looks_a_day / SECONDS_A_DAY:.1f} a second",
        f"network: about {kbit / 1000:.1f} Mbit/s at {stream:.0f} Mbit/s a stream",
        f"logins: about {logins:,.0f} per camera a day",
        f"a site's line gives at most {_site_limit(probe.site_kbit)}, "
        f"a center's {_limit(probe.center_kbit)}, unless it says otherwise itself",
    ]
    lines += _shown("slowed by its session budget", _slowed_hosts(targets, settings))
    lines += _shown("slowed by its network budget", _slowed_lines(targets, settings))
    if not probe.allow_networks:
        lines.append("probe.allow_networks is empty: `serve` will not start")
    return "\n".join(lines)


def _cadences(target: Target, settings: Settings) -> tuple[float, float]:
    probe, high = settings.probe, target.importance is Importance.HIGH
    liveness = probe.liveness_every_high_s if high else probe.liveness_every_s
    picture = probe.picture_every_high_s if high else probe.picture_every_s
    return target.liveness_every_s or liveness, target.picture_every_s or picture


def _kbit(target: Target, settings: Settings) -> float:
    liveness, picture = _cadences(target, settings)
    return ASSUMED_STREAM_KBIT * (LIVENESS_LOOK_S / liveness + PICTURE_LOOK_S / picture)


def _site_limit(kbit: int | None) -> str:
    if kbit is not None:
        return _limit(kbit)
    return f"{_limit(SITE_KBIT)}, {SITE_KBIT_A_FEED} kbit/s a feed where that is more"


def _limit(kbit: int) -> str:
    return f"{kbit / 1000:g} Mbit/s to looks" if kbit else "all it has to looks"


def _shown(why: str, slowed: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(slowed):
        if number == MOST_LINES:
            yield f"{why}: and more"
            return
        yield f"{why}: {line}"


def _slowed_hosts(targets: Iterable[Target], settings: Settings) -> Iterator[str]:
    hosts: defaultdict[str, list[Target]] = defaultdict(list)
    for target in targets:
        hosts[target.host_key].append(target)
    for name, feeds in sorted(hosts.items()):
        budget = feeds[0].session_budget
        allowed = len(feeds) * EXPECTED_LOOK_S / (budget * USED)
        wanted = min(_cadences(target, settings)[0] for target in feeds)
        if allowed > wanted:
            yield (
                f"{name}: {len(feeds)} feeds, {budget} sessions: "
                f"every {allowed:.0f} s instead of {wanted:.0f} s"
            )


@dataclass(slots=True)
class _Load:
    """What looks want of one line."""

    kbit: int = 0
    feeds: int = 0
    wanted_kbit: float = 0.0
    every_s: float = float("inf")


def _slowed_lines(targets: Iterable[Target], settings: Settings) -> Iterator[str]:
    for name, load in sorted(_loads(targets, settings).items()):
        if load.wanted_kbit > load.kbit:
            yield (
                f"{name}: {load.feeds} feeds want {load.wanted_kbit / 1000:.1f} Mbit/s "
                f"of {load.kbit / 1000:g}: about every "
                f"{load.every_s * load.wanted_kbit / load.kbit:.0f} s "
                f"instead of {load.every_s:.0f} s"
            )


def _loads(targets: Iterable[Target], settings: Settings) -> Mapping[str, _Load]:
    budgets = LineBudgets(settings.probe.site_kbit, settings.probe.center_kbit)
    loads: dict[str, _Load] = {}
    for target in targets:
        for line in budgets.loads(target):
            load = loads.setdefault(line.line, _Load())
            load.feeds += 1
            load.kbit = max(load.kbit, line.kbit_for(load.feeds))
            load.wanted_kbit += _kbit(target, settings)
            load.every_s = min(load.every_s, _cadences(target, settings)[0])
    return loads
