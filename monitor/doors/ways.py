"""Which feeds want their media over UDP, remembered for the life of the process.

Decides nothing: a feed that is forgotten costs one refused SETUP.
"""

from __future__ import annotations

from registry.look import FeedKey

_MOST = 65_536


class Ways:
    """Bounded: the feed that was not looked at for longest is forgotten first."""

    def __init__(self, most: int = _MOST) -> None:
        self._over_udp: dict[FeedKey, None] = {}
        self._most = most

    def over_udp(self, feed: FeedKey) -> bool:
        return feed in self._over_udp

    def learn(self, feed: FeedKey, *, over_udp: bool) -> None:
        self._over_udp.pop(feed, None)
        if over_udp:
            self._over_udp[feed] = None
            if len(self._over_udp) > self._most:
                del self._over_udp[next(iter(self._over_udp))]
