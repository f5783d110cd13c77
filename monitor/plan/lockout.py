"""Lock-out safety: after a rejected login no second signed attempt before the back-off ends (Q46).

Memory is keyed by (host, port, credential fingerprint), so all feeds of a recorder share it, and a
changed credential starts afresh. Signing is serialised by the same key: of four channels that start
at once, one tries the login and the others wait for its answer.

A full camera may answer 401 to a login that is right (Q14). Whoever knows that it was full may call
the first rejection a doubt: one more attempt a few seconds later decides.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from registry.clock import Clock
from registry.targets import Target

DOUBT_S = 4.0  # the verdict looks again after five, and that look must be let in

LoginKey = tuple[str, int, str]


def login_key(target: Target) -> LoginKey | None:
    """None: there is no login that could be rejected."""
    if target.login is None:
        return None
    return target.host, target.port, target.login.fingerprint


# A camera that hangs up instead of saying 401 may count wrong logins all the same.
UNANSWERED_ATTEMPTS = 5


@dataclass(slots=True)
class _Turn:
    """A lock that can be had without waiting too, and is handed over to who waits longest."""

    taken: bool = False
    _queue: list[asyncio.Future[None]] = field(default_factory=list)

    def take(self) -> bool:
        if self.taken:
            return False
        self.taken = True
        return True

    async def wait(self) -> None:
        if self.take():
            return
        mine = asyncio.get_running_loop().create_future()
        self._queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.cancelled():
                self._queue.remove(mine)
            else:  # it was handed over in that very moment
                self.give()
            raise

    def give(self) -> None:
        for heir in self._queue:
            if not heir.done():
                self._queue.remove(heir)
                heir.set_result(None)
                return
        self.taken = False


@dataclass(slots=True)
class _Login:
    turn: _Turn = field(default_factory=_Turn)
    parked_until_s: float = 0.0
    doubted: bool = False  # rejected once, where it had been taken before
    waiting: int = 0
    unanswered: int = 0  # signed attempts in a row that got no answer


class LoginGate:
    """Grants signed attempts one at a time and none while a login is parked."""

    def __init__(self, clock: Clock, back_off_s: float) -> None:
        self._clock = clock
        self._back_off_s = back_off_s
        self._logins: dict[LoginKey, _Login] = {}

    @property
    def remembered(self) -> int:
        return len(self._logins)

    def parked_for_s(self, key: LoginKey) -> float:
        """Seconds until the login may be tried again; 0 when it may be tried now."""
        login = self._logins.get(key)
        return max(0.0, login.parked_until_s - self._clock.monotonic()) if login else 0.0

    def parked_until(self, target: Target) -> datetime | None:
        """When the login of a target may be tried again; None: it may be tried now."""
        key = login_key(target)
        parked_s = self.parked_for_s(key) if key else 0.0
        return self._clock.now() + timedelta(seconds=parked_s) if parked_s else None

    def doubt(self, key: LoginKey) -> bool:
        """The rejection just told may be a full host's excuse. False: it was doubted already."""
        login = self._logins.get(key)
        if login is None or login.doubted:
            return False
        login.doubted = True
        login.parked_until_s = self._clock.monotonic() + DOUBT_S
        return True

    def is_in_doubt(self, key: LoginKey) -> bool:
        """Parked for the few seconds that a doubt lasts."""
        login = self._logins.get(key)
        return login is not None and login.doubted and 0 < self.parked_for_s(key) <= DOUBT_S

    def take_over_rejection(self, key: LoginKey, age_s: float) -> None:
        """An earlier run saw it rejected `age_s` ago: a restart is not one more attempt."""
        rest_s = self._back_off_s - max(0.0, age_s)
        if rest_s > 0:
            login = self._logins.setdefault(key, _Login())
            login.parked_until_s = self._clock.monotonic() + rest_s

    def enter_now(self, host: str, port: int, fingerprint: str) -> bool | None:
        """The turn to sign, unless somebody else has it (None) or the login is parked (False)."""
        key = (host, port, fingerprint)
        login = self._logins.setdefault(key, _Login())
        if not login.turn.take():
            return None
        return self._may_sign(key, login)

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        """Wait for the turn to sign. False: parked, send nothing and do not `leave`."""
        key = (host, port, fingerprint)
        login = self._logins.setdefault(key, _Login())
        login.waiting += 1
        try:
            await login.turn.wait()
        except asyncio.CancelledError:
            self._forget_if_idle(key, login)
            raise
        finally:
            login.waiting -= 1
        return self._may_sign(key, login)

    def _may_sign(self, key: LoginKey, login: _Login) -> bool:
        if self.parked_for_s(key):
            login.turn.give()
            return False
        return True

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        """Tell how the attempt ended; None when no answer came."""
        key = (host, port, fingerprint)
        login = self._logins[key]
        login.unanswered = login.unanswered + 1 if accepted is None else 0
        if accepted is False or login.unanswered >= UNANSWERED_ATTEMPTS:
            login.parked_until_s = self._clock.monotonic() + self._back_off_s
            login.unanswered = 0
        elif accepted:
            login.parked_until_s, login.doubted = 0.0, False
        login.turn.give()
        self._forget_if_idle(key, login)

    def _forget_if_idle(self, key: LoginKey, login: _Login) -> None:
        told = login.doubted or login.unanswered
        in_use = login.waiting or login.turn.taken or told
        if not in_use and not self.parked_for_s(key):
            self._logins.pop(key, None)
