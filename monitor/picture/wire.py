"""The language of pool and decoder child: a header, a JSON, a blob. It believes nothing it reads.

A child that a hostile picture has taken over may answer anything, so the parent checks each field
of an answer against what was asked. There is no pickle; sizes are bounded before they are read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.picture.values import Expected, Luma
from registry.look import Finding
from registry.vocabulary import Answer, Codec, Reason

MAX_TEXT_BYTES = 32 * 1024
MAX_KEYFRAME_BYTES = 16 * 1024 * 1024  # a noisy 8K intra picture; the usual 1080p one is 45-325 KB
MAX_SNAPSHOT_BYTES = 40 * 1024
MAX_SIDE = 16_384
MAX_WORDS = 300

_HEADER = struct.Struct(">4sII")
HEADER_BYTES = _HEADER.size
_MAGIC = b"crp1"

# What a child may answer. Repetition is decided in the parent, from hashes alone.
CHILD_REASONS = frozenset({Reason.BLACK, Reason.TOO_DARK, Reason.TOO_BRIGHT, Reason.WRONG_PROFILE})


class BadMessage(Exception):
    """What came through the pipe is not what this side expects."""


@dataclass(frozen=True, slots=True)
class Job:
    """One keyframe to judge."""

    number: int
    codec: Codec
    expected: Expected
    want_snapshot: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What the child saw."""

    number: int
    findings: Mapping[Reason, Finding]
    luma: Luma
    width: int
    height: int
    snapshot: bytes | None
    decode_s: float
    checks_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the child could not see anything."""

    number: int
    detail: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The child's first word. `unconfined` says which confinement is missing, if any."""

    unconfined: str | None


def sizes(header: bytes, max_blob_bytes: int) -> tuple[int, int]:
    """Bytes of JSON and of blob to read next."""
    magic, text_bytes, blob_bytes = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise BadMessage(f"message starts with {magic!r}, expected {_MAGIC!r}")
    if text_bytes > MAX_TEXT_BYTES or blob_bytes > max_blob_bytes:
        raise BadMessage(
            f"message of {text_bytes} + {blob_bytes} bytes,"
            f" expected at most {MAX_TEXT_BYTES} + {max_blob_bytes}"
        )
    return text_bytes, blob_bytes


def _pack(row: dict[str, Any], blob: bytes = b"") -> bytes:
    return _head(row, blob) + blob


def _head(row: dict[str, Any], blob: bytes) -> bytes:
    text = json.dumps(row, allow_nan=False).encode()
    return _HEADER.pack(_MAGIC, len(text), len(blob)) + text


def pack_job(job: Job) -> bytes:
    """Without the keyframe: that lies in the room that both share."""
    expected = [job.expected.codec, job.expected.width, job.expected.height]
    row = {"job": job.number, "codec": job.codec, "expected": expected}
    return _head(row | {"snapshot": job.want_snapshot}, job.data)


def read_job(text: bytes, blob: bytes) -> Job:
    """In the child: the parent is trusted."""
    row = json.loads(text)
    codec, width, height = row["expected"]
    expected = Expected(codec and Codec(codec), width, height)
    return Job(row["job"], Codec(row["codec"]), expected, row["snapshot"], blob)


def pack_seen(seen: Seen) -> bytes:
    row = {
        "job": seen.number,
        "findings": {r: [f.answer, f.why, f.value] for r, f in seen.findings.items()},
        "luma": [seen.luma.mean, seen.luma.sigma, seen.luma.p99],
        "size": [seen.width, seen.height],
        "seconds": [seen.decode_s, seen.checks_s],
    }
    return _pack(row, seen.snapshot or b"")


def pack_refused(refused: Refused) -> bytes:
    return _pack({"job": refused.number, "refused": refused.detail[:MAX_WORDS]})


def pack_ready(ready: Ready) -> bytes:
    return _pack({"ready": True, "unconfined": ready.unconfined})


def pack_broken(why: str) -> bytes:
    """Instead of `ready`: the child cannot work at all."""
    return _pack({"ready": False, "why": why[:MAX_WORDS]})


def read_ready(text: bytes, blob: bytes) -> Ready:
    row = _object(text)
    if row.get("ready") is not True or blob:
        raise BadMessage(f"child is not ready: {words(row.get('why'))!r}")
    missing = row.get("unconfined")
    return Ready(None if missing is None else words(missing))


def read_answer(text: bytes, blob: bytes, number: int) -> Seen | Refused:
    """In the parent: nothing of this is believed before it was looked at."""
    row = _object(text)
    if type(row.get("job")) is not int or row["job"] != number:
        raise BadMessage(f"answer to job {words(row.get('job'))!r}, expected {number}")
    if "refused" in row:
        return Refused(number, words(row["refused"]))
    width, height = (_side(side) for side in _list(row.get("size"), 2))
    decode_s, checks_s = (_number(s, 0.0, 3600.0) for s in _list(row.get("seconds"), 2))
    luma = Luma(*(_number(level, 0.0, 255.0) for level in _list(row.get("luma"), 3)))
    findings = _findings(row.get("findings"))
    return Seen(number, findings, luma, width, height, _snapshot(blob), decode_s, checks_s)


def words(value: object) -> str:
    """Text of a child as it may be shown: short and printable."""
    text = value if isinstance(value, str) else type(value).__name__
    return "".join(c if c.isprintable() else "?" for c in text[:MAX_WORDS])


def _object(text: bytes) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"message is not JSON: {type(error).__name__}") from error
    if not isinstance(row, dict):
        raise BadMessage(f"message is {type(row).__name__}, expected an object")
    return row


def _list(value: object, length: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != length:
        raise BadMessage(f"seen {words(value)!r}, expected a list of {length}")
    return value


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadMessage(f"seen {words(value)!r}, expected a number")
    if not (low <= value <= high) or not math.isfinite(value):
        raise BadMessage(f"seen {value!r}, expected {low} to {high}")
    return float(value)


def _side(value: object) -> int:
    if type(value) is not int or not 0 < value <= MAX_SIDE:
        raise BadMessage(f"picture side of {words(value)!r}, expected 1 to {MAX_SIDE}")
    return value


def _findings(value: object) -> dict[Reason, Finding]:
    if not isinstance(value, dict) or value.keys() != CHILD_REASONS:
        raise BadMessage(f"findings {words(value)!r}, expected {sorted(CHILD_REASONS)!r}")
    return {Reason(name): _finding(row) for name, row in value.items()}


def _finding(value: object) -> Finding:
    answer, why, measured = _list(value, 3)
    if answer not in tuple(Answer):
        raise BadMessage(f"answer {words(answer)!r}, expected one of {[*Answer]!r}")
    number = None if measured is None else _number(measured, -1e9, 1e9)
    return Finding(Answer(answer), None if why is None else words(why), number)


def _snapshot(blob: bytes) -> bytes | None:
    if not blob:
        return None
    if not (blob.startswith(b"\xff\xd8\xff") and blob.endswith(b"\xff\xd9")):
        raise BadMessage(f"snapshot starts with {blob[:3]!r}, expected a JPEG")
    return blob
