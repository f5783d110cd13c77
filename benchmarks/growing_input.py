"""How the time to read grows with hostile input: `python -m benchmarks.growing_input`.

Each row is a shape made to hurt, at n, 2n, 4n ... up to its bound. The exponent is that of the last
doublings: 1 is linear, 2 quadratic. It proves nothing of honest streams.
"""

from __future__ import annotations

import argparse
import gc
import io
import math
import sys
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.table import heading, markdown
from monitor.media import h264, h265
from monitor.media.codecs import READERS
from monitor.media.flow import FlowProof
from monitor.media.rtcp import parse_rtcp
from monitor.media.video import VideoReceiver
from monitor.rtsp.failures import Malformed, ProbeError
from monitor.rtsp.headers import parse_challenges, parse_transport
from monitor.rtsp.sdp import NoVideo, UnsupportedVideo, choose_video, parse_sdp
from monitor.rtsp.url import parse_url
from monitor.rtsp.wire import MAX_BODY, MAX_HEAD, MAX_SKIPPED, Wire
from registry.security.redaction import redacted_text
from registry.transfer.problems import ImportRefused
from registry.transfer.table import read_table

_DOUBLINGS = 5
_FRAME = 65_535
_HEAD = b"RTSP/1.0 200 OK\r\n"
_FILE = 4 * 1024 * 1024  # of 64 MiB: enough to see how it grows
_SHEET = "xl/worksheets/sheet1.xml"
Run = Callable[[], None]
_Bytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Shape:
    """`made` gives, for a size in bytes or packets, the work to be timed."""

    what: str
    bound: int
    made: Callable[[int], Run]


# --- RTSP ---------------------------------------------------------------------------------------


def _through_wire(data: bytes, piece: int) -> None:
    wire, last = Wire(), deque[object](maxlen=1)
    wire.channels = frozenset({0, 1})
    view = memoryview(data)
    try:
        for at in range(0, len(view), piece):
            left = view[at : at + piece]
            while left:
                room = wire.buffer()
                count = min(len(room), len(left))
                room[:count] = left[:count]
                left = left[count:]
                wire.received(count, last.append)
    except ProbeError:
        return


def _wire(make: Callable[[int], bytes], piece: int) -> Callable[[int], Run]:
    return lambda size: partial(_through_wire, make(size), piece)


def _body(size: int) -> bytes:
    return _HEAD + b"Content-Length: %d\r\n\r\n" % size + b"v" * size


