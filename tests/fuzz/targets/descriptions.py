"""A description and all that is made of it: track, URLs, the parameter sets it announces."""

from __future__ import annotations

from typing import NoReturn

from monitor.media.codecs import READERS
from monitor.rtsp.failures import Malformed, ProbeError, ProbeFailure, Where
from monitor.rtsp.messages import Headers, Response, decode
from monitor.rtsp.replies import Description, describe
from monitor.rtsp.sdp import MAX_ATTRIBUTES, MAX_MEDIA, Presentation, parse_sdp
from monitor.rtsp.url import parse_url
from tests.fuzz.targets.refusing import says_why

TOKENS = (
    *(b"v=0\r\n", b"m=video 0 RTP/AVP 96\r\n", b"m=audio 0 RTP/AVP 0\r\n", b"a=rtpmap:96 "),
    *(b"H264/90000", b"H265/90000", b"JPEG/90000", b"MP4V-ES/90000", b"a=fmtp:96 ", b"a=control:"),
    *(b"sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==", b"config=000001B0", b"*"),
    *(b"sprop-max-don-diff=1", b"a=framerate:25", b"a=framesize:96 2592-1944", b"RTP/SAVP"),
    *(b"sprop-vps=", b"sprop-sps=", b"sprop-pps=", b"a=x-dimensions:2592,1944", b"rtsp://", b"\n"),
    *(b"a=tool:LIVE555 Streaming Media v2015.07.19", b"a=recvonly", b"=", b";", b"\0"),
)
_URL, _ = parse_url("rtsp://192.0.2.7:8554/live?x=1")
_MOST_SETS = 64
_SUPPORTED = frozenset(READERS)


def sdp(data: bytes) -> None:
    """The first line is a Content-Base."""
    base, _, body = data.partition(b"\n")
    try:
        _is_bounded(parse_sdp(body))
    except Malformed as error:
        says_why(error)
    try:
        _is_usable(_described(decode(base), body))
    except ProbeError as error:
        says_why(error)


def _is_bounded(presentation: Presentation) -> None:
    assert len(presentation.media) <= MAX_MEDIA
    for media in presentation.media:
        assert len(media.fmtp) <= MAX_ATTRIBUTES
        assert media.framerate is None or 0 < media.framerate < 1000
        assert all(0 <= each.payload_type < 128 for each in media.formats)
        assert all(0 < each.clock_rate < 10**9 for each in media.formats)


def _described(base: str, body: bytes) -> Description:
    items = [("Content-Type", "application/sdp"), ("Content-Base", base.replace("\r", ""))]
    return describe(Response(200, "OK", Headers(items), body), _URL, _SUPPORTED, _fail)


def _fail(failure: ProbeFailure, message: str, near: bytes) -> NoReturn:
    raise ProbeError(failure, message, Where("192.0.2.7"), near)


def _is_usable(description: Description) -> None:
    track = description.track
    assert track.encoding in _SUPPORTED
    assert track.payload_types
    for uri in (description.setup_uri, description.aggregate_uri):
        assert uri
        assert not {"\r", "\n"} & set(uri)
    reader = READERS[track.encoding](track.fmtp)
    assert reader.pictures.pictures == 0
    assert len(getattr(reader.pictures.shape, "_sets", ())) <= _MOST_SETS
