"""What a simulated camera can be told to do, and the plain values that describe a fleet.

It must not import video libraries: the parent side of the demo and the table of faults read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from registry.vocabulary import Codec


class Behaviour(StrEnum):
    """How a camera behaves towards whoever asks for its video."""

    LIVE = "live"
    REFUSES = "refuses"
    HANGS_UP = "hangs_up"
    SILENT = "silent"
    GARBAGE = "garbage"
    PLAIN_INSTEAD_OF_TLS = "plain_instead_of_tls"
    REJECTS_LOGIN = "rejects_login"
    HANGS_UP_ON_LOGIN = "hangs_up_on_login"
    DIGEST_SHA256 = "digest_sha256"
    BASIC_ONLY = "basic_only"
    NOT_FOUND = "not_found"
    AUDIO_ONLY = "audio_only"
    OTHER_CODEC = "other_codec"
    BUSY = "busy"
    NO_PACKETS = "no_packets"
    BURST_ONLY = "burst_only"
    BURST_THEN_LIVE = "burst_then_live"
    LOSES_PACKETS = "loses_packets"
    NO_KEYFRAME = "no_keyframe"
    SLOW_KEYFRAME = "slow_keyframe"
    FROZEN = "frozen"
    BLACK = "black"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    WRONG_PROFILE = "wrong_profile"
    HANGS_MID_STREAM = "hangs_mid_stream"
    CLOSES_MID_STREAM = "closes_mid_stream"
    ENDS_WITH_BYE = "ends_with_bye"

    @property
    def drops_running_sessions(self) -> bool:
        """A camera that fell away, lost its stream or its accounts does not go on sending."""
        return self in _DROPPING

    @property
    def is_of_the_box(self) -> bool:
        """No channel of a recorder can behave so alone."""
        return self in (Behaviour.REFUSES, Behaviour.PLAIN_INSTEAD_OF_TLS)


_DROPPING = frozenset(
    {
        *(Behaviour.REFUSES, Behaviour.HANGS_UP, Behaviour.REJECTS_LOGIN, Behaviour.NOT_FOUND),
        *(Behaviour.AUDIO_ONLY, Behaviour.OTHER_CODEC),
    }
)


_ABOUT_LOGINS = frozenset(
    {
        *(Behaviour.REJECTS_LOGIN, Behaviour.HANGS_UP_ON_LOGIN),
        *(Behaviour.DIGEST_SHA256, Behaviour.BASIC_ONLY),
    }
)


class AuthOffer(StrEnum):
    """Which schemes a camera offers in its 401."""

    BASIC = "basic"
    DIGEST_MD5 = "digest_md5"
    DIGEST_MD5_AND_BASIC = "digest_md5_and_basic"
    DIGEST_SHA256 = "digest_sha256"


@dataclass(frozen=True, slots=True)
class SimulatedLogin:
    username: str
    password: str = field(repr=False)


FALLBACK_LOGIN = SimulatedLogin("camreach", "simulated-fleet")
HEAVY_LOSS = 0.15  # a keyframe of twenty packets is whole one time in 26


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCamera:
    """One stream. With `recorder` it is a channel of that box, else it has a host of its own."""

    code: str
    behaviour: Behaviour = Behaviour.LIVE
    recorder: str | None = None
    codec: Codec = Codec.H264
    login: SimulatedLogin | None = None
    auth: AuthOffer = AuthOffer.DIGEST_MD5
    reply_delay_s: float = 0.04
    start_delay_s: float = 0.0  # from the answer to PLAY to the first packet
    tls: bool = False  # with a certificate that it signed itself
    udp: bool = False  # its video comes over UDP and no other way
    loss: float = 0.0  # share of its packets that get lost on that way
    stalls_every_s: float = 0.0  # so often it sends nothing for two seconds, then all at once

    def able_to(self, behaviour: Behaviour) -> SimulatedCamera:
        """The same camera, reached in the way in which that behaviour can be seen."""
        match behaviour:
            case Behaviour.PLAIN_INSTEAD_OF_TLS:
                return replace(self, tls=True)
            case Behaviour.LOSES_PACKETS:
                return replace(self, udp=True)
            case _:
                return self

    def loss_under(self, behaviour: Behaviour) -> float:
        return HEAVY_LOSS if behaviour is Behaviour.LOSES_PACKETS else self.loss

    def login_under(self, behaviour: Behaviour) -> SimulatedLogin | None:
        """The login asked for; behaviours about logins have one even where the camera has none."""
        return self.login or (FALLBACK_LOGIN if behaviour in _ABOUT_LOGINS else None)

    def auth_under(self, behaviour: Behaviour) -> AuthOffer:
        match behaviour:
            case Behaviour.DIGEST_SHA256:
                return AuthOffer.DIGEST_SHA256
            case Behaviour.BASIC_ONLY:
                return AuthOffer.BASIC
            case _:
                return self.auth


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRecorder:
    """A box with many channels and few sessions. One that is left without TEARDOWN lingers."""

    code: str
    session_limit: int = 4
    lingering_s: float = 0.0
