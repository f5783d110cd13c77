"""What every visit is given to work with. It does nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.doors.attention import Breath
from monitor.doors.dial import Dialer
from monitor.doors.gate import SignGate
from monitor.doors.limits import Limits
from monitor.doors.ways import Ways
from registry.clock import Clock


@dataclass(frozen=True, slots=True)
class Tools:
    clock: Clock
    dialer: Dialer
    limits: Limits
    gate: SignGate
    ways: Ways
    breath: Breath
