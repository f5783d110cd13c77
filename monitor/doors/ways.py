"""What the next look at a feed need not find out again, remembered for the life of the process.

Decides nothing: a feed that is forgotten costs one refused request.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.rtsp.state import State
from registry.look import FeedKey

_MOST = 65_536


class Remembered:
    """Bounded: the feed that was not looked at for longest is forgotten first."""

    def __init__(self, most: int = _MOST) -> None:
        self._feeds: dict[FeedKey, None] = {}
        self._most = most

    def __contains__(self, feed: FeedKey) -> bool:
        return feed in self._feeds

    def learn(self, feed: FeedKey, *, holds: bool) -> None:
        self._feeds.pop(feed, None)
        if holds:
            self._feeds[feed] = None
            if len(self._feeds) > self._most:
                del self._feeds[next(iter(self._feeds))]


@dataclass(frozen=True, slots=True)
class Ways:
    over_udp: Remembered = field(default_factory=Remembered)  # refused TCP (Q78)
    md5: Remembered = field(default_factory=Remembered)  # refused SHA-256, took MD5 (Q39)
    sha256: Remembered = field(default_factory=Remembered)  # took SHA-256: a 401 judges the login

    def login_judged(self, feed: FeedKey, state: State) -> None:
        """A wrong password says nothing of the algorithm: it changes only what was held for MD5."""
        if state.rejected:
            self.md5.learn(feed, holds=False)
        elif state.accepted and state.challenge is not None:
            self.md5.learn(feed, holds=state.prefers_md5)
            self.sha256.learn(feed, holds=state.challenge.is_sha256)
