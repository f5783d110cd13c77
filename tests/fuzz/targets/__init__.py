"""Every place where bytes of a camera or a file are read, as one function each: `target(data)`.

A target asserts its invariants; whatever else it raises is a finding. Nothing here needs atheris.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.targets import (
    addresses,
    child,
    conversation,
    descriptions,
    fields,
    packets,
    parameters,
    spreadsheets,
    video,
    wire,
)


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    run: Callable[[bytes], None]
    tokens: tuple[bytes, ...] = ()  # what a mutation should try: words and marks of the format
    longest: int = 4096


TARGETS: dict[str, FuzzTarget] = {
    "response": FuzzTarget(wire.response, wire.TOKENS),
    "conversation": FuzzTarget(conversation.conversation, conversation.TOKENS),
    "headers": FuzzTarget(fields.headers, fields.HEADER_TOKENS, 512),
    "challenges": FuzzTarget(fields.challenges, fields.CHALLENGE_TOKENS, 1024),
    "sdp": FuzzTarget(descriptions.sdp, descriptions.TOKENS),
    "url": FuzzTarget(addresses.url, addresses.TOKENS, 512),
    "certificate": FuzzTarget(addresses.certificate, (), 2048),
    "rtp": FuzzTarget(packets.rtp, packets.RTP_TOKENS, 2048),
    "rtcp": FuzzTarget(packets.rtcp, packets.RTCP_TOKENS, 512),
    "h264": FuzzTarget(video.h264, video.H264_TOKENS),
    "h265": FuzzTarget(video.h265, video.H265_TOKENS),
    "mjpeg": FuzzTarget(video.mjpeg, video.MJPEG_TOKENS),
    "mpeg4": FuzzTarget(video.mpeg4, video.MPEG4_TOKENS),
    "h264_sets": FuzzTarget(parameters.h264_sets, parameters.H264_TOKENS, 512),
    "h265_sets": FuzzTarget(parameters.h265_sets, parameters.H265_TOKENS, 512),
    "mpeg4_layer": FuzzTarget(parameters.mpeg4_layer, parameters.MPEG4_TOKENS, 512),
    "jpeg_start": FuzzTarget(parameters.jpeg_start, parameters.JPEG_TOKENS, 1024),
    "decoder_child": FuzzTarget(child.decoder_child, child.TOKENS, 2048),
    "workbook": FuzzTarget(spreadsheets.workbook, spreadsheets.TOKENS),
    "table": FuzzTarget(spreadsheets.table, spreadsheets.TOKENS, 2048),
}
