"""What a configuration costs the network and the cameras, before anything is looked at. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.config import Settings
from monitor.plan.hosts import EXPECTED_LOOK_S, USED
from monitor.plan.lines import SITE_KBIT, SITE_KBIT_A_FEED, LineBudgets
from registry.cost import Cost, HostCost, LineCost
from registry.targets import Target
from registry.vocabulary import Importance

SECONDS_A_DAY = 86_400
ASSUMED_STREAM_KBIT = 2_000.0  # a camera of unknown size: 1080p at 2 Mbit/s
LIVENESS_LOOK_S = 0.5  # three frames at 10 frames per second and the way to them
PICTURE_LOOK_S = 2.0  # half a GOP of four seconds
MOST_LINES = 20  # of one kind: a person reads this


def cost_of(targets: Sequence[Target], settings: Settings) -> Cost:
    """Bits pulled, logins made, and what holds looks back."""
    probe = settings.probe
    looks_a_day = sum(SECONDS_A_DAY / _cadences(target, settings)[0] for target in targets)
    return Cost(
        vantage=probe.vantage,
        feeds=len(targets),
        looks_a_second=looks_a_day / SECONDS_A_DAY,
        logins_a_day=looks_a_day / len(targets) if targets else 0.0,
        kbit=sum(_kbit(target, settings) for target in targets),
        stream_kbit=ASSUMED_STREAM_KBIT,
        slowed_hosts=tuple(_slowed_hosts(targets, settings)),
        lines=tuple(sorted(_lines(targets, settings), key=lambda line: (-line.share, line.name))),
    )


def cost_in_words(cost: Cost, settings: Settings) -> str:
    """A few lines for a person."""
    probe, looks, stream = settings.probe, cost.looks_a_second, cost.stream_kbit / 1000
    lines = [
        f"feeds to look at: {cost.feeds} (vantage {cost.vantage!r})",
        f"looks: {looks * SECONDS_A_DAY:,.0f} a day, {looks:.1f} a second",
        f"network: about {cost.kbit / 1000:.1f} Mbit/s at {stream:.0f} Mbit/s a stream",
        f"logins: about {cost.logins_a_day:,.0f} per camera a day",
        f"a site's line gives at most {_site_limit(probe.site_kbit)}, "
        f"a center's {_limit(probe.center_kbit)}, unless it says otherwise itself",
    ]
    lines += _shown("slowed by its session budget", map(_host_in_words, cost.slowed_hosts))
    lines += _shown("slowed by its network budget", map(_line_in_words, cost.slowed_lines))
    return "\n".join(lines)


def _host_in_words(host: HostCost) -> str:
    return (
        f"{host.name}: {host.feeds} feeds, {host.sessions} sessions: "
        f"every {host.every_s:.0f} s instead of {host.wanted_every_s:.0f} s"
    )


def _line_in_words(line: LineCost) -> str:
    return (
        f"{line.name}: {line.feeds} feeds want {line.wanted_kbit / 1000:.1f} Mbit/s "
        f"of {line.kbit / 1000:g}: about every {line.every_s:.0f} s "
        f"instead of {line.wanted_every_s:.0f} s"
    )


def _shown(why: str, slowed: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(slowed):
        if number == MOST_LINES:
            yield f"{why}: and more"
            return
        yield f"{why}: {line}"


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


def _slowed_hosts(targets: Iterable[Target], settings: Settings) -> Iterator[HostCost]:
    hosts: defaultdict[str, list[Target]] = defaultdict(list)
    for target in targets:
        hosts[target.host_key].append(target)
    for name, feeds in sorted(hosts.items()):
        sessions = feeds[0].session_budget
        allowed = len(feeds) * EXPECTED_LOOK_S / (sessions * USED)
        wanted = min(_cadences(target, settings)[0] for target in feeds)
        if allowed > wanted:
            yield HostCost(
                name=name,
                feeds=len(feeds),
                sessions=sessions,
                every_s=allowed,
                wanted_every_s=wanted,
            )


@dataclass(slots=True)
class _Load:
    """What looks want of one line."""

    kbit: int = 0
    feeds: int = 0
    wanted_kbit: float = 0.0
    every_s: float = float("inf")


def _lines(targets: Iterable[Target], settings: Settings) -> Iterator[LineCost]:
    for name, load in _loads(targets, settings).items():
        yield LineCost(
            name=name,
            feeds=load.feeds,
            wanted_kbit=load.wanted_kbit,
            kbit=load.kbit,
            wanted_every_s=load.every_s,
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
