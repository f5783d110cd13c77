"""What goes into the judging of a picture and what comes back. It never imports a decoder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from registry.look import Finding, Keyframe
from registry.vocabulary import Answer, Codec, Reason

_MEMORY_VERSION = 1

# Every reason that a picture can show; those of the measure look (rate, loss) are not among them.
PICTURE_REASONS: tuple[Reason, ...] = (
    Reason.SIGNAL_LOST,
    Reason.FILLER,
    Reason.FROZEN,
    Reason.LOOPED,
    Reason.BLACK,
    Reason.COVERED,
    Reason.WRONG_SCENE,
    Reason.TOO_DARK,
    Reason.TOO_BRIGHT,
    Reason.BLURRED,
    Reason.IMPAIRED_VISIBILITY,
    Reason.PARTLY_OBSTRUCTED,
    Reason.MOVED,
    Reason.NOISY,
    Reason.STRIPES,
    Reason.COLOR_CAST,
    Reason.IR_CUT_FAULT,
    Reason.CORRUPT_PICTURE,
    Reason.WRONG_PROFILE,
)


@dataclass(frozen=True, slots=True)
class Luma:
    """Brightness of a picture on the full scale 0-255, whatever range the camera coded."""

    mean: float
    sigma: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMemory:
    """What a feed's pictures looked like until now, seen from one vantage."""

    keyframe_hash: str | None = None
    rtp_time: int | None = None
    arrived_at: datetime | None = None  # of the last keyframe
    changed_at: datetime | None = None  # when the last keyframe's hash was first seen
    keyframe_interval_s: float | None = None  # the longest seen
    width: int | None = None
    height: int | None = None
    luma: Luma | None = None

    def to_json(self) -> str:
        row = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps({"v": _MEMORY_VERSION} | row, default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str | None) -> PictureMemory:
        """The memory as stored; an empty one when the text is not ours, damaged or too old."""
        try:
            row = json.loads(text or "{}")
            if not isinstance(row, dict) or row.get("v") != _MEMORY_VERSION:
                return cls()
            return cls(**{name: read(row[name]) for name, read in _READERS.items() if name in row})
        except (ValueError, TypeError, RecursionError):
            return cls()


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**32:
        raise ValueError(f"a whole number of 32 bits was expected, not {value!r}")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"a finite number was expected, not {value!r}")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text was expected, not {value!r}")  # noqa: TRY004 - one error
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"a moment with its zone was expected, not {value!r}")
    return moment


def _luma(value: object) -> Luma:
    names = {field.name for field in fields(Luma)}
    if not isinstance(value, dict) or value.keys() != names:
        raise ValueError(f"luma with {sorted(names)!r} was expected, not {value!r}")
    return Luma(**{name: _number(number) for name, number in value.items()})


_READERS: dict[str, Callable[[object], Any]] = {
    "keyframe_hash": _text,
    "rtp_time": _whole,
    "arrived_at": _moment,
    "changed_at": _moment,
    "keyframe_interval_s": _number,
    "width": _whole,
    "height": _whole,
    "luma": _luma,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the registry says the stream should be; None where it says nothing."""

    codec: Codec | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """The keyframes of one look, in order of arrival, and what they are judged against.

    `now` is the UTC moment at which the last of them arrived. `keyframe_interval_s` is what a
    measure look found, if one did.
    """

    codec: Codec
    keyframes: tuple[Keyframe, ...]
    memory: PictureMemory
    expected: Expected
    want_snapshot: bool
    now: datetime
    keyframe_interval_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReport:
    """What the picture showed. With `failure` set nothing was seen and no finding is checkable.

    `suspected`: not proven by this look; a look with two keyframes of different GOPs would tell.
    """

    findings: Mapping[Reason, Finding]
    memory: PictureMemory
    suspected: frozenset[Reason] = frozenset()
    width: int | None = None
    height: int | None = None
    snapshot: bytes | None = None
    decode_s: float = 0.0
    checks_s: float = 0.0  # of the child's processor
    failure: Reason | None = None
    detail: str | None = None


def not_checkable(why: str) -> Mapping[Reason, Finding]:
    """Every picture finding answered with the same honest excuse."""
    return dict.fromkeys(PICTURE_REASONS, Finding(Answer.NOT_CHECKABLE, why))
