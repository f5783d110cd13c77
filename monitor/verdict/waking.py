"""Relays that fetch the picture only when somebody asks: how one shows. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from registry.look import Look
from registry.vocabulary import Stage

SLOW_START_S = 2.0  # an answer that waits for a camera behind the relay to be dialled
QUICK_CONNECT_S = 0.5  # above it the way there is slow, not the relay
REMEMBERED = timedelta(days=1)

_STARTING = (Stage.DESCRIBE, Stage.SETUP, Stage.PLAY, Stage.FIRST_PACKET)


def woke_slowly(look: Look) -> bool:
    """Connected at once, and the picture came late, but came."""
    if look.failure is not None or look.stages.get(Stage.CONNECT, 0.0) > QUICK_CONNECT_S:
        return False
    return any(look.stages.get(stage, 0.0) > SLOW_START_S for stage in _STARTING)


def is_on_demand(woke_at: datetime | None, now: datetime) -> bool:
    return woke_at is not None and now - woke_at < REMEMBERED
