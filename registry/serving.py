"""What the API and the page are given to work with; the app constructs it once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from registry.device_contacts import DEFAULT_LIMITS, SilenceLimits
from registry.security.attempts import Attempts
from registry.security.passwords import Passwords
from registry.security.rates import Rates
from registry.transfer.turns import Turns
from registry.transfer.uploads import Uploads

if TYPE_CHECKING:
    from registry.clock import Clock
    from registry.database import Database
    from registry.live import LiveView
    from registry.security.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Serving:
    database: Database
    live: LiveView
    clock: Clock
    vantage_id: int
    session_hours: float = 12.0
    secure_cookie: bool = False  # set behind TLS
    version: str = ""
    silence: SilenceLimits = DEFAULT_LIMITS
    sealer: Sealer | None = None  # without it nothing is written through the API
    uploads: Uploads = field(default_factory=Uploads)
    turns: Turns = field(default_factory=Turns)  # of files that are read
    map_tiles: str = ""  # "https://tiles.example/{z}/{x}/{y}.png"; none: sites on a plain ground
    passwords: Passwords = field(default_factory=Passwords)
    rates: Rates = field(default_factory=Rates)
    attempts: Attempts = field(default_factory=Attempts)


SERVING = web.AppKey("serving", Serving)
