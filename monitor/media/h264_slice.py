"""Slice headers of H.264: which field a slice is of, and the identity of an IDR slice, its coded
content without idr_pic_id, which alternates by rule.

Pure.
"""

from __future__ import annotations

import sys

from monitor.media.bits import BitReader, unescape
from monitor.media.coding import Bytes, Field
from monitor.media.h264 import IDR, PPS, SPS, PicParameters, SeqParameters, parse_pps, parse_sps
from monitor.media.parameter_sets import ParameterSets

_LONGEST_HEADER = 64  # bytes; an I slice header takes about ten
_PRIME = sys.hash_info.modulus
_PIECE = 8 * 1024


def field_of(nal_start: bytes, sets: ParameterSets) -> Field | None:
    """The field a slice belongs to; None when it is of a whole frame or cannot be read."""
    try:
        bits = BitReader(unescape(nal_start[1:]))
        _first_mb, _slice_type, pic_id = bits.ue(), bits.ue(), bits.ue()
        pps = parse_pps(sets.get(PPS, pic_id) or b"")
        sps = parse_sps(sets.get(SPS, pps.seq_id) or b"")
        bits.skip(2 if sps.separate_planes else 0)
        frame_num = bits.u(sps.frame_num_bits)
        if sps.frames_only or not bits.flag():
            return None
        return Field(frame_num, bits.flag())
    except ValueError:
        return None


def slice_identity(nal: memoryview, sets: ParameterSets) -> tuple[Bytes, ...]:
    """Parts to hash: for an IDR slice the header without idr_pic_id and then the data, else the
    whole.
    """
    if nal[0] & 31 != IDR:
        return (nal,)
    try:
        return _idr_identity(nal, sets)
    except ValueError:
        return (nal,)  # unreadable: replays still look equal, only re-encoded twins may not


def _idr_identity(nal: memoryview, sets: ParameterSets) -> tuple[Bytes, ...]:
    head = unescape(bytes(nal[1:_LONGEST_HEADER]))
    bits = BitReader(head)
    first_mb, slice_type, pic_id = bits.ue(), bits.ue(), bits.ue()
    pps = parse_pps(sets.get(PPS, pic_id) or b"")
    sps = parse_sps(sets.get(SPS, pps.seq_id) or b"")
    if pps.slice_groups > 1 or sps.separate_planes:
        raise ValueError("slice groups and separate colour planes are not followed")
    fields = [first_mb, slice_type, pic_id, bits.u(sps.frame_num_bits)]
    if not sps.frames_only and bits.flag():
        fields.append(1 + bits.u(1))
    bits.ue()  # idr_pic_id
    begin = bits.position
    _skip_rest(bits, sps, pps)
    fields += [bits.position - begin, _between(head, begin, bits.position)]
    described = repr(fields).encode()
    if pps.cabac:
        return (described, nal[1 + _raw_offset(nal, -(-bits.position // 8)) :])
    return (described, _unaligned(nal, bits.position))


def _skip_rest(bits: BitReader, sps: SeqParameters, pps: PicParameters) -> None:
    """From behind idr_pic_id to slice_data (7.3.3), for an I slice of an IDR frame."""
    if sps.poc_type == 0:
        bits.skip(sps.poc_lsb_bits)
        if pps.bottom_field_poc and sps.frames_only:
            bits.se()
    elif sps.poc_type == 1 and not sps.poc_delta_always_zero:
        bits.se()
        if pps.bottom_field_poc and sps.frames_only:
            bits.se()
    if pps.redundant_pictures:
        bits.ue()
    bits.skip(2)  # dec_ref_pic_marking of an IDR picture
    bits.se()  # slice_qp_delta
    if pps.deblocking_control and bits.ue() != 1:
        bits.se()
        bits.se()


def _between(head: bytes, begin: int, end: int) -> int:
    bits = BitReader(head)
    bits.skip(begin)
    return bits.u(end - begin)


def _raw_offset(nal: memoryview, unescaped: int) -> int:
    """Where the byte with that number in the unescaped header stands in the raw one."""
    raw = bytes(nal[1 : 1 + _LONGEST_HEADER])
    return next(
        (at for at in range(unescaped, len(raw)) if len(unescape(raw[:at])) >= unescaped),
        unescaped,
    )


def _unaligned(nal: memoryview, position: int) -> bytes:
    """Slice data from a bit on, which without CABAC begins anywhere in a byte: its length and its
    remainder by a prime. The zeros that fill the last byte are left out: how many they are depends
    on the header.
    """
    data = unescape(bytes(nal[1:])).rstrip(b"\x00")
    begin, header_bits = divmod(position, 8)
    bits = 8 * (len(data) - begin)
    if bits <= 0:
        return b""
    header = data[begin] >> 8 - header_bits
    filling = (data[-1] & -data[-1]).bit_length() - 1
    remainder = _remainder(memoryview(data)[begin:]) - header * pow(2, bits - header_bits, _PRIME)
    remainder = remainder * pow(2, -filling, _PRIME) % _PRIME
    return b"%d %d" % (bits - header_bits - filling, remainder)


def _remainder(data: memoryview) -> int:
    """Of the number that these bytes are, made of pieces that fit the processor's nearest cache:
    the hash of a number is its remainder.
    """
    remainder = 0
    for begin in range(0, len(data), _PIECE):
        piece = data[begin : begin + _PIECE]
        shifted = remainder * pow(2, 8 * len(piece), _PRIME)
        remainder = (shifted + hash(int.from_bytes(piece, "big"))) % _PRIME
    return remainder
