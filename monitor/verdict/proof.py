"""One proof of a feed, flow or picture, with its own confirmation. Knows nothing of the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from registry.values import value
from registry.vocabulary import Reason, ReasonClass

CONFIRM_FLOW = (
    3  # failing looks in a row (DESIGN section 3; Axxon waits for three packages, DOMAIN S62)
)
CONFIRM_PICTURE = 2  # keyframes of different GOPs
CONFIRM_LINE = 2  # measures, to make a loss stand and to clear it: one holds a burst of chance
RECOVER_FLAPPING = 3
# So many bad looks in a row that never agreed on a kind: nothing can be said, and the newest of
# what kept us from looking says why.
DISAGREEING_BAD_LOOKS = 6

_TIMES = 256  # written out and kept for a while: most of a memory's are the same

# Asking again would not make these truer, and a second question may lock an account (Q46).
CONFIRMED_AT_ONCE = frozenset({Reason.AUTH_REJECTED, Reason.LOCKED_OUT, Reason.NOT_ALLOWED})


@value(frozen=True, slots=True)
class Evidence:
    """What one look says to one proof: nothing against the feed, or a reason."""

    at: datetime
    reason: Reason | None


@value(frozen=True, slots=True)
class Proof:
    """What is confirmed, and the run of equal evidence that is on its way to change it."""

    known: bool = False  # has anything ever been confirmed
    standing: Reason | None = None  # the confirmed reason; None is good
    last_at: datetime | None = None  # the last look that spoke to this proof
    last_good_at: datetime | None = None
    run_reason: Reason | None = None  # the newest evidence's reason
    run_length: int = 0  # how many looks in a row said the same kind of thing
    run_since: datetime | None = None  # when the first of them was
    bad_looks: int = 0  # in a row, of whatever kind

    @property
    def is_good(self) -> bool:
        return self.known and self.standing is None

    @property
    def spoken_at(self) -> datetime | None:
        """The last look that bears out what stands: doubt never makes a good proof last longer."""
        return self.last_good_at if self.standing is None else self.last_at

    @property
    def is_undecided(self) -> bool:
        """The newest evidence disagrees with what is confirmed: quick re-looks will tell."""
        return self.run_length > 0 and (
            not self.known or not _are_alike(self.run_reason, self.standing)
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "known": self.known,
            "standing": self.standing,
            "last_at": _iso(self.last_at),
            "last_good_at": _iso(self.last_good_at),
            "run_reason": self.run_reason,
            "run_length": self.run_length,
            "run_since": _iso(self.run_since),
            "bad_looks": self.bad_looks,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Proof:
        """Inverse of `to_json`; raises ValueError or KeyError on anything else."""
        return cls(
            known=bool(data["known"]),
            standing=_reason(data["standing"]),
            last_at=_time(data["last_at"]),
            last_good_at=_time(data["last_good_at"]),
            run_reason=_reason(data["run_reason"]),
            run_length=int(data["run_length"]),
            run_since=_time(data["run_since"]),
            bad_looks=int(data["bad_looks"]),
        )


def weigh(proof: Proof, evidence: Evidence, *, confirm: int, recover: int) -> Proof:
    """The proof after one more look: `confirm` make a reason stand, `recover` clear it."""
    proof = _lengthen(proof, evidence)
    agreed = proof.run_length >= _needed(proof, evidence.reason, confirm, recover)
    if not agreed and not _is_at_a_loss(proof, evidence.reason):
        return proof
    standing = _standing_after(proof.standing, evidence.reason)
    if proof.known and standing is proof.standing:
        return proof
    return replace(proof, known=True, standing=standing)


def without_stale_run(proof: Proof, now: datetime, holds_for: timedelta) -> Proof:
    """A run that nobody went on with for as long as knowledge holds is no run any more."""
    if proof.last_at is None or proof.last_at + holds_for > now:
        return proof
    return replace(proof, run_reason=None, run_length=0, run_since=None, bad_looks=0)


def _is_at_a_loss(proof: Proof, newest: Reason | None) -> bool:
    return (
        newest is not None
        and newest.reason_class is ReasonClass.COULD_NOT_LOOK
        and proof.bad_looks >= DISAGREEING_BAD_LOOKS
    )


def _lengthen(proof: Proof, evidence: Evidence) -> Proof:
    same = proof.run_length > 0 and _are_alike(proof.run_reason, evidence.reason)
    return Proof(
        known=proof.known,
        standing=proof.standing,
        last_at=evidence.at,
        last_good_at=evidence.at if evidence.reason is None else proof.last_good_at,
        run_reason=evidence.reason,
        run_length=proof.run_length + 1 if same else 1,
        run_since=proof.run_since if same else evidence.at,
        bad_looks=0 if evidence.reason is None else proof.bad_looks + 1,
    )


def _needed(proof: Proof, reason: Reason | None, confirm: int, recover: int) -> int:
    if reason is None:
        return recover if proof.known else 1  # a feed never seen: one success makes it live
    if reason in CONFIRMED_AT_ONCE:
        return 1
    return confirm


def _standing_after(standing: Reason | None, newest: Reason | None) -> Reason | None:
    """Parked after a rejected login is still that rejection, and says more."""
    if standing is Reason.AUTH_REJECTED and newest is Reason.LOCKED_OUT:
        return standing
    return newest


def _are_alike(one: Reason | None, other: Reason | None) -> bool:
    """Evidence of one kind adds up: refused after timeout is absent, dns after it is not."""
    if one is None or other is None:
        return one is other
    return one.reason_class is other.reason_class


@lru_cache(_TIMES)
def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _reason(text: str | None) -> Reason | None:
    return Reason(text) if text else None
