"""Whether what is missing of a stream is more than chance: one threshold for every look.

Counts nothing itself.
"""

from __future__ import annotations

# ITU-T G.1010 table I.1 asks for less than 1 % for video: three times that is a line to mend.
POOR_SHARE = 0.03
# Fewer are chance at any share: where 1 % is lost, ten of 333 come in one measure of 400, and a
# measure is confirmed by a second one.
LEAST_LOST = 10
SUSPICIOUS_LOST = 3  # a short look sees few packets: enough to measure, not to judge


def share_of(packets: int, lost: int) -> float:
    """Of the packets that were sent; `packets` are those that came."""
    sent = packets + lost
    return lost / sent if sent else 0.0


def is_poor(packets: int, lost: int, *, least: int = LEAST_LOST) -> bool:
    return lost >= least and share_of(packets, lost) >= POOR_SHARE
