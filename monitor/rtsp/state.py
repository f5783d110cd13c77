"""The conversation of one look as values: its state, what happens to it, what it wants done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from monitor.rtsp.auth import Challenge, Credentials, Signer
from monitor.rtsp.failures import ProbeError, Step
from monitor.rtsp.headers import SessionAnswer
from monitor.rtsp.messages import Request, Response
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.replies import Description
from monitor.rtsp.sdp import VideoTrack
from monitor.rtsp.url import Url
from monitor.rtsp.values import light_value


class Phase(StrEnum):
    CONVERSING = "conversing"
    STREAMING = "streaming"
    LEAVING = "leaving"
    GONE = "gone"


@light_value
class Send:
    """A request to be sent, which is unanswered from then on."""

    request: Request
    step: Step
    cseq: int
    signed: bool = False
    resigned: bool = False


@dataclass(slots=True)
class State:
    """Written by `client.step` alone, and never by two looks."""

    url: Url
    credentials: Credentials | None
    cnonce: str = field(repr=False, default="")
    supported: frozenset[str] = frozenset({"H264", "H265"})
    ask_options: bool = False
    over_udp: bool = False
    may_switch: bool = False  # between TCP and UDP, once in a look
    prefers_md5: bool = False  # SHA-256 was refused here before (Q39)
    sha256_works: bool = False  # a login by it was taken here before

    phase: Phase = Phase.CONVERSING
    cseq: int = 0
    unanswered: list[Send] = field(default_factory=list)
    signer: Signer | None = None  # once there is a challenge to answer
    nonce_uses: int = 0
    tried: bool = False  # a signed request went out in this look
    accepted: bool = False  # the camera took a signed request
    rejected: bool = False
    reconnected: bool = False
    redirects: int = 0
    description: Description | None = None
    client_ports: tuple[int, int] = (0, 0)  # where we listen for RTP and RTCP over UDP
    session: SessionAnswer | None = None
    keepalive: str = "OPTIONS"  # the method of the next one
    quirks: set[Quirk] = field(default_factory=set)
    server: str | None = None

    @property
    def challenge(self) -> Challenge | None:
        return None if self.signer is None else self.signer.challenge

    @property
    def login_verdict(self) -> bool | None:
        """What the camera said of the login; None while nothing."""
        if self.rejected:
            return False
        return True if self.accepted else None

    @property
    def known_description(self) -> Description:
        """For the steps that come after DESCRIBE."""
        if self.description is None:
            raise LookupError("no description yet: SETUP comes after DESCRIBE")
        return self.description

    @property
    def step(self) -> Step:
        if self.unanswered:
            return self.unanswered[-1].step
        return Step.STREAM if self.phase is Phase.STREAMING else Step.CONNECT


# --- events and actions -------------------------------------------------------------------------


@light_value
class Opened:
    """A connection stands: the first, or the one asked for by Reconnect; what was said on another
    one is over. `client_ports` are bound where `over_udp` asks for them.
    """

    client_ports: tuple[int, int] = (0, 0)


@light_value
class Ended:
    """The camera closed the connection."""


@light_value
class Stop:
    """We want to leave."""


@light_value
class KeepAlive:
    """The stream has lasted for half the session's time-out, or for another half."""


Event: TypeAlias = Opened | Ended | Stop | KeepAlive | Response | Request


@light_value
class Reply:
    response: Response


@light_value
class Listen:
    """Media may come on these channels from now on (Q91), or over UDP: from these ports, 0 being
    any (Q84).
    """

    track: VideoTrack
    rtp_channel: int
    rtcp_channel: int
    ssrc: int | None
    server_ports: tuple[int, int] | None = None


@light_value
class Streaming:
    """PLAY was answered."""


@light_value
class Reconnect:
    """Leave the camera, close this connection and open one to `url` after a pause; then say
    Opened.
    """

    url: Url
    pause_s: float = 0.0


@light_value
class Gone:
    """Nothing of ours is left on the camera, as far as can be known."""


@light_value
class Break:
    """The look cannot go on; only Stop may follow."""

    error: ProbeError


Action: TypeAlias = Send | Reply | Listen | Streaming | Reconnect | Gone | Break
