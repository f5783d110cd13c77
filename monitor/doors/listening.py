"""From SETUP on: who takes the media that comes, over the connection or beside it.

Waits for nothing and judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.doors.attention import Attention
from monitor.doors.line import Line
from monitor.doors.report import Account
from monitor.doors.watch import Aside
from monitor.media.flow import FlowProof
from monitor.media.video import VideoReceiver
from monitor.rtsp.state import Listen
from registry.vocabulary import Depth


def receiver_for(
    action: Listen, account: Account, attention: Attention, round_trip_s: float, keyframes: int
) -> VideoReceiver:
    track = action.track
    return VideoReceiver(
        track.encoding,
        track.payload_types,
        track.clock_rate,
        FlowProof.for_round_trip(track.clock_rate, round_trip_s),
        fmtp=track.fmtp,
        attentive=attention.at,
        announced_ssrc=action.ssrc,
        keep_keyframes=keyframes if account.depth is Depth.PICTURE else 0,
        measures=account.depth is Depth.MEASURE,
        reorders=action.server_ports is not None,
    )


def transport_of(action: Listen, *, in_tls: bool) -> str:
    if action.server_ports is not None:
        return "udp"
    return "tls" if in_tls else "tcp"


def hear(
    line: Line, receiver: VideoReceiver, action: Listen, aside: Aside
) -> Callable[[int, memoryview], None]:
    """What takes the frames of the channels."""
    rtp_channel, rtcp_channel = action.rtp_channel, action.rtcp_channel
    packet = receiver.rtp.packet

    def on_rtp(channel: int, view: memoryview) -> None:
        if channel == rtp_channel:
            packet(view, line.arrived)
        elif channel == rtcp_channel:
            aside.control += 1
            receiver.rtcp(view, line.arrived)
        else:
            aside.unassigned += 1

    return on_rtp
