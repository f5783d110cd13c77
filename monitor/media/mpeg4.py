"""What MPEG-4 part 2 video says about itself (ISO/IEC 14496-2 section 6.2). Decodes no picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.media.bits import BitReader
from monitor.media.h264 import checked_size
from monitor.media.parameter_sets import Size

START_CODE = b"\x00\x00\x01"
VOP = START_CODE + b"\xb6"
_GROUP_OF_VOP = START_CODE + b"\xb3"
_LAYER = re.compile(rb"\x00\x00\x01[\x20-\x2f]")
_INTRA = 0
_RECTANGULAR, _BINARY_ONLY, _GRAYSCALE = 0, 2, 3
_EXTENDED_ASPECT = 15
_VBV_PARAMETERS_BITS = 79
_LONGEST_VOP_HEADER = 64  # bytes


@dataclass(frozen=True, slots=True)
class Layer:
    """The video object layer: what its pictures are like and how their times are written."""

    size: Size
    time_bits: int


@dataclass(frozen=True, slots=True)
class Configuration:
    data: bytes
    layer: Layer | None  # None: it could not be read


def configuration_in(headers: bytes) -> Configuration | None:
    """The configuration among the headers before a VOP; None when there is no layer in it."""
    data = headers.partition(_GROUP_OF_VOP)[0]
    found = _LAYER.search(data)
    if found is None:
        return None
    try:
        return Configuration(data, parse_layer(data[found.end() :]))
    except ValueError:
        return Configuration(data, None)


def parse_layer(body: bytes) -> Layer:
    """Behind the start code, section 6.2.3. Raises ValueError."""
    bits = BitReader(body[:256])
    bits.skip(9)  # random_accessible_vol, video_object_type_indication
    version = 1
    if bits.flag():
        version = bits.u(4)
        bits.skip(3)
    if bits.u(4) == _EXTENDED_ASPECT:
        bits.skip(16)
    if bits.flag():  # vol_control_parameters
        bits.skip(3)
        if bits.flag():
            bits.skip(_VBV_PARAMETERS_BITS)
    shape = bits.u(2)
    if shape == _GRAYSCALE and version != 1:
        bits.skip(4)
    time_bits = _time_bits(bits)
    if shape != _RECTANGULAR:
        raise ValueError(f"video object of shape {shape}, expected a rectangle")
    bits.skip(1)
    width = bits.u(13)
    bits.skip(1)
    return Layer(checked_size(width, bits.u(13)), time_bits)


def _time_bits(bits: BitReader) -> int:
    bits.skip(1)
    resolution = bits.u(16)
    if not resolution:
        raise ValueError("a vop_time_increment_resolution of 0")
    count = max(1, (resolution - 1).bit_length())
    bits.skip(1)
    if bits.flag():  # fixed_vop_rate
        bits.skip(count)
    return count


def is_intra(vop: memoryview) -> bool:
    """Whether a VOP, from its start code on, says of itself that it is an I-VOP."""
    return len(vop) > len(VOP) and vop[len(VOP)] >> 6 == _INTRA


def vop_identity(vop: bytes, layer: Layer | None) -> tuple[bytes, ...]:
    """Parts to hash: an I-VOP without its times, which differ whatever the picture shows."""
    if layer is None:
        return (vop,)
    try:
        return _without_times(vop[len(VOP) :], layer)
    except ValueError:
        return (vop,)


def _without_times(body: bytes, layer: Layer) -> tuple[bytes, ...]:
    bits = BitReader(body[:_LONGEST_VOP_HEADER])
    bits.skip(2)
    while bits.flag():  # modulo_time_base
        pass
    bits.skip(1 + layer.time_bits + 1)
    behind = bits.position
    left = 8 * len(body) - behind
    coded = int.from_bytes(body) & ((1 << left) - 1)
    stuffing = (~coded & coded + 1).bit_length()  # a 0, then 1s up to the byte border (6.2.5)
    coded, left = coded >> stuffing, left - stuffing
    return (b"%d" % left, coded.to_bytes(left // 8 + 1))