def _garbage(unit: bytes, behind: int) -> Callable[[int], bytes]:
    """In one place, up to its bound; what is behind it is searched for a way back."""
    return lambda size: (b"\0" + unit * (size // len(unit)))[:size] + b"\1" * behind


def _text(read: Callable[[str], object], make: Callable[[int], str]) -> Callable[[int], Run]:
    def made(size: int) -> Run:
        text = make(size)

        def run() -> None:
            try:
                read(text)
            except Malformed:
                return

        return run

    return made


def _repeated(unit: str, before: str = "") -> Callable[[int], str]:
    return lambda size: before + unit * (size // len(unit))


def _described(unit: str, before: str = "") -> Callable[[int], Run]:
    def made(size: int) -> Run:
        body = (before + unit * (size // len(unit))).encode()

        def run() -> None:
            try:
                track = choose_video(parse_sdp(body), frozenset(READERS))
                READERS[track.encoding](track.fmtp)
            except (Malformed, NoVideo, UnsupportedVideo):
                return

        return run

    return made


# --- media --------------------------------------------------------------------------------------


def _head(seq: int, *, time: int = 0, marker: bool = False) -> bytes:
    kind = 96 | 0x80 * marker
    return bytes((0x80, kind)) + (seq & 0xFFFF).to_bytes(2, "big") + time.to_bytes(4) + b"\0\0\0\1"


def _payloads(encoding: str, payloads: Callable[[int], Iterator[bytes]]) -> Callable[[int], Run]:
    """All under one RTP time: a picture that never ends; then the next one, which ends it."""

    def made(size: int) -> Run:
        packets = [_head(number) + each for number, each in enumerate(payloads(size))]
        packets.append(_head(len(packets), time=3600) + packets[0][12:])
        return partial(_received, encoding, packets)

    return made


def _received(encoding: str, packets: list[bytes], *, reorders: bool = False) -> None:
    video = VideoReceiver(
        encoding,
        frozenset({96}),
        90_000,
        FlowProof(90_000),
        fmtp={},
        attentive=lambda arrived: arrived,
        keep_keyframes=1,
        reorders=reorders,
    )
    for packet in packets:
        video.rtp.packet(memoryview(packet), 1.0)
    video.flush()


def _fragments(first: bytes, further: bytes) -> Callable[[int], Iterator[bytes]]:
    def payloads(count: int) -> Iterator[bytes]:
        yield first
        for _ in range(count - 1):
            yield further

    return payloads


def _aggregate(head: bytes, unit: bytes) -> Callable[[int], Iterator[bytes]]:
    framed = len(unit).to_bytes(2, "big") + unit
    return lambda size: iter((head + framed * (size // len(framed)),))


def _sets_in_turn(size: int) -> Iterator[bytes]:
    """SPS after SPS, no two alike: none may be known already."""
    units = b""
    for number in range(size // 14):
        unit = b"\x67\x42\xc0\x1e\xd9\x00\x50\x05\xbb" + bytes((number & 0x7F | 1, number >> 7 | 1))
        units += len(unit).to_bytes(2, "big") + unit
    yield b"\x18" + units


def _one(head: bytes, unit: bytes) -> Callable[[int], Iterator[bytes]]:
    return lambda size: iter((head + unit * (size // len(unit)),))


def _swapped(count: int) -> Run:
    order = [number ^ 1 if number > 1 else number for number in range(count)]
    packets = [_head(number) + b"\x41\x9a" for number in order]
    return partial(_received, "H264", packets, reorders=True)


def _parsed(parse: Callable[[bytes], object], head: bytes, unit: bytes) -> Callable[[int], Run]:
    def made(size: int) -> Run:
        nal = head + unit * (size // len(unit))

        def run() -> None:
            try:
                parse(nal)
            except ValueError:
                return

        return run

    return made


def _compound(size: int) -> Run:
    data = memoryview(b"\x81\xcb\0\1\0\0\0\1" * (size // 8))

    def run() -> None:
        for _ in parse_rtcp(data):
            pass

    return run


# --- files that are imported --------------------------------------------------------------------


def _imported(make: Callable[[int], bytes]) -> Callable[[int], Run]:
    def made(size: int) -> Run:
        data = make(size)

        def run() -> None:
            try:
                read_table(data)
            except ImportRefused:
                return

        return run

    return made


def _workbook(unit: bytes, *, before: bytes = b"<worksheet>", part: str = _SHEET) -> _Bytes:
    def make(size: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            parts = {"xl/workbook.xml": b"<workbook/>", part: before + unit * (size // len(unit))}
            for name, content in parts.items():
                archive.writestr(name, content)
        return out.getvalue()

    return make


def _csv(unit: bytes, before: bytes = b"camera,area\n") -> _Bytes:
    return lambda size: before + unit * (size // len(unit))


# --- all of them --------------------------------------------------------------------------------

_SPS_SCALED = bytes.fromhex("6764001f") + b"\xb6\xff"
_H265_SPS = b"\x42\x01\x01\x01\x60" + b"\0" * 11
_VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"

SHAPES = (
    Shape("head: headers of one byte", MAX_HEAD, _wire(lambda n: _HEAD + b"X:\n" * (n // 3), 1400)),
    Shape(
        "head: one folded value",
        MAX_HEAD,
        _wire(lambda n: _HEAD + b"X: a\n" + b" b\n" * 240 + b" " * (n - 740) + b"\n\n", 1400),
    ),
    Shape("head: byte by byte", MAX_HEAD, _wire(lambda n: _HEAD + b"X: " + b"a" * n, 1)),
    Shape("body: byte by byte", MAX_BODY, _wire(_body, 1)),
    Shape(
        "frame: byte by byte",
        _FRAME,
        _wire(lambda n: b"$\0" + n.to_bytes(2, "big") + b"\x80" * n, 1),
    ),
    Shape("garbage of $ before a full buffer", MAX_SKIPPED, _wire(_garbage(b"$", 60_000), 1 << 20)),
    Shape(
        "garbage of methods' first letters",
        MAX_SKIPPED,
        _wire(_garbage(b"SET_PARAM", 60_000), 1 << 20),
    ),
    Shape("garbage of $, byte by byte", MAX_SKIPPED, _wire(_garbage(b"$", 0), 1)),
    Shape(
        "challenges: commas",
        MAX_HEAD,
        _text(lambda t: parse_challenges((t,)), _repeated(",", "Digest")),
    ),
    Shape(
        "challenges: parameters",
        MAX_HEAD,
        _text(lambda t: parse_challenges((t,)), _repeated("a=b,", "Digest ")),
    ),
    Shape(
        "challenges: schemes", MAX_HEAD, _text(lambda t: parse_challenges((t,)), _repeated("a "))
    ),
    Shape(
        "challenges: open quote, backslashes",
        MAX_HEAD,
        _text(lambda t: parse_challenges((t,)), _repeated("\\", 'Digest realm="')),
    ),
    Shape(
        "challenges: stray quotes",
        MAX_HEAD,
        _text(lambda t: parse_challenges((t,)), _repeated('"')),
    ),
    Shape("Transport: parameters", MAX_HEAD, _text(parse_transport, _repeated("a;", "RTP/AVP;"))),
    Shape("SDP: m= lines", MAX_BODY, _described("m=video 0 RTP/AVP 96\n")),
    Shape("SDP: a= lines", MAX_BODY, _described("a=rtpmap:96 H264/90000\n", _VIDEO)),
    Shape("SDP: both", MAX_BODY, _described("m=video 0 RTP/AVP 96\n" + "a=fmtp:96 a=b\n" * 60)),
    Shape("SDP: payload types", MAX_BODY, _described(" 96", "m=video 0 RTP/AVP")),
    Shape("SDP: empty lines", MAX_BODY, _described("\n", _VIDEO)),
    Shape("SDP: parameters of a format", MAX_BODY, _described("a=b;", _VIDEO + "a=fmtp:96 ")),
    Shape(
        "SDP: announced parameter sets",
        MAX_BODY,
        _described("Z0LA,", _VIDEO + "a=fmtp:96 sprop-parameter-sets="),
    ),
    Shape("URL: at signs", MAX_HEAD, _text(parse_url, _repeated("@", "rtsp://"))),
    Shape("URL: slashes and at signs", MAX_HEAD, _text(parse_url, _repeated("/a@", "rtsp://"))),
    Shape(
        "H.264: FU-A of one byte, packets",
        65_536,
        _payloads("H264", _fragments(b"\x1c\x85\x88", b"\x1c\x05\x77")),
    ),
    Shape(
        "H.264: whole slices, packets",
        65_536,
        _payloads("H264", _fragments(b"\x65\x88\x80", b"\x65\x88\x80")),
    ),
    Shape(
        "H.264: SEI in a keyframe, packets",
        65_536,
        _payloads("H264", _fragments(b"\x65\x88\x80", b"\x06\x06\x01\xc4\x80")),
    ),
    Shape("H.264: STAP-A of slices", _FRAME, _payloads("H264", _aggregate(b"\x18", b"\x65\x88"))),
    Shape(
        "H.264: STAP-A of the same SPS",
        _FRAME,
        _payloads("H264", _aggregate(b"\x18", b"\x67\x42\xc0\x1e\xd9\x00\x50\x05\xbb\x80")),
    ),
    Shape("H.264: STAP-A of ever other SPS", _FRAME, _payloads("H264", _sets_in_turn)),
    Shape(
        "H.264: MTAP of slices", _FRAME, _payloads("H264", _aggregate(b"\x1a\0\0", b"\0\0\1\x65"))
    ),
    Shape(
        "H.264: start codes in an SPS", _FRAME, _payloads("H264", _one(b"\x67", b"\0\0\1\x67\x42"))
    ),
    Shape("H.264: start codes of nothing", _FRAME, _payloads("H264", _one(b"\x67", b"\0\0\1"))),
    Shape("H.264: SEI of ever longer numbers", _FRAME, _payloads("H264", _one(b"\x06", b"\xff"))),
    Shape(
        "H.264: SPS of scaling lists", 8192, _parsed(h264.parse_sps, _SPS_SCALED, b"\x24\x92\x49")
    ),
    Shape("H.264: SPS of zeros", 8192, _parsed(h264.parse_sps, b"\x67\x42\0\x1f", b"\0")),
    Shape(
        "H.265: SPS of long Exp-Golomb codes",
        8192,
        _parsed(h265.parse_size, _H265_SPS, b"\0\0\0\x40"),
    ),
    Shape(
        "H.265: FU of one byte, packets",
        65_536,
        _payloads("H265", _fragments(b"\x62\1\x93\x88", b"\x62\1\x13\x77")),
    ),
    Shape("H.265: AP of slices", _FRAME, _payloads("H265", _aggregate(b"\x60\1", b"\x26\1\xaf"))),
    Shape(
        "MPEG-4: user data, packets",
        65_536,
        _payloads("MP4V-ES", _fragments(b"\0\0\1\xb2x", b"\0\0\1\xb2x")),
    ),
    Shape(
        "MPEG-4: VOP of one byte, packets",
        65_536,
        _payloads("MP4V-ES", _fragments(b"\0\0\1\xb6\x10", b"\x77")),
    ),
    Shape(
        "MJPEG: first fragments, packets",
        65_536,
        _payloads("JPEG", _fragments(b"\0\0\0\0\1\x32\x28\x1e", b"\0\0\0\0\1\x32\x28\x1e")),
    ),
    Shape("RTP: every second packet overtaken", 65_536, _swapped),
    Shape("RTCP: one compound packet", _FRAME, _compound),
    Shape("XLSX: open rows", _FILE, _imported(_workbook(b"<row "))),
    Shape("XLSX: rows in an open comment", _FILE, _imported(_workbook(b"<row ", before=b"<!--"))),
    Shape("XLSX: one tag of attributes", _FILE, _imported(_workbook(b"a", before=b"<row "))),
    Shape("XLSX: nested texts", _FILE, _imported(_workbook(b"<si>", part="xl/sharedStrings.xml"))),
    Shape("XLSX: empty cells", _FILE, _imported(_workbook(b"<row><c/></row>"))),
    Shape("CSV: commas", _FILE, _imported(_csv(b","))),
    Shape("CSV: one open quote", _FILE, _imported(_csv(b"a\n", b'camera,area\n"'))),
    Shape("CSV: rows", _FILE, _imported(_csv(b"C-1,reg\n"))),
    Shape(
        "text: schemes before an @",
        65_536,
        _text(redacted_text, lambda n: "rtsp://a:" * (n // 9) + "@x://y:"),
    ),
)


def _seconds(shape: Shape, size: int, repeats: int) -> float:
    best = math.inf
    for _ in range(repeats):
        run = shape.made(size)
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    return best


def _exponent(sizes: list[int], seconds: list[float]) -> float:
    """Over the last two doublings: before them it is mostly what every input costs."""
    grown = max(seconds[-1], 1e-7) / max(seconds[-3], 1e-7)
    return math.log(grown) / math.log(sizes[-1] / sizes[-3])


def measured(shape: Shape, scale: float, repeats: int) -> tuple[str, ...]:
    sizes = [max(2, int(shape.bound * scale)) >> shift for shift in range(_DOUBLINGS - 1, -1, -1)]
    gc.disable()
    try:
        seconds = [_seconds(shape, size, repeats) for size in sizes]
    finally:
        gc.enable()
    figures = (f"{1000 * each:.2f}" for each in seconds)
    return shape.what, f"{sizes[-1]:,}", *figures, f"{_exponent(sizes, seconds):.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description="how the time to read grows with hostile input")
    parser.add_argument("--scale", type=float, default=1.0, help="of each bound; 0.01 tries it")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    chosen = parser.parse_args()
    print(f"{heading()}; CPU ms, the least of {chosen.repeats}\n")
    columns = ("shape", "n", *(f"n/{1 << at}" for at in range(_DOUBLINGS - 1, 0, -1)), "n ", "exp")
    shapes = [shape for shape in SHAPES if chosen.only in shape.what]
    print(markdown(columns, (measured(each, chosen.scale, chosen.repeats) for each in shapes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
