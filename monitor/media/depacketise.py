"""RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) to NAL units, on views.

Keeps no payload itself.
"""

from __future__ import annotations

from monitor.media.coding import Kind
from monitor.media.units import AccessUnits

_START_CODE = b"\x00\x00\x01"
_SHORT_KINDS = (Kind.PARAMETERS, Kind.SEI, Kind.OTHER)


class H264Depacketiser:
    """Single NAL units, STAP-A and FU-A, whatever packetization-mode says (Q122)."""

    def __init__(self, units: AccessUnits, kinds: tuple[Kind, ...]) -> None:
        self.unsupported: str | None = None
        self._units = units
        self._kinds = kinds

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        first, units = view[0], self._units
        nal_type = first & 31
        if (
            nal_type == 28
            and rtp_time == units.steady_time
            and not (marker or gap)
            and len(view) > 2
            and not view[1] & 0xC0
        ):
            units.go_on(view[2:])
            return
        units.packet(rtp_time, marker, gap, arrived)
        if nal_type == 28:
            if len(view) > 1:
                self._fragment(first, view[1], view)
        elif 0 < nal_type < 24:
            self._whole(view)
        elif nal_type == 24:
            self._aggregate(view)
        elif nal_type == 0:
            self._whole(view)
        elif nal_type in (25, 26, 27, 29):
            self.unsupported = f"interleaved packets (NAL type {nal_type}) are not supported"

    def _fragment(self, indicator: int, fu: int, view: memoryview) -> None:
        if fu & 0x80:
            self._begin(bytes((indicator & 0xE0 | fu & 31,)), view[2:])
        else:
            self._units.more(view[2:], self._kinds[fu & 31])
        if fu & 0x40:
            self._units.end()

    def _aggregate(self, view: memoryview) -> None:
        at, end = 1, len(view)
        while at + 2 < end:
            size = view[at] << 8 | view[at + 1]
            at += 2
            if size and at + size <= end:
                self._whole(view[at : at + size])
            at += size

    def _whole(self, view: memoryview) -> None:
        self._begin(bytes(view[:1]), view[1:])
        self._units.end()

    def _begin(self, header: bytes, body: memoryview) -> None:
        """Annex B inside RTP (Q120): start codes in what should be one NAL unit."""
        if self._kinds[header[0] & 31] in _SHORT_KINDS and _START_CODE in (
            raw := header + bytes(body)
        ):
            _begin_each(self._units, raw, 1)
        else:
            self._units.begin(header, body)


class H265Depacketiser:
    """Single NAL units, AP and FU, without DONL."""

    def __init__(self, units: AccessUnits, kinds: tuple[Kind, ...]) -> None:
        self.unsupported: str | None = None
        self._units = units
        self._kinds = kinds

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        units, nal_type = self._units, view[0] >> 1 & 63
        if (
            nal_type == 49
            and rtp_time == units.steady_time
            and not (marker or gap)
            and len(view) > 3
            and not view[2] & 0xC0
        ):
            units.go_on(view[3:])
            return
        units.packet(rtp_time, marker, gap, arrived)
        if len(view) < 3:
            return
        if nal_type == 49:
            if len(view) > 2:
                self._fragment(view[0], view[1], view[2], view)
        elif nal_type == 48:
            self._aggregate(view)
        elif nal_type < 48:
            self._whole(view)
        elif nal_type == 50:
            self.unsupported = "PACI packets (NAL type 50) are not supported"

    def _fragment(self, high: int, low: int, fu: int, view: memoryview) -> None:
        nal_type = fu & 63
        if fu & 0x80:
            self._begin(bytes((high & 0x81 | nal_type << 1, low)), view[3:])
        else:
            self._units.more(view[3:], self._kinds[nal_type])
        if fu & 0x40:
            self._units.end()

    def _aggregate(self, view: memoryview) -> None:
        at, end = 2, len(view)
        while at + 2 < end:
            size = view[at] << 8 | view[at + 1]
            at += 2
            if size > 2 and at + size <= end:
                self._whole(view[at : at + size])
            at += size

    def _whole(self, view: memoryview) -> None:
        self._begin(bytes(view[:2]), view[2:])
        self._units.end()

    def _begin(self, header: bytes, body: memoryview) -> None:
        if self._kinds[header[0] >> 1 & 63] in _SHORT_KINDS and _START_CODE in (
            raw := header + bytes(body)
        ):
            _begin_each(self._units, raw, 2)
        else:
            self._units.begin(header, body)


def _begin_each(units: AccessUnits, raw: bytes, header_bytes: int) -> None:
    """All NAL units but the last are whole; the last one may go on in the next fragment."""
    pieces = [piece.rstrip(b"\x00") for piece in raw.split(_START_CODE)]
    pieces[-1] = raw.rsplit(_START_CODE, 1)[-1]
    whole = [piece for piece in pieces if len(piece) > header_bytes]
    for number, piece in enumerate(whole):
        if number:
            units.end()
        units.begin(piece[:header_bytes], memoryview(piece)[header_bytes:])
