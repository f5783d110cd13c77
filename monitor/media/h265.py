"""What H.265 NAL units say about themselves (ITU-T H.265 section 7.3). Decodes no picture."""

from __future__ import annotations

from monitor.media.bits import BitReader, Truncated, unescape
from monitor.media.coding import Bytes, Field, Kind
from monitor.media.h264 import checked_size, has_sei_message
from monitor.media.parameter_sets import ParameterSets, Size

VPS, SPS, PPS, PREFIX_SEI = 32, 33, 34, 39
_RECOVERY_POINT = 6
KINDS = {
    **dict.fromkeys(range(10), Kind.SLICE),
    **dict.fromkeys(range(16, 22), Kind.RANDOM_ACCESS),  # BLA, IDR, CRA (Q141)
    VPS: Kind.PARAMETERS,
    SPS: Kind.PARAMETERS,
    PPS: Kind.PARAMETERS,
    PREFIX_SEI: Kind.SEI,
}


def parameter_set_id(nal: bytes) -> int:
    """Raises ValueError."""
    nal_type = nal[0] >> 1 & 63 if nal else -1
    bits = BitReader(unescape(nal[2:160]))
    if nal_type == VPS:
        return bits.u(4)
    if nal_type == SPS:
        bits.skip(4)
        sub_layers = bits.u(3)
        bits.skip(1)
        _skip_profile(bits, sub_layers)
    identity = bits.ue()
    if identity > 63:
        raise Truncated(f"parameter set id {identity}, expected at most 63")
    return identity


def _skip_profile(bits: BitReader, sub_layers: int) -> None:
    """profile_tier_level (7.3.3)"""
    bits.skip(88)
    bits.skip(8)
    if not sub_layers:
        return
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    bits.skip(2 * (8 - sub_layers))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)


def parse_size(nal: bytes) -> Size:
    """The size stands before everything in an SPS that is hard to read (Q123).

    Raises ValueError.
    """
    bits = BitReader(unescape(nal[2:]))
    bits.skip(4)
    sub_layers = bits.u(3)
    bits.skip(1)
    _skip_profile(bits, sub_layers)
    bits.ue()
    chroma = bits.ue()
    if chroma == 3:
        bits.skip(1)
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        unit_x = 2 if chroma in (1, 2) else 1
        unit_y = 2 if chroma == 1 else 1
        left, right, top, bottom = (bits.ue() for _ in range(4))
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return checked_size(width, height)


def is_first_slice(nal_start: bytes) -> bool:
    """first_slice_segment_in_pic_flag"""
    return len(nal_start) > 2 and nal_start[2] >= 0x80


def is_intra_slice(_nal_start: bytes) -> bool:
    """Reading it takes the whole PPS; H.265 has CRA for what H.264 needs a recovery point for."""
    return False


def has_recovery_point(nal: bytes) -> bool:
    return has_sei_message(nal[2:], _RECOVERY_POINT)


def slice_identity(nal: memoryview, _sets: ParameterSets) -> tuple[Bytes, ...]:
    """There is no idr_pic_id to leave out."""
    return (nal,)


def field_of(_nal_start: bytes, _sets: ParameterSets) -> Field | None:
    """There are no pairs of fields to H.265."""
    return None


def parameter_sets() -> ParameterSets:
    return ParameterSets(
        required=(VPS, SPS, PPS),
        sps_type=SPS,
        id_of=parameter_set_id,
        size_of=parse_size,
        may_have_fields=lambda _nal: False,  # a field is a whole picture of its own here
    )
