"""What a description says of the video in advance (fmtp): parameter sets, configuration, numbering.

What comes in band overrules it (Q76, Q77); what cannot be read is left out.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache

from monitor.media.coding import Coding
from monitor.media.h264 import checked_size
from monitor.media.mpeg4_pictures import Mpeg4Pictures
from monitor.media.parameter_sets import MAX_SET_BYTES, MAX_SETS, MOST_READ, ParameterSets, Size

_FRAME_SIZE = re.compile(r"(?:\d{1,3}\s+)?(\d{1,5})\s*[-,xX]\s*(\d{1,5})", re.ASCII)
_SPROP = {
    "H264": ("sprop-parameter-sets",),
    "H265": ("sprop-vps", "sprop-sps", "sprop-pps"),
}
_LONGEST_KEPT = 1024  # characters; honest ones take about a hundred

DescribedSets = tuple[ParameterSets, bool]  # and whether all of them were usable


def described_sets(coding: Coding, encoding: str, fmtp: Mapping[str, str]) -> DescribedSets:
    """The parameter sets in force before any came in band."""
    joined = ",".join(fmtp.get(name, "") for name in _SPROP[encoding])
    read = _described if len(joined) <= _LONGEST_KEPT else _read_sets
    known, usable = read(coding, joined)
    return known.copy(), usable


def _read_sets(coding: Coding, joined: str) -> DescribedSets:
    sets = coding.new_parameter_sets()
    texts = joined.split(",", MAX_SETS)[:MAX_SETS]
    taken = [_put(sets, coding, text.strip()) for text in texts if text.strip()]
    return sets, all(taken)


_described = lru_cache(MOST_READ)(_read_sets)  # cameras of one model say the same


def _put(sets: ParameterSets, coding: Coding, text: str) -> bool:
    if len(text) > 2 * MAX_SET_BYTES:
        return False
    try:
        nal = _nal_unit(text)
    except ValueError:
        return False
    nal_type = coding.nal_type(nal[0]) if nal else -1
    return nal_type in sets.required and sets.put(nal_type, nal, in_band=False)


def _nal_unit(text: str) -> bytes:
    bare = text.rstrip("=")
    nal = b64decode(bare + "=" * (-len(bare) % 4)).lstrip(b"\x00")
    return nal[1:] if nal[:1] == b"\x01" else nal  # an Annex B start code before it


def take_configuration(pictures: Mpeg4Pictures, fmtp: Mapping[str, str]) -> bool:
    """RFC 6416 section 7.1: `config` in hexadecimal. False when it is not usable."""
    text = fmtp.get("config", "").strip("\"'")
    if not text:
        return True
    try:
        return pictures.describe(bytes.fromhex(text))
    except ValueError:
        return False


def frame_size(fmtp: Mapping[str, str]) -> Size | None:
    """`a=framesize:26 2592-1944` or `a=x-dimensions:2592,1944`; None where it cannot be read."""
    said = _FRAME_SIZE.fullmatch(fmtp.get("framesize", "").strip())
    try:
        return checked_size(int(said[1]), int(said[2])) if said is not None else None
    except ValueError:
        return None


def is_numbered(fmtp: Mapping[str, str]) -> bool:
    """RFC 7798 section 7.1: decoding order numbers are there when this is above 0 (Q144)."""
    text = fmtp.get("sprop-max-don-diff", "").strip()
    return text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0
