"""Session descriptions as cameras write them: only `m=` and `a=` count (Q61).

Nothing else can fail a look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from monitor.rtsp.failures import Malformed
from monitor.rtsp.messages import printable

MAX_MEDIA = 64
MAX_ATTRIBUTES = 512
MAX_FORMATS = 128  # payload types are of seven bits
MOST_KEPT = 512  # descriptions; cameras of one model often send the same
MOST_KEPT_BYTES = 1024
FRAME_SIZE = "framesize"
# RFC 3551 types that appear without an rtpmap (Q72).
STATIC_TYPES = {
    26: ("JPEG", 90_000),
    31: ("H261", 90_000),
    32: ("MPV", 90_000),
    33: ("MP2T", 90_000),
}
_SESSION_LINES = re.compile(rb"(?:[b-ln-z]=[^\r\n]*[\r\n]+)*")  # neither m= nor a=
_RECEIVE_ONLY = ("sendonly", "recvonly", "sendrecv", "inactive")


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of a media: how it is coded."""

    payload_type: int
    encoding: str  # upper case
    clock_rate: int


@dataclass(frozen=True, slots=True)
class Media:
    kind: str
    protocol: str
    formats: tuple[Format, ...]
    control: str | None = None
    framerate: float | None = None
    direction: str | None = None
    frame_size: str | None = None  # as it was written
    fmtp: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Presentation:
    media: tuple[Media, ...]
    control: str | None = None
    tool: str | None = None

    def fmtp(self, media: Media, payload_type: int) -> tuple[dict[str, str], bool]:
        """Format parameters, and whether they were found under another media (Q71)."""
        if payload_type in media.fmtp:
            return parse_fmtp(media.fmtp[payload_type]), False
        elsewhere = (other.fmtp.get(payload_type) for other in self.media if other is not media)
        text = next((text for text in elsewhere if text is not None), None)
        return (parse_fmtp(text), True) if text is not None else ({}, False)


@dataclass(slots=True)
class _Section:
    """Lines of the session or of one media, collected before they are read (Q60)."""

    heading: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def last(self, name: str) -> str | None:
        return next((v for k, v in reversed(self.attributes) if k == name and v), None)


def parse_sdp(body: bytes) -> Presentation:
    """Raises Malformed only when there is no media line at all."""
    text = body.decode("utf-8", "replace").replace("\r", "\n")
    session = current = _Section()
    sections: list[_Section] = []
    for raw in text.split("\n"):
        line = raw.strip()
        if line.startswith("a=") and len(current.attributes) < MAX_ATTRIBUTES:
            name, _, argument = line[2:].partition(":")
            current.attributes.append((name.strip().lower(), argument.strip()))  # Q69
        elif line.startswith("m=") and len(sections) < MAX_MEDIA:
            current = _Section(line[2:].strip())
            sections.append(current)
    if not sections:
        raise Malformed(f"no m= line in a description of {len(body)} bytes")
    media = tuple(read for section in sections if (read := _media(section)) is not None)
    return Presentation(media, session.last("control"), session.last("tool"))


def _media(section: _Section) -> Media | None:
    words = section.heading.split(maxsplit=3 + MAX_FORMATS)[: 3 + MAX_FORMATS]
    if len(words) < 3:
        return None
    maps = dict(filter(None, (_rtpmap(v) for k, v in section.attributes if k == "rtpmap")))
    types = [int(w) for w in words[3:] if w.isascii() and w.isdecimal() and len(w) < 4]
    formats = tuple(_format(number, maps) for number in types if number < 128)
    directions = [k for k, _ in section.attributes if k in _RECEIVE_ONLY]
    return Media(
        kind=words[0].lower(),
        protocol=words[2].upper(),
        formats=formats,
        control=section.last("control"),
        framerate=_framerate(section),
        direction=directions[-1] if directions else None,
        frame_size=section.last("framesize") or section.last("x-dimensions"),
        fmtp=dict(filter(None, (_typed(v) for k, v in section.attributes if k == "fmtp"))),
    )


def _format(number: int, maps: Mapping[int, tuple[str, int]]) -> Format:
    encoding, clock_rate = maps.get(number) or STATIC_TYPES.get(number) or ("", 90_000)
    return Format(number, encoding, clock_rate)


