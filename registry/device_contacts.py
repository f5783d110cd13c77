"""Devices that push what they do instead of being looked at: how long one may be silent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from registry.vocabulary import Silence


@dataclass(frozen=True, slots=True)
class SilenceLimits:
    """After how long without a contact which word is said."""

    silent: timedelta = timedelta(hours=24)
    long_silent: timedelta = timedelta(days=7)
    lost: timedelta = timedelta(days=30)

    def silence_after(self, age: timedelta) -> Silence:
        if age >= self.lost:
            return Silence.LOST
        if age >= self.long_silent:
            return Silence.LONG_SILENT
        return Silence.SILENT if age >= self.silent else Silence.HEARD


DEFAULT_LIMITS = SilenceLimits()
