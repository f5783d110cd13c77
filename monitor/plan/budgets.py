"""Who may go now: a look passes the lines it loads, then waits for a session of its host.

It plans nothing and looks at nothing; it only holds back.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count

import structlog

from monitor.plan.debts import Debts
from monitor.plan.due import Due, place_in
from monitor.plan.hosts import Host
from monitor.plan.lines import Line, LineBudgets
from monitor.plan.toll import Toll
from registry.live import Waiting, WaitsFor
from registry.look import FeedKey
from registry.targets import Target

log = structlog.get_logger()


@dataclass(slots=True)
class _Entry:
    """A look between its being due and its end."""

    due: Due
    name: str
    host: Host
    failing: bool  # the last look at this feed failed
    lines: tuple[Line, ...]
    entered_s: float
    reserved: tuple[float, ...] = ()
    waited_s: float = 0.0


class Budgets:
    """The hosts and lines of an estate. What may begin is handed to `admit`."""

    def __init__(self, lines: LineBudgets, admit: Callable[[Due], None]) -> None:
        self._budgets = lines
        self._admit_due = admit
        self._hosts: dict[str, Host] = {}
        self._lines: dict[str, Line] = {}
        self._loaded: dict[tuple[object, ...], tuple[Line, ...]] = {}  # by what targets say of them
        self._turned_away: set[FeedKey] = set()  # whose last look was refused, by 453 or outright
        self._failing: set[FeedKey] = set()  # whose last look failed
        self._debts = Debts()
        self._entries: dict[FeedKey, _Entry] = {}
        self._alarms: list[tuple[float, int, Host | Line]] = []
        self._order = count()

    def recount(self, targets: Mapping[FeedKey, Target], now_s: float) -> None:
        """Take over an estate: who shares what with how many."""
        budgets = {target.host_key: target.session_budget for target in targets.values()}
        feeds = Counter(target.host_key for target in targets.values())
        self._failing &= targets.keys()
        self._turned_away &= targets.keys()
        self._debts.keep(targets)
        failing = Counter(targets[key].host_key for key in self._failing)
        for name in [n for n, h in self._hosts.items() if n not in feeds and not h.in_use]:
            del self._hosts[name]
        for name, budget in budgets.items():
            host = self._hosts.setdefault(name, Host(budget=budget))
            host.feeds, host.failing, host.budget = feeds[name], failing[name], budget
        self._recount_lines(targets, now_s)

    def _recount_lines(self, targets: Mapping[FeedKey, Target], now_s: float) -> None:
        self._loaded.clear()
        loads = Counter(load for target in targets.values() for load in self._budgets.loads(target))
        feeds = Counter[str]()
        for load, behind in loads.items():
            feeds[load.line] += behind
        for name in [n for n, line in self._lines.items() if n not in feeds and not line.waiting]:
            del self._lines[name]
        for load in loads:
            name, kbit = load.line, load.kbit_for(feeds[load.line])
            line = self._lines.get(name)
            if line is None:
                line = self._lines[name] = Line(kbit, now_s)
            line.feeds, line.kbit = feeds[name], kbit
            if line.waiting:
                self._ring_at_opening(line)

    def cadence_s(self, target: Target, wanted_s: float, now_s: float) -> float:
        """What the host and the lines of the target allow, and what it owes them."""
        host = self._hosts.get(target.host_key)
        failing = target.key in self._failing
        cadence_s = host.cadence_s(wanted_s, now_s, failing=failing) if host else wanted_s
        for line in self._lines_of(target):
            cadence_s = line.cadence_s(cadence_s)
        return max(cadence_s, self.rest_s(target.key))

    def rest_s(self, key: FeedKey) -> float:
        """How long a feed keeps away from its lines after what it took of them."""
        return self._debts.rest_s(key)

    def first_round_s(self, host_key: str) -> float:
        """How long a host that was never looked at takes to be looked at by all its feeds."""
        return self._hosts[host_key].first_round_s()

    def take_up(self, host_key: str, until_s: float) -> None:
        """The first round of a host; its cadence says so."""
        self._hosts[host_key].taken_up_s = until_s

    def steady_cadence_s(self, target: Target, wanted_s: float, now_s: float) -> float:
        """What the host allows once its feeds are taken up."""
        host = self._hosts.get(target.host_key)
        failing = target.key in self._failing
        return host.steady_cadence_s(wanted_s, now_s, failing=failing) if host else wanted_s

    def enter(self, due: Due, target: Target, now_s: float) -> None:
        """The look is due; it is admitted now or when there is room."""
        host = self._hosts.get(target.host_key)
        if host is None:
            host = self._hosts[target.host_key] = Host(budget=target.session_budget)
        failing = due.key in self._failing
        entry = _Entry(due, target.host_key, host, failing, self._lines_of(target), now_s)
        self._entries[due.key] = entry
        self._try(entry, now_s)

    def is_admitted(self, target: Target) -> bool:
        """False: the feed has moved to another host since its look entered."""
        return self._entries[target.key].name == target.host_key

    def is_crowded(self, key: FeedKey, now_s: float) -> bool:
        """The host of an admitted look is at its budget."""
        return self._entries[key].host.is_full(now_s)

    def waiting(self, key: FeedKey) -> Waiting | None:
        """What holds a look back that is due; None: nothing here does."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        for line in entry.lines:
            if (ahead := place_in(line.waiting, key)) is not None:
                return Waiting(WaitsFor.LINE, ahead)
        ahead = place_in(entry.host.waiting, key)
        return None if ahead is None else Waiting(WaitsFor.SESSIONS, ahead)

    def left(self, key: FeedKey, now_s: float, seconds: float, toll: Toll | None) -> float:
        """An admitted look is over; without a toll it did not take place. Returns for how long it
        had been held back here.
        """
        entry = self._entries.pop(key)
        host = entry.host
        if toll is None:
            for line, reserved in zip(entry.lines, entry.reserved, strict=True):
                line.give_back(reserved)
        else:
            self._settle(entry, toll.bytes_received, now_s)
            self._learn(entry, now_s, seconds, self._heard_once(entry, toll))
        host.left(failing=entry.failing)
        self._drain_host(host, now_s)
        for line in entry.lines:
            self._drain_line(line, now_s)
        return entry.waited_s

    def _settle(self, entry: _Entry, taken: int, now_s: float) -> None:
        owed_s = 0.0
        for line, reserved in zip(entry.lines, entry.reserved, strict=True):
            line.earn(now_s)
            owed_s = max(owed_s, line.settle(reserved, entry.due.depth, taken))
        self._debts.ended(entry.due.key, now_s, owed_s)

    def _learn(self, entry: _Entry, now_s: float, seconds: float, toll: Toll) -> None:
        host = entry.host
        if host.ended(now_s, seconds, toll):
            limit = host.limit(now_s)
            log.info("sessions_limited", host=entry.name, limit=limit, budget=host.budget)
        if toll.holds_s:
            self._alarm(now_s + toll.holds_s, host)
        failing = not toll.succeeded
        if failing is not (entry.due.key in self._failing):
            (self._failing.add if failing else self._failing.discard)(entry.due.key)
            host.failing += 1 if failing else -1

    def _heard_once(self, entry: _Entry, toll: Toll) -> Toll:
        """A channel that turns everybody away for ever says so once. Said again while others get
        through, it was never the number of sessions.
        """
        key, turned_away = entry.due.key, toll.full or toll.refused
        again = turned_away and key in self._turned_away
        (self._turned_away.add if turned_away else self._turned_away.discard)(key)
        if again:
            entry.host.bears_its_budget()
            return replace(toll, full=False, refused=False)
        return toll

    def ring(self, now_s: float) -> None:
        """Let in who waited for this moment."""
        while self._alarms and self._alarms[0][0] <= now_s:
            at_s, _, what = heapq.heappop(self._alarms)
            if isinstance(what, Host):
                self._drain_host(what, now_s)
            elif what.rings_at_s == at_s:  # or it was moved forward since
                what.rings_at_s = None
                self._drain_line(what, now_s)

    def next_at(self) -> float | None:
        """When to ring; None while nobody waits for a moment."""
        return self._alarms[0][0] if self._alarms else None

    def gauges(self, now_s: float) -> dict[str, float]:
        """May be asked from another thread."""
        hosts, lines = list(self._hosts.values()), list(self._lines.values())
        return {
            "hosts_below_budget": sum(host.limit(now_s) < host.budget for host in hosts),
            "sessions_held": sum(host.held(now_s) for host in hosts),
            "looks_waiting_for_host": sum(len(host.waiting) for host in hosts),
            "looks_waiting_for_line": sum(len(line.waiting) for line in lines),
        }

    def _lines_of(self, target: Target) -> tuple[Line, ...]:
        """Found once for all feeds behind the same lines: a look asks three times."""
        if not self._lines:
            return ()
        where = (target.site, target.site_kbit, target.center, target.center_kbit)
        lines = self._loaded.get(where)
        if lines is None:
            found = (self._lines.get(load.line) for load in self._budgets.loads(target))
            lines = self._loaded[where] = tuple(line for line in found if line is not None)
        return lines

    def _try(self, entry: _Entry, now_s: float, passed: Line | None = None) -> None:
        """All lines at once or none: a look that waits takes nothing from anybody."""
        for line in entry.lines:
            if line is not passed and (line.waiting or not line.is_open(now_s)):
                line.waiting.append(entry.due)
                self._ring_at_opening(line)
                return
        entry.reserved = tuple(line.reserve(entry.due.depth) for line in entry.lines)
        entry.host.waiting.append(entry.due)
        self._drain_host(entry.host, now_s)

    def _drain_host(self, host: Host, now_s: float) -> None:
        """Who came first goes first, unless it is in trouble and such have all they may have."""
        place = 0
        while place < len(host.waiting):
            entry = self._entries[host.waiting[place].key]
            if host.has_room(now_s, failing=entry.failing):
                del host.waiting[place]
                host.began(failing=entry.failing)
                entry.waited_s = now_s - entry.entered_s
                self._admit_due(entry.due)
            elif not entry.failing:
                return
            else:
                place += 1

    def _drain_line(self, line: Line, now_s: float) -> None:
        while line.waiting and line.is_open(now_s):
            self._try(self._entries[line.waiting.popleft().key], now_s, passed=line)
        if line.waiting:
            self._ring_at_opening(line)

    def _ring_at_opening(self, line: Line) -> None:
        at_s = line.opens_at_s()
        if line.rings_at_s is None or at_s < line.rings_at_s:
            line.rings_at_s = at_s
            self._alarm(at_s, line)

    def _alarm(self, at_s: float, what: Host | Line) -> None:
        heapq.heappush(self._alarms, (at_s, next(self._order), what))
