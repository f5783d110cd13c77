"""Really encoded video cut into RTP packets: the sending side that the depacketisers are tested
against.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from tests.fakes.jpeg_packetiser import payloads_jpeg

CLOCK = 90_000
ENCODINGS = {"h264": "H264", "h265": "H265", "mjpeg": "JPEG", "mpeg4": "MP4V-ES"}  # rtpmap names


@dataclass(frozen=True)
class Picture:
    """One access unit: its NAL units without start codes (of MJPEG and MPEG-4: one piece, as the
    encoder made it), and its time in 90 kHz ticks.
    """

    nals: tuple[bytes, ...]
    time: int
    key: bool

    @property
    def annex_b(self) -> bytes:
        return b"".join(b"\0\0\0\1" + nal for nal in self.nals)


@functools.cache
def encode(
    codec: str = "h264",
    width: int = 320,
    height: int = 240,
    frames: int = 30,
    fps: int = 25,
    options: tuple[tuple[str, str], ...] = (),
    still: bool = False,
) -> tuple[Picture, ...]:
    """Moving (or still) noise; a keyframe every 10 pictures unless told otherwise (MJPEG has
    nothing else).
    """
    context = _encoder(codec, options)
    context.width, context.height = width, height
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.time_base, context.framerate = Fraction(1, fps), Fraction(fps)
    context.gop_size = 10
    rng = np.random.default_rng(7)
    base = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    packets = []
    for number in range(frames):
        image = base if still else np.roll(base, 3 * number, axis=1)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=context.pix_fmt)
        frame.pts = number
        packets += context.encode(frame)
    packets += context.encode(None)
    return tuple(_picture(codec, packet, fps) for packet in packets)


def _encoder(codec: str, options: tuple[tuple[str, str], ...]) -> VideoCodecContext:
    name = {"h264": "libx264", "h265": "libx265"}.get(codec, codec)
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, VideoCodecContext)
    chosen = {"preset": "ultrafast", "tune": "zerolatency", "bf": "0"}
    if codec == "h265":
        given = dict(options).get("x265-params", "scenecut=0")
        quiet = "log-level=none:pools=1:frame-threads=1:repeat-headers=1"
        options = (*options, ("x265-params", f"{quiet}:{given}"))
    elif codec == "mjpeg":
        chosen = {"huffman": "default", "qmin": "6", "qmax": "6"}  # RFC 2435 knows no other codes
    elif codec == "mpeg4":
        chosen = {"qmin": "6", "qmax": "6", "sc_threshold": "1000000000"}
    context.options = chosen | dict(options)
    context.thread_count = 1  # x264 cuts a picture into as many slices: the same on every machine
    return context


def _picture(codec: str, packet: av.Packet[VideoStream], fps: int) -> Picture:
    assert packet.pts is not None
    time = int(packet.pts * CLOCK / fps)
    data = bytes(packet)
    pieces = tuple(split_annex_b(data)) if codec in ("h264", "h265") else (data,)
    return Picture(pieces, time, bool(packet.is_keyframe))


def split_annex_b(data: bytes) -> Iterator[bytes]:
    for piece in data.split(b"\0\0\1")[1:]:
        nal = piece.rstrip(b"\0")
        if nal:
            yield nal


def rtp(
    payload: bytes, *, seq: int, time: int, marker: bool, kind: int = 96, ssrc: int = 0x1234
) -> bytes:
    second = kind | 0x80 if marker else kind
    head = struct.pack("!BBHII", 0x80, second, seq & 0xFFFF, time & 0xFFFFFFFF, ssrc)
    return head + payload


def payloads_h264(nal: bytes, limit: int = 1200) -> Iterator[bytes]:
    if len(nal) <= limit:
        yield nal
        return
    indicator, kind, body = nal[0] & 0xE0 | 28, nal[0] & 31, nal[1:]
    for at in range(0, len(body), limit):
        flags = 0x80 * (at == 0) | 0x40 * (at + limit >= len(body))
        yield bytes((indicator, flags | kind)) + body[at : at + limit]


def payloads_h265(nal: bytes, limit: int = 1200) -> Iterator[bytes]:
    if len(nal) <= limit:
        yield nal
        return
    kind, body = nal[0] >> 1 & 63, nal[2:]
    head = bytes((nal[0] & 0x81 | 49 << 1, nal[1]))
    for at in range(0, len(body), limit):
        flags = 0x80 * (at == 0) | 0x40 * (at + limit >= len(body))
        yield head + bytes((flags | kind,)) + body[at : at + limit]


def payloads_mpeg4(data: bytes, limit: int = 1200) -> Iterator[bytes]:
    """RFC 6416 section 5.2: the bytes as they are."""
    for at in range(0, len(data), limit):
        yield data[at : at + limit]


PAYLOADS: dict[str, Callable[..., Iterator[bytes]]] = {
    "h264": payloads_h264,
    "h265": payloads_h265,
    "mjpeg": payloads_jpeg,
    "mpeg4": payloads_mpeg4,
}


def packets(
    pictures: tuple[Picture, ...], codec: str = "h264", *, seq: int = 100, marker: bool = True
) -> list[tuple[bytes, ...]]:
    """RTP packets, one tuple for each picture."""
    cut = PAYLOADS[codec]
    sent = []
    for picture in pictures:
        payloads = [payload for nal in picture.nals for payload in cut(nal)]
        group = []
        for number, payload in enumerate(payloads):
            last = marker and number == len(payloads) - 1
            group.append(rtp(payload, seq=seq, time=picture.time + 90_000_000, marker=last))
            seq += 1
        sent.append(tuple(group))
    return sent


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return struct.pack("!BBH", 0x24, channel, len(packet)) + packet
