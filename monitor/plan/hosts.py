"""Session budgets: how many looks a host bears at once, and the cadence its channels get by it.

What a host refuses lowers its budget for a while; what we could not end keeps its slot. A channel
in trouble holds its session until its time-outs, so such channels have half of them at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.plan.due import Due
from monitor.plan.toll import Toll

EXPECTED_LOOK_S = 2.0  # until the host has shown how long a look takes
EXPECTED_FAILING_LOOK_S = 5.0
FIRST_LOOK_S = 6.0  # two keyframes, four seconds apart
USED = 0.9  # of its time at most: a host that is never idle makes its channels wait for each other
LEAST_SMOOTHED = 10  # looks; a recorder is judged by as many as it has channels
REGAIN_S = 600.0  # after a refusal one session is tried again each so often


@dataclass(slots=True)
class Host:
    """One recorder or camera host: its budget, who is on it now, who waits in line."""

    budget: int
    feeds: int = 0
    failing: int = 0  # of these feeds: the last look at them failed
    busy: int = 0
    busy_failing: int = 0
    look_s: float = EXPECTED_LOOK_S  # of one that gets through
    failing_look_s: float = EXPECTED_FAILING_LOOK_S
    held_s: float = 0.0  # how long a slot stays taken after a look, on the average
    waiting: list[Due] = field(default_factory=list)  # an empty deque takes ten times as much
    taken_up_s: float = 0.0  # until then its feeds are looked at for the first time
    _known: bool = False  # a look has ended here
    _bore: int = 0  # how many sessions it bore when it last refused one
    _refused_at_s: float | None = None
    _held_until_s: list[float] = field(default_factory=list)
    _well: bool = False  # the look that ended last got through

    @property
    def in_use(self) -> bool:
        return bool(self.busy or self.waiting)

    def limit(self, now_s: float) -> int:
        """The budget, or what the host has shown it bears, growing back one by one."""
        if self._refused_at_s is None:
            return self.budget
        return min(self.budget, self._bore + int((now_s - self._refused_at_s) // REGAIN_S))

    def held(self, now_s: float) -> int:
        """Slots that sessions hold which nobody ended (Q111, Q113, Q116)."""
        if not self._held_until_s:
            return 0  # as a rule, and it is asked twice a look
        return sum(until > now_s for until in self._held_until_s)

    def is_full(self, now_s: float) -> bool:
        return self.busy + self.held(now_s) >= self.limit(now_s)

    def has_room(self, now_s: float, *, failing: bool) -> bool:
        """For one more look at a feed that failed the last time, or did not."""
        if self.is_full(now_s):
            return False
        return not failing or self.busy_failing < max(1.0, self._for_failing(self.limit(now_s)))

    def began(self, *, failing: bool) -> None:
        self.busy += 1
        self.busy_failing += failing

    def left(self, *, failing: bool) -> None:
        """What began is over, or did not take place."""
        self.busy -= 1
        self.busy_failing -= failing

    def bears_its_budget(self) -> None:
        """What was taken for too many sessions was one channel's own trouble."""
        if self._well:
            self._refused_at_s = None

    def ended(self, now_s: float, seconds: float, toll: Toll) -> bool:
        """A look is about to leave. True when the host showed that it bears less than thought."""
        lowered = self._is_too_many(now_s, toll)
        if lowered:
            # One fewer than were open, but by one refusal no lower than half of what it bore: one
            # channel's own fault would cost the others ten minutes for each session.
            limit = self.limit(now_s)
            self._bore = max(1, min(limit, self.busy) - 1, (limit + 1) // 2)
            self._refused_at_s = now_s
        if self._held_until_s:
            self._held_until_s = [until for until in self._held_until_s if until > now_s]
        if toll.holds_s:
            self._held_until_s.append(now_s + toll.holds_s)
        if toll.succeeded:
            self.look_s += (seconds - self.look_s) / max(LEAST_SMOOTHED, self.feeds)
        else:
            more_s = seconds - self.failing_look_s
            self.failing_look_s += more_s / max(LEAST_SMOOTHED, self.failing)
        self.held_s += (toll.holds_s - self.held_s) / max(1, self.feeds)
        self._well, self._known = toll.succeeded, True
        return lowered

    def cadence_s(self, wanted_s: float, now_s: float, *, failing: bool) -> float:
        """What the budget allows; while its feeds are taken up, that takes as long as it takes."""
        steady_s = self.steady_cadence_s(wanted_s, now_s, failing=failing)
        return max(steady_s, self._round_s()) if now_s < self.taken_up_s else steady_s

    def steady_cadence_s(self, wanted_s: float, now_s: float, *, failing: bool) -> float:
        """64 channels x 2 s / 4 sessions = 32 s, and a tenth to spare. Those in trouble share what
        they may have, the others what these leave.
        """
        limit = self.limit(now_s)
        theirs = self._for_failing(limit)
        if failing:
            feeds, look_s, sessions = self.failing, self.failing_look_s, theirs
        else:
            taken = min(theirs, self.failing * self.failing_look_s / wanted_s)
            feeds, look_s, sessions = self.feeds - self.failing, self.look_s, limit - taken
        return max(wanted_s, feeds * (look_s / USED + self.held_s) / max(0.5, sessions))

    def _for_failing(self, limit: int) -> float:
        """Half of the sessions, of a single one half of its time; all where all are in trouble."""
        return limit if self.failing >= self.feeds else limit // 2 or 0.5

    def first_round_s(self) -> float:
        """How long it takes to look at all its channels for the first time."""
        return 0.0 if self._known or self.feeds == 1 else self._round_s()

    def _round_s(self) -> float:
        return self.feeds * FIRST_LOOK_S / (self.budget * USED)

    def _is_too_many(self, now_s: float, toll: Toll) -> bool:
        """453 and 503 say so. A full recorder may also refuse the connection, though it serves
        others (Q14); a dead one does too, so that counts only right after a success. A look that
        was alone shows nothing: whatever the host is full of, it is not our sessions.
        """
        if self.busy < 2 or self.limit(now_s) == 1:
            return False
        return toll.full or (toll.refused and self._well)
