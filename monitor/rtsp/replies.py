"""What the answers to DESCRIBE and SETUP mean.

Each function reads one answer and knows nothing of a session.
"""

from __future__ import annotations

from dataclasses import field
from typing import NoReturn, Protocol

from monitor.rtsp.failures import Malformed, ProbeFailure
from monitor.rtsp.headers import TransportAnswer, parse_transport
from monitor.rtsp.messages import Response, encode, printable
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.sdp import (
    NoVideo,
    Presentation,
    UnsupportedVideo,
    VideoTrack,
    read_video,
)
from monitor.rtsp.stale import is_old_live555
from monitor.rtsp.url import Url, is_absolute, join_control, repair_base
from monitor.rtsp.values import light_value

# RFC 2326 section 12.14: without it there is no body; FFmpeg and live555 read none either.
WITHOUT_LENGTH = "answer to describe has no content-length, so nothing says where its text ends"
MAX_URI = 8 * 1024  # what we would have to send
CHANNELS = (0, 1)  # asked for over TCP; over UDP they stand for the two sockets


class Fail(Protocol):
    def __call__(self, failure: ProbeFailure, message: str, near: bytes) -> NoReturn: ...


@light_value
class Description:
    """What DESCRIBE told: the track, and the URLs of SETUP and of PLAY/TEARDOWN."""

    track: VideoTrack
    setup_uri: str = field(repr=False)
    aggregate_uri: str = field(repr=False)
    quirks: frozenset[Quirk]
    tool: str | None = None


_STATUS_FAILURES = {
    401: ProbeFailure.AUTH_REJECTED,
    403: ProbeFailure.AUTH_REJECTED,
    404: ProbeFailure.NOT_FOUND,
    407: ProbeFailure.AUTH_UNSUPPORTED,
    408: ProbeFailure.TIMEOUT,
    410: ProbeFailure.NOT_FOUND,
    415: ProbeFailure.UNSUPPORTED,
    453: ProbeFailure.BUSY,
    454: ProbeFailure.NOT_FOUND,
    503: ProbeFailure.BUSY,
    505: ProbeFailure.UNSUPPORTED,  # speaks RTSP 2.0 only
    551: ProbeFailure.UNSUPPORTED,
}


def failure_of_status(status: int) -> ProbeFailure:
    return _STATUS_FAILURES.get(status, ProbeFailure.PROTOCOL)


def describe(answer: Response, request: Url, supported: frozenset[str], fail: Fail) -> Description:
    quirks: set[Quirk] = set()
    kind = (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()  # Q49
    if not kind:
        quirks.add(Quirk.CONTENT_TYPE_ABSENT)  # Q48
    elif kind != "application/sdp":
        message = f"answer to describe is {printable(kind, 60)!r}, expected application/sdp"
        fail(ProbeFailure.PROTOCOL, message, answer.body)
    if not answer.body and answer.headers.get("Content-Length") is None:
        fail(ProbeFailure.PROTOCOL, WITHOUT_LENGTH, b"")
    try:
        presentation, track = read_video(answer.body, supported)
    except NoVideo as error:
        fail(ProbeFailure.NO_VIDEO, str(error), b"")
    except UnsupportedVideo as error:
        fail(ProbeFailure.UNSUPPORTED, str(error), b"")
    except Malformed as error:
        fail(ProbeFailure.PROTOCOL, f"answer to describe: {error}", answer.body)
    if track.fmtp_elsewhere:
        quirks.add(Quirk.FMTP_UNDER_OTHER_MEDIA)
    if is_old_live555(presentation.tool):
        quirks.add(Quirk.OLD_LIVE555)
    base = _base(answer, request, quirks)
    aggregate = _aggregate(presentation, base, request)
    inherits = track.control in (None, "", "*")
    setup = aggregate if inherits else join_control(base, track.control or "")
    _require_sendable(setup, aggregate, fail)
    return Description(track, setup, aggregate, frozenset(quirks), presentation.tool)


def _require_sendable(setup: str, aggregate: str, fail: Fail) -> None:
    for uri in (setup, aggregate):
        if len(uri) > MAX_URI:
            message = f"a control of {len(uri)} characters, expected at most {MAX_URI}"
            fail(ProbeFailure.PROTOCOL, message, encode(uri[:64]))


def _base(answer: Response, request: Url, quirks: set[Quirk]) -> str:
    """Content-Base, else Content-Location, else what was asked for (Q50)."""
    for name in ("Content-Base", "Content-Location"):
        value = answer.headers.get(name)
        if value:
            base, quirk = repair_base(value, request)
            quirks.update(() if quirk is None else (quirk,))
            return base
    return request.text


def _aggregate(presentation: Presentation, base: str, request: Url) -> str:
    """For PLAY and TEARDOWN: an absolute session control wins (Q57); none means the request URL
    (Q58).
    """
    control = presentation.control
    if control is None:
        return request.text
    return control if is_absolute(control) else join_control(base, control)


@light_value
class Media:
    """Where the camera will send its media, and what was odd about its saying so."""

    channels: tuple[int, int] = CHANNELS
    server_ports: tuple[int, int] | None = None  # None: interleaved
    ssrc: int | None = None
    quirk: Quirk | None = None


class OtherTransport(ValueError):
    """The camera chose what was not asked for: UDP instead of TCP, or TCP instead of UDP."""


def media(answer: Response, *, over_udp: bool, fail: Fail) -> Media:
    """Raises OtherTransport."""
    value = answer.headers.get("Transport")
    if value is None:
        ports = (0, 0) if over_udp else None
        return Media(server_ports=ports, quirk=Quirk.UNREADABLE_FIELD)
    try:
        transport = parse_transport(value)
    except Malformed as error:
        fail(ProbeFailure.PROTOCOL, f"answer to setup: {error}", b"")
    if transport.encrypted:  # its bytes would be taken for pictures (S11)
        message = f"the camera chose encrypted RTP, which is unsupported: {printable(value, 80)!r}"
        fail(ProbeFailure.UNSUPPORTED, message, b"")
    if transport.multicast:
        message = f"the camera chose multicast, which is not supported: {printable(value, 80)!r}"
        fail(ProbeFailure.UNSUPPORTED, message, b"")
    chosen = _over_udp(transport) if over_udp else _interleaved(transport)
    if chosen is None:
        asked = "UDP" if over_udp else "TCP"
        raise OtherTransport(f"asked for {asked}, the camera chose {printable(value, 80)!r}")
    return chosen


def _over_udp(transport: TransportAnswer) -> Media | None:
    if transport.tcp or transport.interleaved is not None:
        return None
    return Media(server_ports=transport.server_ports, ssrc=transport.ssrc)


def _interleaved(transport: TransportAnswer) -> Media | None:
    """The channels the camera chose (Q79)."""
    if transport.interleaved is not None:
        quirk = None if transport.tcp else Quirk.TRANSPORT_WITHOUT_TCP  # Q80
        return Media(transport.interleaved, None, transport.ssrc, quirk)
    return Media(ssrc=transport.ssrc) if transport.tcp and not transport.udp else None
