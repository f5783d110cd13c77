"""The codecs that can be read, by the name an rtpmap gives them. Holds no behaviour of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from monitor.media import h264, h264_slice, h265
from monitor.media.coding import Coding, Kind
from monitor.media.depacketise import H264Depacketiser, H265Depacketiser
from monitor.media.description import (
    described_sets,
    frame_size,
    is_numbered,
    take_configuration,
)
from monitor.media.jpeg_pictures import JpegPictures
from monitor.media.mpeg4_pictures import Mpeg4Pictures
from monitor.media.pictures import Pictures
from monitor.media.units import AccessUnits

H264 = Coding(
    header_bytes=1,
    kinds=tuple(h264.KINDS.get(number, Kind.OTHER) for number in range(32)),
    is_first_slice=h264.is_first_slice,
    is_intra_slice=h264.is_intra_slice,
    has_recovery_point=h264.has_recovery_point,
    field_of=h264_slice.field_of,
    slice_identity=h264_slice.slice_identity,
    new_parameter_sets=h264.parameter_sets,
)
H265 = Coding(
    header_bytes=2,
    kinds=tuple(h265.KINDS.get(number, Kind.OTHER) for number in range(64)),
    is_first_slice=h265.is_first_slice,
    is_intra_slice=h265.is_intra_slice,
    has_recovery_point=h265.has_recovery_point,
    field_of=h265.field_of,
    slice_identity=h265.slice_identity,
    new_parameter_sets=h265.parameter_sets,
)


class Depacketiser(Protocol):
    @property
    def unsupported(self) -> str | None: ...

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """One track's payloads in, its pictures out."""

    depacketiser: Depacketiser
    pictures: Pictures
    description_usable: bool = True
    keyframes_apart_s: float = 0.0


def _h264(fmtp: Mapping[str, str]) -> Reader:
    sets, usable = described_sets(H264, "H264", fmtp)
    units = AccessUnits(H264, sets)
    return Reader(H264Depacketiser(units, H264.kinds), units, usable)


def _h265(fmtp: Mapping[str, str]) -> Reader:
    sets, usable = described_sets(H265, "H265", fmtp)
    units = AccessUnits(H265, sets)
    depacketiser = H265Depacketiser(units, H265.kinds, numbered=is_numbered(fmtp))
    return Reader(depacketiser, units, usable)


def _jpeg(fmtp: Mapping[str, str]) -> Reader:
    """A camera whose sensor is slower than its stream sends each picture twice or more: two that
    are nearer than a second prove nothing beside each other.
    """
    pictures = JpegPictures(frame_size(fmtp))
    return Reader(pictures, pictures, keyframes_apart_s=1.0)


def _mpeg4(fmtp: Mapping[str, str]) -> Reader:
    pictures = Mpeg4Pictures()
    return Reader(pictures, pictures, take_configuration(pictures, fmtp))


READERS = {"H264": _h264, "H265": _h265, "JPEG": _jpeg, "MP4V-ES": _mpeg4}
