"""How long each stage of a look may take, and how often it shows itself. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; DESIGN section 3."""

    connect_s: float = 3.0  # name and connection together
    tls_s: float = 5.0  # a camera's processor takes seconds for a handshake
    reply_s: float = 5.0
    first_packet_s: float = 5.0
    keyframe_s: float = 10.0
    liveness_s: float = 10.0  # all of a liveness look
    measure_s: float = 10.0  # how long a measurement listens
    teardown_s: float = 2.0
    report_every_s: float = 5.0  # over UDP: Arlo ends a stream 10 s after the last report (Q110)
