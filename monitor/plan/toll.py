"""What one look took, and what it leaves behind on its host and its lines. Pure."""

from __future__ import annotations

from monitor.rtsp.stale import spoils_others
from monitor.verdict import Next
from registry.look import Look
from registry.values import value
from registry.vocabulary import Reason


@value(frozen=True, slots=True, kw_only=True)
class Toll:
    """`holds_s`: a session still holds its slot, so nothing else may come before it ends.

    `rests_s`: the next look by cadence keeps away so long; the verdict's re-looks do not wait,
    or a camera that hangs would be found an hour late.
    """

    bytes_received: int = 0
    succeeded: bool = True
    full: bool = False  # 453, 503
    refused: bool = False
    holds_s: float = 0.0
    rests_s: float = 0.0


@value(frozen=True, slots=True)
class Done:
    """A look that is over, as the plan hears of it."""

    following: Next | None = None
    toll: Toll = Toll()


def toll_of(look: Look) -> Toll:
    lingers_s = look.lingers_s or 0.0
    holds = look.failure is None or spoils_others(frozenset(look.quirks))
    return Toll(
        bytes_received=look.bytes_received,
        succeeded=look.failure is None,
        full=look.failure is Reason.BUSY and look.bytes_received > 0,  # it was asked
        refused=look.failure is Reason.REFUSED,
        holds_s=lingers_s if holds else 0.0,
        rests_s=0.0 if holds else lingers_s,
    )
