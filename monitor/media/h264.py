"""What H.264 NAL units say about themselves (ITU-T H.264 section 7.3). Decodes no picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from monitor.media.bits import BitReader, Truncated, unescape
from monitor.media.coding import Kind
from monitor.media.parameter_sets import MOST_READ, ParameterSets, Size

SLICE, IDR, SEI, SPS, PPS, AUD = 1, 5, 6, 7, 8, 9
KINDS = {
    **dict.fromkeys((1, 2, 3, 4), Kind.SLICE),
    IDR: Kind.RANDOM_ACCESS,
    SEI: Kind.SEI,
    SPS: Kind.PARAMETERS,
    PPS: Kind.PARAMETERS,
}
_CHROMA_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_RECOVERY_POINT = 6
_MAX_PIXELS_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class SeqParameters:
    size: Size
    frame_num_bits: int
    poc_type: int
    poc_lsb_bits: int
    poc_delta_always_zero: bool
    frames_only: bool
    separate_planes: bool


@dataclass(frozen=True, slots=True)
class PicParameters:
    seq_id: int
    cabac: bool
    bottom_field_poc: bool
    slice_groups: int
    redundant_pictures: bool
    deblocking_control: bool


@lru_cache(MOST_READ)
def parameter_set_id(nal: bytes) -> int:
    """Raises ValueError."""
    body = unescape(nal[1:24])
    if nal[:1] and nal[0] & 31 == SPS:
        body = body[3:]  # profile, constraints, level
    identity = BitReader(body).ue()
    if identity > 255:
        raise Truncated(f"parameter set id {identity}, expected at most 255")
    return identity


@lru_cache(MOST_READ)
def parse_sps(nal: bytes) -> SeqParameters:
    """Up to the cropping; what follows (VUI) is often wrong and never needed. Raises ValueError."""
    bits = BitReader(unescape(nal[1:]))
    profile = bits.u(8)
    bits.skip(16)
    bits.ue()
    chroma, separate = 1, False
    if profile in _CHROMA_PROFILES:
        chroma, separate = _skip_chroma(bits)
    frame_num_bits = bits.ue() + 4
    poc_type, poc_lsb_bits, delta_zero = _picture_order(bits)
    bits.ue()  # max_num_ref_frames
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    width, height = 16 * (bits.ue() + 1), 16 * (bits.ue() + 1)
    frames_only = bits.flag()
    height *= 1 if frames_only else 2
    if not frames_only:
        bits.skip(1)  # mb_adaptive_frame_field_flag
    bits.skip(1)  # direct_8x8_inference_flag
    if bits.flag():
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = (2 if chroma == 1 else 1) * (1 if frames_only else 2)
        left, right, top, bottom = (bits.ue() for _ in range(4))
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    size = checked_size(width, height)
    return SeqParameters(
        size, frame_num_bits, poc_type, poc_lsb_bits, delta_zero, frames_only, separate
    )


def checked_size(width: int, height: int) -> Size:
    if not (0 < width <= _MAX_PIXELS_SIDE and 0 < height <= _MAX_PIXELS_SIDE):
        raise ValueError(f"picture of {width} x {height}, expected 1 to {_MAX_PIXELS_SIDE} a side")
    return Size(width, height)


def _skip_chroma(bits: BitReader) -> tuple[int, bool]:
    chroma = bits.ue()
    separate = bits.flag() if chroma == 3 else False
    bits.ue()  # bit depths
    bits.ue()
    bits.skip(1)
    if bits.flag():
        for index in range(8 if chroma != 3 else 12):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, separate


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _picture_order(bits: BitReader) -> tuple[int, int, bool]:
    """(type, bits of the lsb, whether deltas are always zero)"""
    kind = bits.ue()
    if kind == 0:
        return kind, bits.ue() + 4, False
    if kind != 1:
        return kind, 0, False
    delta_zero = bits.flag()
    bits.se()
    bits.se()
    cycle = bits.ue()
    if cycle > 255:
        raise Truncated(f"{cycle} reference frames in a picture order cycle, expected at most 255")
    for _ in range(cycle):
        bits.se()
    return kind, 0, delta_zero


@lru_cache(MOST_READ)
def parse_pps(nal: bytes) -> PicParameters:
    """What a slice header needs to be read. Raises ValueError."""
    bits = BitReader(unescape(nal[1:64]))
    bits.ue()
    seq_id, cabac, bottom_field_poc = bits.ue(), bits.flag(), bits.flag()
    groups = bits.ue() + 1
    if groups > 1:
        return PicParameters(seq_id, cabac, bottom_field_poc, groups, False, False)
    bits.ue()  # num_ref_idx of both lists
    bits.ue()
    bits.skip(3)  # weighted prediction
    for _ in range(3):
        bits.se()  # quantisers
    deblocking_control = bits.flag()
    bits.skip(1)  # constrained_intra_pred_flag
    return PicParameters(seq_id, cabac, bottom_field_poc, groups, bits.flag(), deblocking_control)


def is_intra_slice(nal_start: bytes) -> bool:
    """Whether a slice says of itself that it is I (or SI)."""
    try:
        bits = BitReader(unescape(nal_start[1:]))
        bits.ue()
        return bits.ue() % 5 in (2, 4)
    except Truncated:
        return False


def is_first_slice(nal_start: bytes) -> bool:
    """first_mb_in_slice is 0."""
    return len(nal_start) > 1 and nal_start[1] >= 0x80


def has_recovery_point(nal: bytes) -> bool:
    return has_sei_message(nal[1:], _RECOVERY_POINT)


def has_sei_message(payload: bytes, wanted: int) -> bool:
    """Walk the messages of an SEI (H.264 7.3.2.3.1, H.265 7.3.2.4); never fails."""
    data = unescape(payload[:1024])
    at = 0
    while at + 2 <= len(data) and data[at:] != b"\x80":
        numbers = []
        for _ in range(2):
            number = 0
            while at < len(data) and data[at] == 0xFF:
                number, at = number + 255, at + 1
            number, at = number + (data[at] if at < len(data) else 0), at + 1
            numbers.append(number)
        if numbers[0] == wanted:
            return True
        at += numbers[1]
    return False


def parameter_sets() -> ParameterSets:
    return ParameterSets(
        required=(SPS, PPS),
        sps_type=SPS,
        id_of=parameter_set_id,
        size_of=lambda nal: parse_sps(nal).size,
        may_have_fields=lambda nal: not parse_sps(nal).frames_only,
    )
