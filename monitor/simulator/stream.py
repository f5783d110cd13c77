"""One running stream: plays a script in real time into its outlet, with one timer.

It must not read what the client sends.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable

from monitor.simulator.datagrams import Outlet
from monitor.simulator.rtp import CLOCK_RATE, Sender
from monitor.simulator.script import Cue, Ending, Script

_REPORT_EVERY_S = 5.0
_GARBAGE_BYTES = 16 * 1024


def garbage(seed: str) -> bytes:
    """Bytes that are no RTSP and no interleaved frame, more than a client may skip (Q02)."""
    noise = hashlib.shake_256(seed.encode()).digest(_GARBAGE_BYTES)
    return noise.replace(b"$", b"%").replace(b"RTSP", b"rtsp")


class Stream:
    """Sends what the script says until stopped; a client that does not read loses pictures."""

    def __init__(
        self,
        outlet: Outlet,
        sender: Sender,
        frames_per_second: int,
        sent: Callable[[int], None],
        hang_up: Callable[[], None],
        resumes_at: Callable[[float], float] = lambda at_s: at_s,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._outlet = outlet
        self._sender = sender
        self._ticks = CLOCK_RATE // frames_per_second
        self._sent = sent
        self._hang_up = hang_up
        self._resumes_at = resumes_at
        self._script: Script = iter(())
        self._next: Cue | Ending | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._started_s = 0.0
        self._next_time = sender.rtp_time
        self._base_time = sender.rtp_time
        self._report_at_s = 0.0
        self.congested = False

    def play(self, script: Script, after_s: float = 0.0) -> None:
        """Begin a script, or go over to another: RTP time and sequence run on."""
        self.stop()
        self._base_time = self._next_time
        self._script = script
        self._next = next(script, None)
        self._started_s = self._loop.time() + after_s
        self._timer = self._loop.call_at(self._resumes_at(self._started_s), self._tick)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        elapsed = self._loop.time() - self._started_s + 0.001
        pieces: list[bytes] = []
        while isinstance(self._next, Cue) and self._next.at_s <= elapsed:
            pieces += self._pieces(self._next)
            self._next = next(self._script, None)
        self._write(b"".join(pieces))
        if isinstance(self._next, Cue):
            next_at_s = self._resumes_at(self._started_s + self._next.at_s)
            self._timer = self._loop.call_at(next_at_s, self._tick)
        elif self._next is not None:
            self._end(self._next)

    def _pieces(self, cue: Cue) -> list[bytes]:
        if self.congested:
            return []
        self._sender.rtp_time = self._base_time + cue.frame * self._ticks
        self._next_time = self._sender.rtp_time + self._ticks
        pieces = self._sender.access_unit(cue.unit.payloads)
        if self._loop.time() >= self._report_at_s:
            self._report_at_s = self._loop.time() + _REPORT_EVERY_S
            pieces.append(self._sender.report(time.time()))
        return pieces

    def _end(self, ending: Ending) -> None:
        match ending:
            case Ending.SILENCE:
                pass
            case Ending.CLOSE:
                self._hang_up()
            case Ending.BYE:
                self._write(self._sender.bye())
            case Ending.GARBAGE:
                self._write(garbage(str(self._sender.ssrc)))

    def _write(self, data: bytes) -> None:
        if data and not self._outlet.is_closing():
            self._outlet.write(data)
            self._sent(len(data))
