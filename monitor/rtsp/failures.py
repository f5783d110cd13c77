"""What can go wrong between us and a camera, in one closed set.

Never decides what it means for a feed.
"""

from __future__ import annotations

from enum import StrEnum

from monitor.rtsp.values import light_value


class ProbeFailure(StrEnum):
    """The words of DESIGN section 4 that a protocol can raise."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"
    NO_PACKETS = "no_packets"
    BURST_ONLY = "burst_only"
    NO_KEYFRAME = "no_keyframe"
    ENDED_BY_CAMERA = "ended_by_camera"
    PACKET_LOSS = "packet_loss"
    DNS = "dns"
    TLS = "tls"
    NOT_ALLOWED = "not_allowed"
    AUTH_REJECTED = "auth_rejected"
    AUTH_UNSUPPORTED = "auth_unsupported"
    LOCKED_OUT = "locked_out"
    BUSY = "busy"
    PROTOCOL = "protocol"
    UNSUPPORTED = "unsupported"
    INTERNAL = "internal"


class Step(StrEnum):
    """The requests of a session, in order; also where in it something was seen."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    OPTIONS = "options"
    DESCRIBE = "describe"
    SETUP = "setup"
    PLAY = "play"
    STREAM = "stream"
    KEEPALIVE = "keepalive"
    TEARDOWN = "teardown"


@light_value
class Where:
    """The place of a failure: enough to find the bytes in a capture."""

    peer: str
    step: Step | None = None
    position: int | None = None  # bytes received on the connection before it
    cseq: int | None = None

    def __str__(self) -> str:
        words = [self.peer] if self.peer else []
        if self.step is not None:
            words.append(f"during {self.step}")
        if self.position is not None:
            words.append(f"at byte {self.position}")
        if self.cseq is not None:
            words.append(f"cseq {self.cseq}")
        return ", ".join(words)


class ProbeError(Exception):
    """A look cannot go on: what was seen and expected, where, and the bytes near it."""

    def __init__(
        self, failure: ProbeFailure, message: str, where: Where, near: bytes = b""
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.where = where
        self.near = near[:64]

    def __str__(self) -> str:
        near = f" near {hexdump(self.near)}" if self.near else ""
        where = f" ({self.where})" if str(self.where) else ""
        return f"{self.message}{near}{where}"


class Malformed(ValueError):
    """One piece of text is not what its grammar says.

    The caller knows the place and whether it matters.
    """


def hexdump(data: bytes) -> str:
    """Bytes of a peer made harmless: hex, then the printable ones of them."""
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f"[{data.hex(' ')}] {text!r}"
