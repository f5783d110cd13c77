"""Paints and encodes clips: `python -m monitor.simulator.making FOLDER`, a spec per line of stdin.

It must not stay in memory after its work: only this process loads the video libraries.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2

from monitor.simulator.cache import save
from monitor.simulator.clips import AccessUnit, Clip, ClipSpec
from monitor.simulator.rtp import nal_units, payloads
from monitor.simulator.scenes import Painter
from registry.vocabulary import Codec

_PARAMETER_SET_TYPES = {Codec.H264: frozenset({7, 8}), Codec.H265: frozenset({32, 33, 34})}
_AUD_TYPE = {Codec.H264: 9, Codec.H265: 35}
_IDR_TYPES = {Codec.H264: frozenset({5}), Codec.H265: frozenset({19, 20})}
_ENCODERS = {Codec.H264: "libx264", Codec.H265: "libx265"}


def make_clip(spec: ClipSpec) -> Clip:
    parameter_sets: dict[bytes, None] = {}
    units: list[AccessUnit] = []
    for coded in _encode(spec):
        nals = [n for n in nal_units(coded) if _nal_type(spec.codec, n) != _AUD_TYPE[spec.codec]]
        types = [_nal_type(spec.codec, nal) for nal in nals]
        for nal, kind in zip(nals, types, strict=True):
            if kind in _PARAMETER_SET_TYPES[spec.codec]:
                parameter_sets[nal] = None
        parts = tuple(part for nal in nals for part in payloads(spec.codec, nal))
        units.append(AccessUnit(parts, not _IDR_TYPES[spec.codec].isdisjoint(types)))
    return Clip(spec, tuple(parameter_sets), tuple(units))


def _nal_type(codec: Codec, nal: bytes) -> int:
    return (nal[0] >> 1) & 0x3F if codec is Codec.H265 else nal[0] & 0x1F


def _encode(spec: ClipSpec) -> Iterator[bytes]:
    painter = Painter(spec.scene, spec.width, spec.height, spec.seconds)
    encoder = _encoder(spec)
    for number in range(spec.seconds * spec.frames_per_second):
        planes = painter.frame(number / spec.frames_per_second)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        yield from (bytes(packet) for packet in encoder.encode(frame))
    yield from (bytes(packet) for packet in encoder.encode(None))


def _encoder(spec: ClipSpec) -> av.VideoCodecContext:
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(_ENCODERS[spec.codec], "w"))
    encoder.width, encoder.height = spec.width, spec.height
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(spec.frames_per_second)
    encoder.time_base = Fraction(1, spec.frames_per_second)
    encoder.thread_count = 1  # one slice per picture
    gop = spec.frames_per_second
    common = {"preset": "ultrafast", "tune": "zerolatency", "crf": str(spec.quality)}
    strict = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:repeat-headers=1"
    if spec.codec is Codec.H265:
        quiet = ":pools=none:frame-threads=1:open-gop=0:log-level=none:info=0"
        encoder.options = common | {"x265-params": strict + quiet}
    else:
        tools = ":cabac=1:deblock=0,0" if spec.main_profile else ""
        encoder.options = common | {"x264-params": strict + tools}
    return encoder


def main() -> None:
    folder = Path(sys.argv[1])
    cv2.setNumThreads(1)  # one such process runs per core
    for line in sys.stdin:
        spec = ClipSpec.from_json(line)
        save(make_clip(spec), folder)
        print(spec.file_name, flush=True)


if __name__ == "__main__":
    main()
