"""RTSP over a byte stream: bytes in, messages and RTP views out.

Holds no socket and never waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from monitor.rtsp.failures import Malformed, ProbeError, ProbeFailure, Step, Where
from monitor.rtsp.messages import Request, Response, content_length, read_head, read_plain_head

MAX_HEAD = 32 * 1024  # h11 allows 16 KiB, aiohttp 8 KiB per line (Q07)
MAX_BODY = 128 * 1024  # gortsplib's bound; FFmpeg reads 16 KiB of a description
MAX_SKIPPED = 4 * 1024  # bytes of garbage in one place, and how many places (Q02)
MAX_RESYNCS = 3
ROOM = 80 * 1024  # holds the largest interleaved frame, and 64 KiB more than most messages
_LEAST_ROOM = 16 * 1024
_DOLLAR = 0x24
_CR, _LF = 0x0D, 0x0A
_METHODS = (
    *(b"OPTIONS ", b"ANNOUNCE ", b"REDIRECT ", b"GET_PARAMETER ", b"SET_PARAMETER ", b"PLAY "),
    *(b"TEARDOWN ", b"PAUSE ", b"DESCRIBE ", b"SETUP ", b"RECORD ", b"PLAY_NOTIFY "),
)
_STARTS = (b"RTSP/", *_METHODS)
_LONGEST_START = max(map(len, _STARTS))
_HEAD_END = re.compile(rb"\n\r?\n")
_CANDIDATE = re.compile(b"|".join(map(re.escape, (b"$", *_STARTS))))
_FOREIGN = (
    (b"HTTP/", "an HTTP server answers on this port, expected RTSP"),
    (b"SSH-", "an SSH server answers on this port, expected RTSP"),
    (b"\x15\x03", "the peer speaks TLS on this port, expected plain RTSP"),
    (b"\x16\x03", "the peer speaks TLS on this port, expected plain RTSP"),
)


def _ignore_rtp(_channel: int, _packet: memoryview) -> None:
    """Nobody listens yet."""


class Wire:
    """The receiving half of one connection.

    The shell writes into `buffer()` and says how much with `received(n)`. A view given to `on_rtp`
    is valid only during that call. After a ProbeError the object is dead. From `buffer()` until
    `received` has ended, `scratch` is this connection's alone: between two reads others may use it,
    so what is unfinished by then goes into room of its own.
    """

    def __init__(self, peer: str = "", scratch: bytearray | None = None) -> None:
        self.on_rtp: Callable[[int, memoryview], None] = _ignore_rtp
        self.channels: frozenset[int] = (
            frozenset()
        )  # known ones, to find the way back after garbage
        self.frames = 0  # interleaved ones, of whatever channel
        self.resyncs = 0
        self.peer = peer
        self._scratch = scratch
        self._own: bytearray | None = None
        self._data = bytearray(ROOM) if scratch is None else scratch
        self._view = memoryview(self._data)
        self._before = 0  # bytes of the stream in front of the buffer
        self._pos = 0
        self._end = 0
        self._searched = 0  # how far the end of a head was looked for: no quadratic rescans
        self._open: tuple[Response | Request, int] | None = None  # a head that waits for its body
        self._skipped = 0  # garbage bytes dropped in this place; 0 when in sync

    def buffer(self) -> memoryview:
        """Where to write what arrives; never empty."""
        if self._pos == self._end:
            self._before += self._pos
            self._pos = self._end = 0
            if self._scratch is not None and self._data is not self._scratch:
                self._data, self._view = self._scratch, memoryview(self._scratch)
            return self._view
        if len(self._data) - self._end < _LEAST_ROOM:
            self._move_to_front()
        return self._view[self._end :]

    def received(self, count: int, take: Callable[[Response | Request], None]) -> None:
        """Take `count` bytes from the buffer: what they complete goes to `take`, or to `on_rtp`
        where it is a frame, one after the other.
        """
        self._end += count
        while self._pos < self._end:
            first = self._data[self._pos]
            if first == _DOLLAR and self._open is None and not self._skipped:
                if not self._frames():
                    break
            elif self._open is not None or self._data.startswith(_STARTS, self._pos, self._end):
                message = self._message()
                if message is None:
                    break
                take(message)
            elif first in (_CR, _LF):  # Q01
                self._pos += 1
            elif not self._found_or_skipped():
                break
        if self._data is self._scratch and self._pos < self._end:
            self._keep_rest()

    def _keep_rest(self) -> None:
        if self._own is None:
            self._own = bytearray(ROOM)
        kept = self._end - self._pos
        self._own[:kept] = self._view[self._pos : self._end]
        self._data, self._view = self._own, memoryview(self._own)
        self._rest_is_in_front(kept)

    def _frames(self) -> bool:
        """Hand on the frames that stand here one behind the other; False: the last is cut off."""
        data, view, on_rtp, pos, end = self._data, self._view, self.on_rtp, self._pos, self._end
        whole, count = True, 0
        while pos < end and data[pos] == _DOLLAR:
            if end - pos < 4 or end < (stop := pos + 4 + (data[pos + 2] << 8 | data[pos + 3])):
                whole = False
                break
            on_rtp(data[pos + 1], view[pos + 4 : stop])
            pos = stop
            count += 1
        self._pos = pos
        self.frames += count
        return whole

    def _move_to_front(self) -> None:
        """Make room behind what is unfinished; one message or frame never needs more than its
        bounds.
        """
        kept = self._end - self._pos
        if kept > len(self._data) - 2 * _LEAST_ROOM:
            grown = bytearray(2 * len(self._data))
            grown[:kept] = self._view[self._pos : self._end]
            self._data, self._view = grown, memoryview(grown)
        else:
            self._view[:kept] = self._view[self._pos : self._end]
        self._rest_is_in_front(kept)

    def _rest_is_in_front(self, kept: int) -> None:
        self._searched -= self._pos
        self._before += self._pos
        self._pos, self._end = 0, kept

    def _found_or_skipped(self) -> bool:
        """True when there is something to go on with; False when more bytes are needed."""
        start = bytes(self._view[self._pos : min(self._end, self._pos + 16)])
        if any(known.startswith(start) for known in _STARTS):
            return False  # cut off within its first word
        if self._skipped and start[0] == _DOLLAR:
            if len(start) < 5:
                return False
            if self._plausible_frame(start):
                self._skipped = 0
                return True
        if not self._skipped and any(mark.startswith(start) for mark, _ in _FOREIGN):
            return False
        return self._skip(start)

    def _plausible_frame(self, start: bytes) -> bool:
        """After garbage a `$` counts only on a known channel and with RTP version 2 behind it."""
        return start[1] in self.channels and start[4] >> 6 == 2

    def _skip(self, start: bytes) -> bool:
        """Drop garbage up to the next place where a frame or a message may begin."""
        if not self._skipped:
            self._refuse_foreign(start)
            self.resyncs += 1
        stop = self._next_candidate(self._pos + 1)
        self._skipped += stop - self._pos
        if self._skipped > MAX_SKIPPED or self.resyncs > MAX_RESYNCS:
            raise self._error("bytes that are neither RTSP nor an interleaved frame", start)
        self._pos = stop
        return True

    def _next_candidate(self, begin: int) -> int:
        # Not searched to the end of the buffer: each `$` of much garbage would do so again.
        limit = min(self._end, begin + MAX_SKIPPED + _LONGEST_START)
        found = _CANDIDATE.search(self._data, begin, limit)
        whole = found.start() if found is not None else limit
        # The end of what came may be the beginning of "RTSP/".
        for at in range(max(begin, self._end - _LONGEST_START), whole):
            tail = bytes(self._view[at : self._end])
            if any(known.startswith(tail) for known in _STARTS):
                return at
        return whole

    def _refuse_foreign(self, start: bytes) -> None:
        for mark, message in _FOREIGN:
            if start.startswith(mark):
                raise self._error(message, start)

    def _message(self) -> Response | Request | None:
        """The one that begins here or was begun; None when more bytes are needed."""
        begun = self._open or self._head()
        if begun is None:
            return None
        message, length = begun
        if length:
            self._open = begun
            if self._end - self._pos < length:
                return None
            message = message.with_body(self._taken(self._pos + length))
            self._pos += length
            self._open = None
        return message

    def _head(self) -> tuple[Response | Request, int] | None:
        """With the length of the body that follows."""
        self._skipped = 0
        limit = min(self._end, self._pos + MAX_HEAD)
        seen_before = self._searched > self._pos
        plain = None if seen_before else read_plain_head(self._data, self._pos, limit)
        end = self._head_end(limit) if plain is None else plain[1]
        if end is None:
            if self._end - self._pos > MAX_HEAD:
                raise self._error(f"a message head of more than {MAX_HEAD} bytes")
            return None
        try:
            message = read_head(self._taken(end)) if plain is None else plain[0]
            length = content_length(message.headers, MAX_BODY)
        except Malformed as error:
            raise self._error(str(error), self._taken(end)) from error
        self._pos = end
        return message, length

    def _head_end(self, limit: int) -> int | None:
        found = _HEAD_END.search(self._data, max(self._pos, self._searched - 3), limit)
        self._searched = 0 if found else self._end
        return found.end() if found else None

    def _taken(self, end: int) -> bytes:
        return bytes(self._view[self._pos : end])

    def _error(self, message: str, near: bytes = b"") -> ProbeError:
        where = Where(self.peer, Step.STREAM if self.channels else None, self._before + self._pos)
        return ProbeError(ProbeFailure.PROTOCOL, message, where, near)
