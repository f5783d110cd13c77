"""Rows -> plain frozen values to look at. The monitor sees the registry only through these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.look import FeedKey
from registry.vocabulary import (
    CameraKind,
    CenterKind,
    Codec,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    TlsPolicy,
    TransportPolicy,
)


@dataclass(frozen=True, slots=True)
class Login:
    """A decrypted credential, in memory only. Its repr shows nothing of it."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)  # further {placeholders}
    hosts: tuple[str, ...] = ()  # names, addresses, CIDR networks it may be sent to
    allow_basic: bool = False
    fingerprint: str = ""  # keyed hash: tells two logins apart, reveals neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One feed to look at, with everything a door needs and nothing else."""

    key: FeedKey
    feed_id: int
    url: str  # with {user}, {password}, {secret} placeholders; also what is shown
    host: str
    port: int
    hop: Hop
    kind: CameraKind
    importance: Importance
    lifecycle: Lifecycle
    login: Login | None = None
    transport: TransportPolicy = TransportPolicy.AUTO
    tls_policy: TlsPolicy = TlsPolicy.VERIFY
    recorder: str | None = None  # its channels share one session budget
    session_budget: int = 1
    site: str | None = None
    site_kbit: int | None = None  # what looks may take of the site's line; None: the default
    center: str | None = None  # the center whose line a look loads
    center_kbit: int | None = None
    snapshots: bool = False  # may the last frame be kept
    expected_codec: Codec | None = None
    expected_width: int | None = None
    expected_height: int | None = None
    expected_fps: float | None = None
    keyframe_limit_s: float | None = None
    start_limit_s: float | None = None  # a relay that fetches the picture only when asked
    liveness_every_s: float | None = None
    picture_every_s: float | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Where the picture is taken: what was seen at one place says nothing of another."""
        return (self.feed_id, self.url, self.host, self.port, self.hop, self.recorder)

    @property
    def host_key(self) -> str:
        """Feeds with the same key share one session budget: a recorder, or else one host."""
        return f"recorder:{self.recorder}" if self.recorder else f"host:{self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTarget:
    """One delivery with its path: feeds from the center's end back to the lens."""

    delivery_id: int
    camera: str
    center: str
    proof: Proof
    path: tuple[FeedKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFacts:
    """What the metrics and overviews say of a camera; closed words and codes only."""

    camera: str
    kind: CameraKind
    importance: Importance
    lifecycle: Lifecycle
    area: str
    site: str = ""
    system: str = ""
    recorder: str = ""
    contractor: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterFacts:
    code: str
    kind: CenterKind
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """The whole inventory as the monitor follows it, at one revision."""

    revision: int
    vantage: str
    vantage_id: int
    targets: Mapping[FeedKey, Target]
    deliveries: tuple[DeliveryTarget, ...]
    cameras: Mapping[str, CameraFacts]
    centers: Mapping[str, CenterFacts]
