"""How a session that lasts is kept alive: how often, with which method, what answers teach.

Never waits: whether a session lives is told by its packets, not by answers (Q107).
"""

from __future__ import annotations

from monitor.rtsp.headers import DEFAULT_TIMEOUT_S
from monitor.rtsp.messages import Response
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.state import State

SAFE = "OPTIONS"  # known everywhere; SET_PARAMETER makes some drop the connection (Q105)
LISTED = "GET_PARAMETER"  # VLC counts nothing else as a sign of life
_KEPT = 4  # requests whose answers may still come


def interval_s(timeout_s: int) -> float:
    """Cameras count by their own clock (Q109)."""
    return min(timeout_s, DEFAULT_TIMEOUT_S) / 2


def forget_oldest(state: State) -> None:
    del state.unanswered[: -_KEPT + 1]


def answered(state: State, answer: Response) -> None:
    """A method that is listed is used until it is refused once (Q105, Q106)."""
    if Quirk.KEEPALIVE_FALLBACK in state.quirks:
        return
    if not answer.ok and state.keepalive == LISTED:
        state.keepalive = SAFE
        state.quirks.add(Quirk.KEEPALIVE_FALLBACK)
    listed = {word.strip().upper() for word in (answer.headers.get("Public") or "").split(",")}
    if answer.ok and LISTED in listed:
        state.keepalive = LISTED
