"""RTP headers and what their numbers tell: loss, order, jitter, whose packets these are.

Reads no payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import Struct

from monitor.media.reorder import MAX_AHEAD, Held, Waiting

_HEADER = Struct("!BBHII")
_SHORT = (0, 0, 0, 0, 0)  # of no version that there is
_EXTENSION = Struct("!HH")
_MAX_DROPOUT = 3000  # RFC 3550 appendix A.1
_MAX_MISORDER = 100
_MAX_MISSING = 10 * _MAX_MISORDER
_RELOCK_AFTER_S = 2.0  # Q96


def signed_difference(later: int, earlier: int) -> int:
    """RTP times wrap; the nearer way round is meant (Q128)."""
    return (later - earlier + 0x80000000 & 0xFFFFFFFF) - 0x80000000


class RtpReceiver:
    """One media's packets.

    Hands on (payload, rtp time, marker, gap before it, arrival); a payload is only cut out, never
    copied, but for what `reorders` holds back.
    """

    def __init__(
        self,
        payload_types: frozenset[int],
        clock_rate: int,
        on_payload: Callable[[memoryview, int, bool, bool, float], None],
        announced_ssrc: int | None = None,
        *,
        measures_jitter: bool = False,
        reorders: bool = False,
    ) -> None:
        self.packets = 0
        self.bytes = 0
        self.lost = 0
        self.reordered = 0
        self.malformed = 0
        self.unknown_type = 0
        self.foreign = 0
        self.resets = 0
        self.jitter = 0.0  # seconds, RFC 3550 section 6.4.1
        self.ssrc: int | None = None
        self.first_arrived: float | None = None
        self.last_arrived = 0.0
        self.ssrc_differs = False
        self._types = payload_types
        self._rate = clock_rate
        self._on_payload = on_payload
        self._announced = announced_ssrc
        self._measures_jitter = measures_jitter
        self._waiting = Waiting() if reorders else None
        self._highest = -1
        self._missing: set[int] = set()
        self._transit: float | None = None
        self._transit_time = 0

    def packet(self, view: memoryview, arrived: float) -> None:
        """One RTP packet. Never raises for what a peer can send."""
        size = len(view)
        flags, kind, seq, rtp_time, ssrc = _HEADER.unpack_from(view) if size >= 12 else _SHORT
        if flags >> 6 != 2:
            self.malformed += 1
            return
        if kind & 0x7F not in self._types:
            self.unknown_type += 1  # before any accounting (Q97)
            return
        if ssrc != self.ssrc and not self._take(ssrc, arrived):
            return
        start, end = 12, size
        if flags & 0x3F:
            start, end = _payload_bounds(view, flags)
            if start > end:
                self.malformed += 1
                return
        self.packets += 1
        self.bytes += size
        self.last_arrived = arrived
        if self._measures_jitter:
            self._jitter(rtp_time, arrived)
        if self._waiting is not None:
            self._in_turn(
                self._waiting, Held(seq, bytes(view[start:end]), rtp_time, kind >= 0x80, arrived)
            )
            return
        gap: bool | None = False
        if seq == self._highest + 1:  # nearly always
            self._highest = seq
        else:
            gap = self._account(seq)
        if gap is not None and start < end:
            self._on_payload(view[start:end], rtp_time, kind >= 0x80, gap, arrived)

    @property
    def highest(self) -> int:
        """The sequence number that has come furthest."""
        return max(self._highest, 0)

    def flush(self) -> None:
        """Nothing more comes: what waits for a missing packet waits no longer."""
        if self._waiting is not None:
            self._release(self._waiting.give_up(self._highest))

    def _in_turn(self, waiting: Waiting, packet: Held) -> None:
        ahead = packet.seq - self._highest & 0xFFFF if self._highest >= 0 else 1
        if 1 < ahead <= MAX_AHEAD:
            self.reordered += waiting.hold(packet)
        else:
            self.reordered += ahead == 1 and bool(waiting)
            if MAX_AHEAD < ahead < 0x8000:  # a leap: nothing of what is missing will come
                self._release(waiting.give_up(self._highest))
            self._release((packet,))
            self._release(waiting.following(self._highest))
        if waiting.overdue(packet.arrived):
            self._release(waiting.give_up(self._highest))

    def _release(self, packets: Iterable[Held]) -> None:
        for held in packets:
            gap = self._account(held.seq)
            if gap is not None and held.payload:
                payload = memoryview(held.payload)
                self._on_payload(payload, held.rtp_time, held.marker, gap, held.arrived)

    def _take(self, ssrc: int, arrived: float) -> bool:
        """Lock on the first ssrc (Q83); follow a change only when the old one went silent (Q95,
        Q96).
        """
        if self.ssrc is None:
            self.first_arrived = arrived
            self.ssrc_differs = self._announced is not None and self._announced != ssrc
        elif arrived - self.last_arrived > _RELOCK_AFTER_S:
            self.flush()
            self.resets += 1
        else:
            self.foreign += 1
            return False
        self.ssrc = ssrc
        self._highest = -1
        self._missing.clear()
        self._transit = None
        return True

    def _account(self, seq: int) -> bool | None:
        """Whether packets are missing before this one; None for one that comes late or twice."""
        step = seq - self._highest & 0xFFFF
        if step == 1:
            self._highest = seq
            return False
        if self._highest < 0:
            self._highest = seq
            return self.resets > 0  # what the source before it had begun goes no further
        if step == 0:
            return None
        if step < _MAX_DROPOUT:
            self.lost += step - 1
            self._miss(step)
            self._highest = seq
            return True
        if step > 0x10000 - _MAX_MISORDER:
            if seq in self._missing:  # else it comes twice, and makes up for none
                self._missing.remove(seq)
                self.reordered += 1
                self.lost -= 1
            return None
        self.resets += 1  # a jump no network makes
        self._highest = seq
        return True

    def _miss(self, step: int) -> None:
        """Those that may still come late."""
        if len(self._missing) > _MAX_MISSING:
            self._missing.clear()
        newest = range(max(1, step - _MAX_MISORDER), step)
        self._missing.update([self._highest + ahead & 0xFFFF for ahead in newest])

    def _jitter(self, rtp_time: int, arrived: float) -> None:
        if self._transit is not None:
            moved = signed_difference(rtp_time, self._transit_time) / self._rate
            distance = abs(arrived - self._transit - moved)
            if distance < 60:  # a jump of the camera's time is not jitter
                self.jitter += (distance - self.jitter) / 16
        self._transit, self._transit_time = arrived, rtp_time


def _payload_bounds(view: memoryview, flags: int) -> tuple[int, int]:
    """Where the payload stands behind CSRCs and extension and before padding (Q99)."""
    size = len(view)
    start, end = 12 + 4 * (flags & 0x0F), size
    if flags & 0x10:
        if start + 4 > size:
            return 1, 0
        start += 4 + 4 * _EXTENSION.unpack_from(view, start)[1]
    if flags & 0x20:
        end -= view[size - 1]
    return start, end
