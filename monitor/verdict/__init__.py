"""From looks to the state of a feed: proofs held apart, one table. Pure: no clock, no I/O."""

from monitor.verdict.feed import (
    Next,
    Seen,
    holds_until,
    judge,
    settle,
    without_login_verdict,
)
from monitor.verdict.memory import FeedMemory, Rhythm, rhythm
from monitor.verdict.waking import is_on_demand, woke_slowly

__all__ = [
    "FeedMemory",
    "Next",
    "Rhythm",
    "Seen",
    "holds_until",
    "is_on_demand",
    "judge",
    "rhythm",
    "settle",
    "without_login_verdict",
    "woke_slowly",
]
