"""What a clip is: the values that making, the cache and the cameras share.

It must not import video libraries: a fleet whose clips are cached runs without them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Self

from registry.vocabulary import Codec

FORMAT = b"camreach-clip-3\n"  # part of the content key: raise it when scenes or coding change


class Scene(StrEnum):
    STREET_DAY = "street_day"
    STREET_DUSK = "street_dusk"
    CROSSING_DAY = "crossing_day"
    CROSSING_DUSK = "crossing_dusk"
    YARD_DAY = "yard_day"
    YARD_DUSK = "yard_dusk"
    DOORWAY_DAY = "doorway_day"
    DOORWAY_DUSK = "doorway_dusk"
    BLACK = "black"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """What a clip shows and how it is coded: the content key of the cache."""

    scene: Scene
    codec: Codec
    seconds: int
    width: int = 640
    height: int = 360
    frames_per_second: int = 10
    quality: int = 27  # constant rate factor
    main_profile: bool = False  # CABAC and deblocking, as cameras code H.264; baseline is quicker

    @property
    def key(self) -> str:
        return hashlib.sha256(FORMAT + self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        said = json.loads(text)
        return cls(scene=Scene(said.pop("scene")), codec=Codec(said.pop("codec")), **said)

    @property
    def file_name(self) -> str:
        return f"{self.scene}-{self.codec}-{self.width}x{self.height}-{self.key}.clip"


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture as RTP payloads; a keyframe is led by its parameter sets."""

    payloads: tuple[bytes, ...] = field(repr=False)
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """Closed GOPs of equal length, each led by a keyframe, played round and round."""

    spec: ClipSpec
    parameter_sets: tuple[bytes, ...] = field(repr=False)
    units: tuple[AccessUnit, ...] = field(repr=False)

    @property
    def gop_length(self) -> int:
        return self.spec.frames_per_second


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Which clips a fleet needs. The short one is for tests: fewer scenes, as many kinds."""

    live: tuple[Scene, ...]
    live_seconds: int  # prime, so that no cadence keeps meeting the same keyframe
    special_seconds: int

    def specs(self) -> Iterator[ClipSpec]:
        """Longest first, so that two cores finish together."""
        yield ClipSpec(scene=self.live[0], codec=Codec.H265, seconds=self.live_seconds)
        for scene in self.live:
            yield ClipSpec(scene=scene, codec=Codec.H264, seconds=self.live_seconds)
        for codec in (Codec.H265, Codec.H264):
            for scene in (Scene.BLACK, Scene.TOO_DARK, Scene.TOO_BRIGHT):
                yield ClipSpec(scene=scene, codec=codec, seconds=self.special_seconds)
            yield ClipSpec(
                scene=self.live[0], codec=codec, seconds=self.special_seconds, width=320, height=180
            )


FULL = Catalogue(
    live=(
        Scene.STREET_DAY,
        Scene.YARD_DAY,
        Scene.CROSSING_DUSK,
        Scene.DOORWAY_DAY,
        Scene.STREET_DUSK,
        Scene.YARD_DUSK,
        Scene.CROSSING_DAY,
        Scene.DOORWAY_DUSK,
    ),
    live_seconds=97,
    special_seconds=13,
)
SHORT = Catalogue(live=(Scene.STREET_DAY, Scene.DOORWAY_DUSK), live_seconds=13, special_seconds=5)


@dataclass(frozen=True, slots=True)
class ClipLibrary:
    """The clips of a catalogue, loaded."""

    catalogue: Catalogue
    clips: Mapping[ClipSpec, Clip] = field(repr=False)

    def live(self, codec: Codec, pick: int) -> Clip:
        """One of the live clips of a codec, the same for the same number."""
        fitting = [c for c in self.clips.values() if c.spec.codec is codec and self._is_live(c)]
        return fitting[pick % len(fitting)]

    def special(self, codec: Codec, scene: Scene) -> Clip:
        return next(
            c for c in self.clips.values() if c.spec.codec is codec and c.spec.scene is scene
        )

    def other_size(self, codec: Codec) -> Clip:
        return next(c for c in self.clips.values() if c.spec.codec is codec and c.spec.width != 640)

    def _is_live(self, clip: Clip) -> bool:
        return clip.spec.scene in self.catalogue.live and clip.spec.width == 640
