"""What the answers to DESCRIBE and SETUP mean.

Each function reads one answer and knows nothing of a session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from monitor.rtsp.failures import Malformed, ProbeFailure
from monitor.rtsp.headers import parse_transport
from monitor.rtsp.messages import Response, printable
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.sdp import (
    NoVideo,
    Presentation,
    UnsupportedVideo,
    VideoTrack,
    choose_video,
    parse_sdp,
)
from monitor.rtsp.stale import is_old_live555
from monitor.rtsp.url import Url, is_absolute, join_control, repair_base


class Fail(Protocol):
    def __call__(self, failure: ProbeFailure, message: str, near: bytes) -> NoReturn: ...


@dataclass(frozen=True, slots=True)
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
    try:
        presentation = parse_sdp(answer.body)
        track = choose_video(presentation, supported)
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
    return Description(track, setup, aggregate, frozenset(quirks), presentation.tool)


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


def interleaved(
    answer: Response, asked: tuple[int, int], fail: Fail
) -> tuple[tuple[int, int], int | None, Quirk | None]:
    """The channels the camera chose (Q79), its ssrc if it told one, and what was odd."""
    value = answer.headers.get("Transport")
    if value is None:
        return asked, None, Quirk.UNREADABLE_FIELD
    try:
        transport = parse_transport(value)
    except Malformed as error:
        fail(ProbeFailure.PROTOCOL, f"answer to setup: {error}", b"")
    if transport.interleaved is not None:
        quirk = None if transport.tcp else Quirk.TRANSPORT_WITHOUT_TCP  # Q80
        return transport.interleaved, transport.ssrc, quirk
    if transport.udp or transport.multicast or not transport.tcp:
        message = (
            f"asked for TCP, the camera chose {printable(value, 80)!r}, which is not supported"
        )
        fail(ProbeFailure.UNSUPPORTED, message, b"")
    return asked, transport.ssrc, None
