"""From looks to the state of a feed: two proofs held apart, one table. Pure: no clock, no I/O."""

from monitor.verdict.feed import (
    FeedMemory,
    FeedVerdict,
    Next,
    Rhythm,
    Seen,
    judge,
    settle,
    verdict_of,
    without_login_verdict,
)

__all__ = [
    "FeedMemory",
    "FeedVerdict",
    "Next",
    "Rhythm",
    "Seen",
    "judge",
    "settle",
    "verdict_of",
    "without_login_verdict",
]
