"""RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) to NAL units, on views.

Keeps no payload itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from monitor.media.coding import Kind
from monitor.media.don import DecodingOrder
from monitor.media.units import AccessUnits

_START_CODE = b"\x00\x00\x01"
_STAP_A, _STAP_B, _MTAP16, _MTAP24, _FU_A, _FU_B = range(24, 30)
_TIME_OFFSET_BYTES = {_MTAP16: 2, _MTAP24: 3}
_AP, _FU, _PACI = 48, 49, 50
_SHORT_KINDS = (Kind.PARAMETERS, Kind.SEI, Kind.OTHER)
MAX_UNITS = 256  # NAL units of one packet: a picture of 4K with a slice for each row has half of it
MAX_BUNDLED = 65_536  # such units of a look


class Bundles:
    """How many NAL units came several in a packet: each is work, however small it is."""

    def __init__(self) -> None:
        self.taken = 0

    @property
    def allowed(self) -> int:
        """Of the next packet."""
        return max(0, min(MAX_UNITS, MAX_BUNDLED - self.taken))


class H264Depacketiser:
    """Every packet type of RFC 6184, whatever packetization-mode says (Q122)."""

    def __init__(self, units: AccessUnits, kinds: tuple[Kind, ...]) -> None:
        self._units = units
        self._kinds = kinds
        self._order = DecodingOrder()
        self._bundles = Bundles()

    @property
    def unsupported(self) -> str | None:
        return self._order.interleaved

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        first, units = view[0], self._units
        nal_type = first & 31
        if (
            nal_type == _FU_A
            and rtp_time == units.steady_time
            and not (marker or gap)
            and len(view) > 2
            and not view[1] & 0xC0
        ):
            if units.in_slice:  # of the others nothing is kept
                units.go_on(view[2:])
            return
        units.packet(rtp_time, marker, gap, arrived)
        if gap:
            self._order.begin_again()
        if nal_type < _STAP_A:
            self._whole(view)
        elif nal_type == _FU_A:
            if len(view) > 1:
                self._fragment(first, view[1], view[2:])
        elif nal_type == _STAP_A:
            self._aggregate(view[1:])
        elif len(view) > 3:
            self._numbered(nal_type, view, rtp_time, marker, arrived)

    def _numbered(
        self, nal_type: int, view: memoryview, rtp_time: int, marker: bool, arrived: float
    ) -> None:
        """Packets with decoding order numbers, which the interleaved mode consists of."""
        if nal_type == _FU_B:
            if len(view) > 4:
                self._order.nal_unit(view[2] << 8 | view[3])
                self._fragment(view[0], view[1], view[4:])
            return
        number, rest = view[1] << 8 | view[2], view[3:]
        if nal_type == _STAP_B:
            for ahead in range(self._aggregate(rest)):
                self._order.nal_unit(number + ahead)
        elif nal_type in _TIME_OFFSET_BYTES:
            timed = _timed(rest, _TIME_OFFSET_BYTES[nal_type])
            for ahead, offset, nal in islice(timed, self._bundles.allowed):
                self._bundles.taken += 1
                self._order.nal_unit(number + ahead)
                time = rtp_time + offset & 0xFFFFFFFF
                self._units.packet(time, marker, gap=False, arrived=arrived)
                self._whole(nal)

    def _fragment(self, indicator: int, fu: int, body: memoryview) -> None:
        if fu & 0x80:
            self._begin(bytes((indicator & 0xE0 | fu & 31,)), body)
        else:
            self._units.more(body, self._kinds[fu & 31])
        if fu & 0x40:
            self._units.end()

    def _aggregate(self, view: memoryview) -> int:
        """How many NAL units were in it."""
        at, end, count = 0, len(view), 0
        for _ in range(self._bundles.allowed):
            if at + 2 >= end:
                break
            size = view[at] << 8 | view[at + 1]
            at += 2
            if size and at + size <= end:
                self._whole(view[at : at + size])
                count += 1
            at += size
        self._bundles.taken += count
        return count

    def _whole(self, view: memoryview) -> None:
        self._begin(bytes(view[:1]), view[1:])
        self._units.end()

    def _begin(self, header: bytes, body: memoryview) -> None:
        """Annex B inside RTP (Q120): start codes in what should be one NAL unit."""
        if self._kinds[header[0] & 31] in _SHORT_KINDS and _START_CODE in (
            raw := header + bytes(body)
        ):
            _begin_each(self._units, raw, 1, self._bundles)
        else:
            self._units.begin(header, body)


def _timed(view: memoryview, offset_bytes: int) -> Iterator[tuple[int, int, memoryview]]:
    """(difference of decoding order, RTP time offset, NAL unit) of an MTAP, section 5.7.2."""
    at, end = 0, len(view)
    head = 3 + offset_bytes
    while at + head < end:
        size, ahead = view[at] << 8 | view[at + 1], view[at + 2]
        offset = int.from_bytes(view[at + 3 : at + head])
        at += head
        if size and at + size <= end:
            yield ahead, offset, view[at : at + size]
        at += size


class H265Depacketiser:
    """Single NAL units, AP and FU; `numbered`: with decoding order numbers in them (Q144)."""

    def __init__(
        self, units: AccessUnits, kinds: tuple[Kind, ...], *, numbered: bool = False
    ) -> None:
        self._units = units
        self._kinds = kinds
        self._order = DecodingOrder()
        self._bundles = Bundles()
        self._is_numbered = numbered
        self._paci: str | None = None

    @property
    def unsupported(self) -> str | None:
        return self._paci or self._order.interleaved

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        units, nal_type = self._units, view[0] >> 1 & 63
        if (
            nal_type == _FU
            and rtp_time == units.steady_time
            and not (marker or gap)
            and len(view) > 3
            and not view[2] & 0xC0
        ):
            if units.in_slice:
                units.go_on(view[3:])
            return
        units.packet(rtp_time, marker, gap, arrived)
        if gap:
            self._order.begin_again()
        if len(view) < 3:
            return
        if nal_type == _FU:
            self._fragment(view[0], view[1], view[2], view[3:])
        elif nal_type == _AP:
            self._aggregate(view[2:])
        elif nal_type < _AP:
            self._whole(bytes(view[:2]), self._behind_number(view[2:]))
        elif nal_type == _PACI:
            self._paci = "PACI packets (NAL type 50) are not supported"

    def _behind_number(self, view: memoryview) -> memoryview:
        """What follows the decoding order number, where there are any."""
        if not self._is_numbered:
            return view
        if len(view) > 1:
            self._order.nal_unit(view[0] << 8 | view[1])
        return view[2:]

    def _fragment(self, high: int, low: int, fu: int, view: memoryview) -> None:
        nal_type = fu & 63
        if fu & 0x80:  # only the first fragment is numbered
            self._begin(bytes((high & 0x81 | nal_type << 1, low)), self._behind_number(view))
        else:
            self._units.more(view, self._kinds[nal_type])
        if fu & 0x40:
            self._units.end()

    def _aggregate(self, view: memoryview) -> None:
        at, end = 2 if self._is_numbered else 0, len(view)
        number = view[0] << 8 | view[1] if end > 1 else 0
        for _ in range(self._bundles.allowed):
            if at + 2 >= end:
                break
            size = view[at] << 8 | view[at + 1]
            at += 2
            self._bundles.taken += 1
            if size > 2 and at + size <= end:
                if self._is_numbered:
                    self._order.nal_unit(number)
                self._whole(bytes(view[at : at + 2]), view[at + 2 : at + size])
            at += size
            if self._is_numbered and at < end:
                number += view[at] + 1
                at += 1

    def _whole(self, header: bytes, body: memoryview) -> None:
        self._begin(header, body)
        self._units.end()

    def _begin(self, header: bytes, body: memoryview) -> None:
        if self._kinds[header[0] >> 1 & 63] in _SHORT_KINDS and _START_CODE in (
            raw := header + bytes(body)
        ):
            _begin_each(self._units, raw, 2, self._bundles)
        else:
            self._units.begin(header, body)


def _begin_each(units: AccessUnits, raw: bytes, header_bytes: int, bundles: Bundles) -> None:
    """All NAL units but the last are whole; the last one may go on in the next fragment."""
    *pieces, last = raw.split(_START_CODE, bundles.allowed)
    pieces = [*(piece.rstrip(b"\x00") for piece in pieces), last]
    whole = [piece for piece in pieces if len(piece) > header_bytes]
    bundles.taken += len(whole)
    for number, piece in enumerate(whole):
        if number:
            units.end()
        units.begin(piece[:header_bytes], memoryview(piece)[header_bytes:])
