"""RTP payloads of MJPEG (RFC 2435) to pictures, each of which is a keyframe. Decodes nothing."""

from __future__ import annotations

from monitor.media.identity import digest
from monitor.media.jpeg import (
    END_OF_IMAGE,
    MAIN_HEADER_BYTES,
    RESTART_HEADER_BYTES,
    Start,
    Tables,
    Unknown,
    Unreadable,
    has_restart_header,
    header_of,
    parse_start,
)
from monitor.media.parameter_sets import Shape, Size
from monitor.media.pictures import Pictures


class JpegPictures(Pictures):
    """Depacketiser and assembly in one: the unit being received is the scan."""

    def __init__(self, described: Size | None = None) -> None:
        super().__init__(Shape())
        self._described = described
        self.unsupported: str | None = None
        self._start: Start | None = None
        self._tables: dict[int, Tables] = {}  # by Q, of which there are 128 at most

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        self.packet(rtp_time, marker, gap, arrived)
        if rtp_time != self._time:
            self._next_picture()
        self._coded_data()
        if len(view) < MAIN_HEADER_BYTES:
            self._broken = f"a JPEG header of {len(view)} bytes, expected {MAIN_HEADER_BYTES}"
            return
        offset = view[1] << 16 | view[2] << 8 | view[3]
        if offset == 0:
            self._begin(view)
        elif self._unit is not None:  # else its beginning never came: wait for the next (Q125)
            self._go_on(view, offset)

    def _begin(self, view: memoryview) -> None:
        self.flush(ended=True)  # a second field may come under the same RTP time
        self._open_unit()
        self._start = None
        try:
            self._start = start = parse_start(view, self._described)
        except Unreadable as error:
            self._broken = str(error)
        except Unknown as error:
            self.unsupported = str(error)
        else:
            if start.tables is not None:
                self._tables[start.quality] = start.tables
            self._measure(start)
            self._append(view[start.scan_at :])

    def _go_on(self, view: memoryview, offset: int) -> None:
        at = MAIN_HEADER_BYTES + (RESTART_HEADER_BYTES if has_restart_header(view[4]) else 0)
        if self._unit is not None and offset != len(self._unit) and self._broken is None:
            self._broken = f"a fragment for byte {offset} came, expected byte {len(self._unit)}"
        if self._broken is None:
            self._append(view[at:])

    def _measure(self, start: Start) -> None:
        shape = self.shape
        shape.changed |= shape.size not in (None, start.size)
        shape.size = start.size

    def _missing(self, unit: bytearray) -> str | None:
        if self._start is None:
            return "its header is missing"
        if self._start.quality not in self._tables:
            return f"the quantisation tables of Q {self._start.quality} never came"
        return None if unit else "it has no coded data"

    def _decodable(self, unit: bytearray) -> bytes:
        if self._start is None:
            raise LookupError("no header: the picture is not whole")
        end = b"" if unit.endswith(END_OF_IMAGE) else END_OF_IMAGE  # Q125
        return header_of(self._start, self._tables[self._start.quality]) + unit + end

    def _hash(self, unit: bytearray) -> str:
        """Of the scan: what stands before it belongs to the stream, not to the picture."""
        return digest((unit.removesuffix(END_OF_IMAGE),))
