"""Every bound on what a camera may send or take, with its value read from the code.

It adds reasons, never figures of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Bound:
    what: str
    where: str  # module, then the name in it
    unit: str
    why: str
    beyond: str

    @property
    def value(self) -> float:
        module, _, name = self.where.partition(":")
        value: object = import_module(module)
        for part in name.split("."):
            value = getattr(value() if isinstance(value, type) else value, part)
        if not isinstance(value, int | float):
            raise TypeError(f"{self.where} is {value!r}, expected a number")
        return value


_LIMITS = "monitor.doors.limits:Limits.{}"
_PROTOCOL = "`protocol`"

BOUNDS = (
    Bound(
        "message head",
        "monitor.rtsp.wire:MAX_HEAD",
        "bytes",
        "h11 allows 16 KiB, aiohttp 8 KiB a line (Q07)",
        _PROTOCOL,
    ),
    Bound(
        "header lines of a message",
        "monitor.rtsp.messages:MAX_HEADERS",
        "",
        "gortsplib's bound (Q07)",
        _PROTOCOL,
    ),
    Bound(
        "message body",
        "monitor.rtsp.wire:MAX_BODY",
        "bytes",
        "gortsplib's bound; FFmpeg reads 16 KiB of a description",
        _PROTOCOL,
    ),
    Bound(
        "garbage in one place",
        "monitor.rtsp.wire:MAX_SKIPPED",
        "bytes",
        "a way back is worth that much (Q02)",
        _PROTOCOL,
    ),
    Bound(
        "places with garbage in a connection",
        "monitor.rtsp.wire:MAX_RESYNCS",
        "",
        "more is no accident (Q02)",
        _PROTOCOL,
    ),
    Bound(
        "messages that nobody asked for yet",
        "monitor.doors.line:MAX_WAITING",
        "",
        "one is usual; a camera asks now and then (Q08)",
        _PROTOCOL,
    ),
    Bound(
        "bytes of a connection",
        "monitor.doors.line:MAX_RECEIVED",
        "bytes",
        "25 Mbit/s for more than a minute; more is debt of its line",
        _PROTOCOL,
    ),
    Bound(
        "packets of a connection, of whatever kind",
        "monitor.doors.line:MAX_PACKETS",
        "",
        "as many of usual size; each is work, however small",
        _PROTOCOL,
    ),
    Bound(
        "NAL units of a packet",
        "monitor.media.depacketise:MAX_UNITS",
        "",
        "a picture of 4K with a slice for each row has half of it",
        "the rest is not read",
    ),
    Bound(
        "NAL units of a look that came several in a packet",
        "monitor.media.depacketise:MAX_BUNDLED",
        "",
        "each is work, however small",
        "no further ones are read",
    ),
    Bound(
        "RTCP packets in a compound one",
        "monitor.media.rtcp:MAX_ITEMS",
        "",
        "cameras send three; a frame has room for 16,000, each work of its own",
        "the rest is not read",
    ),
    Bound(
        "our bytes that the camera does not read",
        "monitor.doors.line:MAX_UNREAD",
        "bytes",
        "each of its requests is an answer of ours",
        _PROTOCOL,
    ),
    Bound(
        "echoed CSeq",
        "monitor.rtsp.client:MAX_ECHOED",
        "characters",
        "what it asks must not be amplified",
        "answered without it",
    ),
    Bound(
        "redirects",
        "monitor.rtsp.client:MAX_REDIRECTS",
        "",
        "a load balancer, and one more (Q12)",
        _PROTOCOL,
    ),
    Bound(
        "URL that we are told to send",
        "monitor.rtsp.replies:MAX_URI",
        "characters",
        "far above what cameras say",
        _PROTOCOL,
    ),
    Bound(
        "media of a description",
        "monitor.rtsp.sdp:MAX_MEDIA",
        "",
        "far above what descriptions hold",
        "the rest is not read",
    ),
    Bound(
        "attributes of a media",
        "monitor.rtsp.sdp:MAX_ATTRIBUTES",
        "",
        "far above what descriptions hold",
        "the rest is not read",
    ),
    Bound(
        "payload types of a media",
        "monitor.rtsp.sdp:MAX_FORMATS",
        "",
        "they are of seven bits",
        "the rest is not read",
    ),
    Bound(
        "certificate",
        "monitor.doors.tls:MAX_CERTIFICATE",
        "bytes",
        "far above any that a camera makes",
        "its end is not read",
    ),
    Bound(
        "keyframe",
        "monitor.media.pictures:MAX_UNIT_BYTES",
        "bytes",
        "frames that never complete must not grow (Q126)",
        "not judged; `no_keyframe` if no other comes",
    ),
    Bound(
        "parameter set",
        "monitor.media.parameter_sets:MAX_SET_BYTES",
        "bytes",
        "far above any encoder's",
        "not taken",
    ),
    Bound(
        "parameter sets in force",
        "monitor.media.parameter_sets:MAX_SETS",
        "",
        "most cameras have two or three",
        "no further ones are taken",
    ),
    Bound(
        "changes of parameter sets in a look",
        "monitor.media.parameter_sets:MAX_TAKEN",
        "",
        "reading one is work, and looks last seconds",
        "no further ones are taken",
    ),
    Bound(
        "packets waiting for an overtaken one",
        "monitor.media.reorder:MAX_AHEAD",
        "",
        "30 ms of 25 Mbit/s",
        "the missing one is lost",
    ),
    Bound(
        "bytes of such packets",
        "monitor.media.reorder:MAX_HELD_BYTES",
        "bytes",
        "Tapo sends datagrams of 10,000 bytes (Q100)",
        "the missing one is lost",
    ),
    Bound(
        "how long they wait",
        "monitor.media.reorder:LONGEST_WAIT_S",
        "s",
        "above the detour of any path of live video",
        "the missing one is lost",
    ),
    Bound(
        "keyframe to the decoder's process",
        "monitor.picture.wire:MAX_KEYFRAME_BYTES",
        "bytes",
        "above what a look can bring",
        "`decoder_failed`",
    ),
    Bound(
        "answer of the decoder's process",
        "monitor.picture.wire:MAX_TEXT_BYTES",
        "bytes",
        "far above what findings take",
        "that process is ended",
    ),
    Bound(
        "snapshot of the decoder's process",
        "monitor.picture.wire:MAX_SNAPSHOT_BYTES",
        "bytes",
        "a thumbnail",
        "that process is ended",
    ),
    Bound(
        "name and connection",
        _LIMITS.format("connect_s"),
        "s",
        "DESIGN section 3",
        "`timeout`, a name `dns`",
    ),
    Bound(
        "TLS handshake",
        _LIMITS.format("tls_s"),
        "s",
        "a camera's processor takes seconds for one",
        "`timeout`",
    ),
    Bound(
        "each reply",
        _LIMITS.format("reply_s"),
        "s",
        "from the request on, whatever drips in",
        "`timeout`",
    ),
    Bound(
        "first packet",
        _LIMITS.format("first_packet_s"),
        "s",
        "encoders that wake up",
        "`no_packets`",
    ),
    Bound(
        "keyframe",
        _LIMITS.format("keyframe_s"),
        "s",
        "smart codecs may be given more, per camera",
        "`no_keyframe`",
    ),
    Bound(
        "a liveness look",
        _LIMITS.format("liveness_s"),
        "s",
        "from its first byte",
        "`burst_only`, `no_packets`",
    ),
    Bound(
        "TEARDOWN",
        _LIMITS.format("teardown_s"),
        "s",
        "waited for, then left (Q116)",
        "noted, the host is spared",
    ),
    Bound(
        "what a look takes off its line",
        "monitor.plan.lines:MOST_TIMES",
        "times the usual",
        "no camera makes its neighbours wait; of the usual, 8 Mbit/s at least",
        "the feed itself waits for it",
    ),
    Bound(
        "for how long looks that end close a line",
        "monitor.plan.lines:MOST_DEBT_S",
        "s",
        "or four looks of 2 Mbit/s where those take longer; the usual is learned up to it too",
        "the feeds themselves wait for it",
    ),
    Bound(
        "how long a feed waits for what it took",
        "monitor.plan.lines:MOST_OWED_S",
        "s",
        "knowledge holds for three of these at most",
        "looked at all the same",
    ),
)

INTRO = """\
# Bounds

<!-- Made from the code by `python -m docs.generate`. Do not edit. -->

What a camera may send, and for how long. Each bound is tested on a real socket or with packets
(`tests/integration/doors/test_hostile.py`, `tests/unit/media/test_hostile.py`, `tests/fuzz`), those
of the plan under a clock that stands still (`tests/unit/plan/test_floods.py`), and none of them
grows with what the camera says. How time grows with input is in
[benchmarks](benchmarks.md), what fuzzing found in [fuzzing](fuzzing.md).

| bound | value | why | beyond it | where |
|---|---|---|---|---|
"""


def bounds_page() -> str:
    return INTRO + "".join(_row(bound) for bound in BOUNDS)


def _row(bound: Bound) -> str:
    where = bound.where.replace(":", ".")
    return f"| {bound.what} | {_shown(bound)} | {bound.why} | {bound.beyond} | `{where}` |\n"


def _shown(bound: Bound) -> str:
    value = bound.value
    if bound.unit == "bytes" and value % 1024 == 0:
        big = value % (1024 * 1024) == 0
        return f"{int(value) >> (20 if big else 10)} {'MiB' if big else 'KiB'}"
    return f"{value:,g} {bound.unit}".strip()
