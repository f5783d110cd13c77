"""RTSP 1.0 as a camera reads and writes it (RFC 2326), and its SDP (RFC 4566, RFC 6184, RFC 7798).

It must not decide anything: status and headers are given to it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from urllib.parse import urlsplit

from monitor.simulator.rtp import CLOCK_RATE, PAYLOAD_TYPE
from registry.vocabulary import Codec

_HEAD_LIMIT = 16 * 1024
_BODY_LIMIT = 64 * 1024
CONTROL = "trackID=0"


class Status(IntEnum):
    OK = 200
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    NOT_ENOUGH_BANDWIDTH = 453
    SESSION_NOT_FOUND = 454
    UNSUPPORTED_TRANSPORT = 461

    @property
    def phrase(self) -> str:
        return self.name.replace("_", " ").title() if self is not Status.OK else "OK"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str
    headers: dict[str, str] = field(repr=False)  # names in lower case; may hold an Authorization

    @property
    def path(self) -> str:
        """The path asked for, without the track."""
        return urlsplit(self.uri).path.removesuffix(f"/{CONTROL}").rstrip("/")


class UnreadableRequestError(Exception):
    """The client sent what no RTSP request is, or more than one may hold."""


class RequestReader:
    """Bytes in, requests out; interleaved frames (receiver reports) are passed over."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Request]:
        self._held += data
        while self._held:
            if self._held[0] == 0x24:
                if not self._drop_frame():
                    return
                continue
            request = self._take_request()
            if request is None:
                return
            yield request

    def _drop_frame(self) -> bool:
        if len(self._held) < 4:
            return False
        end = 4 + int.from_bytes(self._held[2:4], "big")
        if len(self._held) < end:
            return False
        del self._held[:end]
        return True

    def _take_request(self) -> Request | None:
        if not (self._held[:1].isalpha() or self._held[0] in b"\r\n"):
            raise UnreadableRequestError(f"a request that begins with {bytes(self._held[:8])!r}")
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > _HEAD_LIMIT:
                raise UnreadableRequestError(f"no end of head in {len(self._held)} bytes")
            return None
        request = _parse_head(bytes(self._held[:end]))
        whole = end + 4 + _body_length(request)
        if len(self._held) < whole:
            return None
        del self._held[:whole]
        return request


def _parse_head(head: bytes) -> Request:
    first, *rest = head.decode("latin-1").lstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("RTSP/"):
        raise UnreadableRequestError(f"request line is {first[:80]!r}")
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(words[0], words[1], headers)


def _body_length(request: Request) -> int:
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > _BODY_LIMIT:
        raise UnreadableRequestError(f"content-length is {said!r}, expected 0 to {_BODY_LIMIT}")
    return int(said)


def response(
    status: Status, cseq: str = "0", headers: Sequence[tuple[str, str]] = (), body: str = ""
) -> bytes:
    lines = [f"RTSP/1.0 {status.value} {status.phrase}", f"CSeq: {cseq}", "Server: camreach-sim"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*lines, "", body]).encode()


AUDIO = ["m=audio 0 RTP/AVP 0"]
# As cameras with AV1 write it, once somebody has chosen it for this stream.
UNREAD_VIDEO = [
    f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
    f"a=rtpmap:{PAYLOAD_TYPE} AV1/{CLOCK_RATE}",
]


def video(codec: Codec, parameter_sets: Sequence[bytes], frames_per_second: int) -> list[str]:
    encoding = {Codec.H264: "H264", Codec.H265: "H265"}[codec]
    return [
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {encoding}/{CLOCK_RATE}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format_parameters(codec, parameter_sets)}",
        f"a=framerate:{frames_per_second}",
    ]


def session_description(address: str, media: Sequence[str]) -> str:
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {address}",
        "s=Simulated camera",
        f"c=IN IP4 {address}",
        "t=0 0",
        "a=control:*",
        *media,
        f"a=control:{CONTROL}",
    ]
    return "\r\n".join([*lines, ""])


def _format_parameters(codec: Codec, parameter_sets: Sequence[bytes]) -> str:
    sets = [base64.b64encode(nal).decode() for nal in parameter_sets]
    if codec is Codec.H265:
        vps, sps, pps = sets[:3]
        return f"sprop-vps={vps}; sprop-sps={sps}; sprop-pps={pps}"
    profile = parameter_sets[0][1:4].hex()
    together = ",".join(sets)
    return f"packetization-mode=1; profile-level-id={profile}; sprop-parameter-sets={together}"
