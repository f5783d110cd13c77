"""RTP and RTCP packets as they come, headers included."""

from __future__ import annotations

import math

from monitor.media.reorder import MAX_AHEAD, MAX_HELD_BYTES
from monitor.media.rtcp import Bye, SenderReport, parse_rtcp
from monitor.media.rtp import RtpReceiver
from tests.fuzz.targets.sequence import MARK

RTP_TOKENS = (
    *(MARK, MARK + b"\x80\x60\x00\x01", MARK + b"\x80\xe0\xff\xff", b"\x00\x00\x12\x34", b"\x90"),
    *(b"\xbe\xde\x00\x01", b"\xa0", b"\xb1\x60"),
)
RTCP_TOKENS = (b"\x80\xc8\x00\x06", b"\x81\xcb\x00\x01", b"\x81\xca\x00\x04", b"\xe8\x00\x00\x00")


def rtp(data: bytes) -> None:
    """The first byte: whether packets may overtake each other, and whether jitter is measured."""
    if not data:
        return
    seen: list[int] = []
    receiver = RtpReceiver(
        frozenset({96, 97}),
        90_000,
        lambda view, _time, _marker, _gap, _arrived: seen.append(len(view)),
        0x1234,
        measures_jitter=bool(data[0] & 1),
        reorders=bool(data[0] & 2),
    )
    sent = data[1:].split(MARK)
    for number, packet in enumerate(sent):
        receiver.packet(memoryview(packet), 1.0 + 0.3 * number * (data[0] >> 2 & 3))
        _is_bounded(receiver)
    receiver.flush()
    assert len(seen) <= receiver.packets <= len(sent)
    assert sum(seen) <= receiver.bytes <= len(data)
    aside = receiver.malformed + receiver.unknown_type + receiver.foreign
    assert receiver.packets + aside == len(sent)


def _is_bounded(receiver: RtpReceiver) -> None:
    assert receiver.lost >= 0
    assert receiver.jitter >= 0
    assert math.isfinite(receiver.jitter)
    waiting = receiver._waiting
    if waiting is not None:
        assert len(waiting._held) <= MAX_AHEAD
        assert sum(len(held.payload) for held in waiting._held.values()) == waiting._bytes
        assert waiting._bytes <= MAX_HELD_BYTES


def rtcp(data: bytes) -> None:
    items = list(parse_rtcp(memoryview(data)))
    assert len(items) <= len(data) // 4
    for item in items:
        match item:
            case SenderReport():
                assert math.isfinite(item.unix_s)
                assert 0 <= item.rtp_time <= 0xFFFFFFFF
            case Bye(ssrcs):
                assert len(ssrcs) <= 31
