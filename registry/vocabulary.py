"""The closed words of camreach. Imports nothing of the project; every other room speaks with these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class CameraKind(StrEnum):
    """Whose camera it is, which decides what may be stored of its picture."""

    STREET = "street"
    YARD = "yard"
    DOORWAY = "doorway"
    FACILITY = "facility"
    BODY = "body"
    IN_CAR = "in_car"


class Importance(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


class Lifecycle(StrEnum):
    """The registry's word for a camera: what is done with it, never whether it works."""

    PLANNED = "planned"
    INSTALLED = "installed"
    IN_SERVICE = "in_service"
    SUSPENDED = "suspended"
    RETIRED = "retired"

    @property
    def is_probed(self) -> bool:
        return self in (Lifecycle.INSTALLED, Lifecycle.IN_SERVICE, Lifecycle.SUSPENDED)


class AreaKind(StrEnum):
    REGION = "region"
    CITY = "city"
    DISTRICT = "district"


class CenterKind(StrEnum):
    OPERATIONS_CENTER = "operations_center"
    MINI_CENTER = "mini_center"
    DUTY_UNIT = "duty_unit"
    PRECINCT_POINT = "precinct_point"


class Sector(StrEnum):
    """What a site is."""

    STREET = "street"
    YARD = "yard"
    DOORWAY = "doorway"
    MALL = "mall"
    ENTERTAINMENT = "entertainment"
    EDUCATION = "education"
    HEALTHCARE = "healthcare"
    TRANSPORT = "transport"
    POLICE = "police"
    CALL_POINT = "call_point"


class Hop(StrEnum):
    """Where along the way from the lens to the center a feed is taken."""

    CAMERA = "camera"
    RECORDER = "recorder"
    RELAY = "relay"
    CENTER = "center"


class Proof(StrEnum):
    """What a look at a delivery can prove, strongest first."""

    HANDED_ON = "handed_on"
    PULLED = "pulled"
    INFERRED = "inferred"


class TransportPolicy(StrEnum):
    AUTO = "auto"
    TCP = "tcp"
    UDP = "udp"


class Codec(StrEnum):
    H264 = "h264"
    H265 = "h265"
    MJPEG = "mjpeg"
    MPEG4 = "mpeg4"


class Depth(StrEnum):
    """How deep one look goes."""

    LIVENESS = "liveness"
    PICTURE = "picture"
    MEASURE = "measure"


class Stage(StrEnum):
    """The timed steps of a look, in order."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    OPTIONS = "options"
    DESCRIBE = "describe"
    SETUP = "setup"
    PLAY = "play"
    FIRST_PACKET = "first_packet"
    FIRST_KEYFRAME = "first_keyframe"
    DECODE = "decode"


class Outcome(StrEnum):
    """What one look says, before any confirmation."""

    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"
    COULD_NOT_LOOK = "could_not_look"


class Answer(StrEnum):
    """What a picture check says. A check that could not run is never a pass."""

    OK = "ok"
    FOUND = "found"
    NOT_CHECKABLE = "not_checkable"


class FeedState(StrEnum):
    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class DeliveryState(StrEnum):
    REACHING = "reaching"
    DEGRADED = "degraded"
    NOT_REACHING = "not_reaching"
    UNKNOWN = "unknown"


class FailingAt(StrEnum):
    """The place on a delivery's path where the picture is lost."""

    CAMERA = "camera"
    LINK = "link"
    RECORDER = "recorder"
    RELAY = "relay"
    CENTER = "center"
    CAMERA_OR_LINK = "camera_or_link"
    UNKNOWN = "unknown"


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    SCRAPE = "scrape"


class ReasonClass(StrEnum):
    """What a reason says about the feed; DESIGN section 4."""

    SEEN_ABSENT = "seen_absent"
    SEEN_POOR = "seen_poor"
    COULD_NOT_LOOK = "could_not_look"

    @property
    def feed_state(self) -> FeedState:
        return _STATE_OF_CLASS[self]

    @property
    def outcome(self) -> Outcome:
        return _OUTCOME_OF_CLASS[self]


_STATE_OF_CLASS = {
    ReasonClass.SEEN_ABSENT: FeedState.DOWN,
    ReasonClass.SEEN_POOR: FeedState.DEGRADED,
    ReasonClass.COULD_NOT_LOOK: FeedState.UNKNOWN,
}
_OUTCOME_OF_CLASS = {
    ReasonClass.SEEN_ABSENT: Outcome.DOWN,
    ReasonClass.SEEN_POOR: Outcome.DEGRADED,
    ReasonClass.COULD_NOT_LOOK: Outcome.COULD_NOT_LOOK,
}


class Reason(StrEnum):
    """Why a feed is not live: one closed word."""

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
    SIGNAL_LOST = "signal_lost"
    FILLER = "filler"
    FROZEN = "frozen"
    LOOPED = "looped"
    BLACK = "black"
    COVERED = "covered"
    WRONG_SCENE = "wrong_scene"

    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    IMPAIRED_VISIBILITY = "impaired_visibility"
    PARTLY_OBSTRUCTED = "partly_obstructed"
    MOVED = "moved"
    NOISY = "noisy"
    STRIPES = "stripes"
    COLOR_CAST = "color_cast"
    IR_CUT_FAULT = "ir_cut_fault"
    CORRUPT_PICTURE = "corrupt_picture"
    LOW_FRAME_RATE = "low_frame_rate"
    LOW_BITRATE = "low_bitrate"
    PACKET_LOSS = "packet_loss"
    WRONG_PROFILE = "wrong_profile"

    DNS = "dns"
    TLS = "tls"
    NOT_ALLOWED = "not_allowed"
    AUTH_REJECTED = "auth_rejected"
    AUTH_UNSUPPORTED = "auth_unsupported"
    LOCKED_OUT = "locked_out"
    BUSY = "busy"
    PROTOCOL = "protocol"
    UNSUPPORTED = "unsupported"
    DECODER_FAILED = "decoder_failed"
    INTERNAL = "internal"
    VANTAGE_BLIND = "vantage_blind"
    NOT_PROBED = "not_probed"

    @property
    def reason_class(self) -> ReasonClass:
        return WORDS[self].reason_class

    @property
    def rank(self) -> int:
        return WORDS[self].rank


@dataclass(frozen=True, slots=True)
class Label:
    """A word as people on duty see it."""

    en: str
    ru: str
    kk: str


@dataclass(frozen=True, slots=True)
class ReasonWord:
    """One row of the table of reasons. Of several reasons the one with the highest rank is shown."""

    reason_class: ReasonClass
    rank: int
    label: Label
    meaning: str
    usual_cause: str
    next_step: str
    onvif_topic: str | None = None


def shown_reason(reasons: Iterable[Reason]) -> Reason | None:
    """Of several reasons the one to show; None when there is none."""
    return max(reasons, key=lambda reason: reason.rank, default=None)


WORDS: dict[Reason, ReasonWord] = {}

for _i, _r in enumerate(reversed(Reason)):
    _c = (
        ReasonClass.SEEN_ABSENT
        if _i > 27
        else ReasonClass.SEEN_POOR
        if _i > 12
        else ReasonClass.COULD_NOT_LOOK
    )
    WORDS[_r] = ReasonWord(_c, _i, Label(_r, _r, _r), "", "", "")
