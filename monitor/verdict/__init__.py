"""From looks to the state of a feed: proofs held apart, one table. Pure: no clock, no I/O."""

from monitor.verdict.feed import (
    FeedVerdict,
    Next,
    Seen,
    judge,
    settle,
    verdict_of,
    without_login_verdict,
)
from monitor.verdict.memory import FeedMemory, Rhythm, rhythm
from monitor.verdict.waking import is_on_demand, woke_slowly

__all__ = [
    "FeedMemory",
    "FeedVerdict",
    "Next",
    "Rhythm",
    "Seen",
    "is_on_demand",
    "judge",
    "rhythm",
    "settle",
    "verdict_of",
    "without_login_verdict",
    "woke_slowly",
]