def _typed(value: str) -> tuple[int, str] | None:
    """`96 rest`; `96` alone has an empty rest (Q70)."""
    number, _, rest = value.replace("\t", " ").partition(" ")
    if not (number.isascii() and number.isdecimal() and len(number) < 4):
        return None
    return int(number), rest.strip()


def _rtpmap(value: str) -> tuple[int, tuple[str, int]] | None:
    typed = _typed(value)
    if typed is None or not typed[1]:
        return None
    encoding, _, rest = typed[1].partition("/")
    rate = rest.partition("/")[0].strip()
    usable = rate.isascii() and rate.isdecimal() and 0 < len(rate) < 10 and int(rate) > 0
    return typed[0], (encoding.strip().upper(), int(rate) if usable else 90_000)


def _framerate(section: _Section) -> float | None:
    """The last positive number wins (Q74)."""
    for name, value in reversed(section.attributes):
        if name == "framerate":
            try:
                rate = float(value)
            except ValueError:
                continue
            if 0 < rate < 1000:
                return rate
    return None


def parse_fmtp(text: str) -> dict[str, str]:
    """Items without a value are dropped, keys lower case (Q70)."""
    pairs = (item.strip().partition("=") for item in text.split(";"))
    return {k.strip().lower(): v.strip() for k, equals, v in pairs if equals and k.strip()}


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The one media a prober sets up."""

    encoding: str
    payload_types: frozenset[int]
    clock_rate: int
    control: str | None
    framerate: float | None
    fmtp: Mapping[str, str]  # and, where an attribute tells it, the frame size as FRAME_SIZE
    fmtp_elsewhere: bool


class NoVideo(ValueError):
    """Nothing in the description is video."""


class UnsupportedVideo(ValueError):
    """There is video, in a form that is not read yet."""


def read_video(body: bytes, supported: frozenset[str]) -> tuple[Presentation, VideoTrack]:
    """Raises Malformed, NoVideo and UnsupportedVideo. What was read is kept by what can count: the
    lines before it tell of one session, those of one camera are the same at each look.
    """
    before = _SESSION_LINES.match(body)
    telling = body[before.end() :] if before is not None else body
    if len(telling) > MOST_KEPT_BYTES or b"m=" not in telling:
        return _read_video(body, supported)
    return _kept_video(telling, supported)


def _read_video(body: bytes, supported: frozenset[str]) -> tuple[Presentation, VideoTrack]:
    presentation = parse_sdp(body)
    return presentation, choose_video(presentation, supported)


_kept_video = lru_cache(MOST_KEPT)(_read_video)


def choose_video(presentation: Presentation, supported: frozenset[str]) -> VideoTrack:
    """The first video that can be read.

    Raises NoVideo or UnsupportedVideo, each saying what was there.
    """
    videos = [media for media in presentation.media if media.kind == "video"]
    if not videos:
        kinds = ", ".join(printable(media.kind, 20) for media in presentation.media[:8])
        raise NoVideo(f"the description has no video, only {kinds or 'unreadable media'}")
    reasons: list[str] = []
    for media in videos:
        if "SAVP" in media.protocol:
            reasons.append(f"{printable(media.protocol, 30)} is encrypted RTP")
        elif "RTP/" not in media.protocol:
            reasons.append(f"transport is {printable(media.protocol, 30)!r}, expected RTP/AVP")
        else:
            for coded in media.formats:
                if coded.encoding in supported:
                    return _track(presentation, media, coded)
            names = "/".join(
                printable(c.encoding or str(c.payload_type), 20) for c in media.formats
            )
            reasons.append(f"video is coded as {names or 'nothing named'}")
    raise UnsupportedVideo(
        f"{'; '.join(reasons[:4])}; supported are {', '.join(sorted(supported))}"
    )


def _track(presentation: Presentation, media: Media, chosen: Format) -> VideoTrack:
    fmtp, elsewhere = presentation.fmtp(media, chosen.payload_type)
    same = (f.payload_type for f in media.formats if f.encoding == chosen.encoding)
    return VideoTrack(
        encoding=chosen.encoding,
        payload_types=frozenset(same),
        clock_rate=chosen.clock_rate,
        control=media.control,
        framerate=media.framerate,
        fmtp=fmtp if media.frame_size is None else {FRAME_SIZE: media.frame_size, **fmtp},
        fmtp_elsewhere=elsewhere,
    )
