"""Devices that push what they do instead of being looked at: how long one may be silent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from registry.vocabulary import Silence

FUTURE_ALLOWED = timedelta(minutes=5)  # the clock of a device that was docked lately


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
        # What lies ahead was told while our own clock did: nobody knows how long ago that was.
        known = age >= -FUTURE_ALLOWED
        return Silence.HEARD if known and age < self.silent else Silence.SILENT


DEFAULT_LIMITS = SilenceLimits()
