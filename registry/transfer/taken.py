"""Who took an export away, when, and of which state of the registry. It reads no registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.transfer.table import WATERMARK


@dataclass(frozen=True, slots=True)
class Taken:
    who: str
    at: datetime
    revision: int

    @property
    def watermark(self) -> str:
        """A line that an import passes over."""
        who = "".join(letter for letter in self.who if letter.isprintable())
        moment = self.at.isoformat(timespec="seconds")
        return f"{WATERMARK} export: {who}, {moment}, revision {self.revision}"
