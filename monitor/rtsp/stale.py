"""How long a camera may still hold a session that nobody ended. Knows no clock and no socket."""

from __future__ import annotations

import re
from collections.abc import Set

from monitor.rtsp.quirks import Quirk

LIVE555_MENDED = "2017.06.04"
LIVE555_LINGERS_S = 65.0  # its own time-out, and a little (Q111)
LONGEST_S = 120.0  # a camera that says more is not believed

_LIVE555 = re.compile(r"LIVE555 Streaming Media v(\d{4}\.\d\d\.\d\d)", re.ASCII)
_STALE = frozenset({Quirk.DATA_BEFORE_PLAY, Quirk.OLD_LIVE555})


def is_old_live555(tool: str | None) -> bool:
    """One that writes on to a closed session's reused descriptor, into somebody else's (Q111)."""
    said = _LIVE555.search(tool or "")
    return said is not None and said[1] < LIVE555_MENDED


def spoils_others(quirks: Set[str]) -> bool:
    """What a stale session of this camera sends arrives in the next one's connection."""
    return not _STALE.isdisjoint(quirks)


def lingers_s(quirks: Set[Quirk], timeout_s: int) -> float | None:
    """None: nothing of ours or of others is left behind, as far as can be seen."""
    if Quirk.DATA_BEFORE_PLAY in quirks:
        return LIVE555_LINGERS_S  # Q93, Q113
    if Quirk.TEARDOWN_UNANSWERED not in quirks:
        return None
    least = LIVE555_LINGERS_S if Quirk.OLD_LIVE555 in quirks else 0.0
    return max(least, min(float(timeout_s), LONGEST_S))  # Q116
