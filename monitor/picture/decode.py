"""One keyframe through FFmpeg, one picture into a JPEG. It never opens a file or a network URL."""

from __future__ import annotations

from typing import cast

import av
import av.logging
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange

from monitor.picture.checks import UNDECODED_SHARE, Picture, Plane, undecoded_share
from monitor.picture.wire import MAX_SNAPSHOT_BYTES
from registry.vocabulary import Codec

MAX_PIXELS = 7680 * 4320
SNAPSHOT_WIDTH = 480
SNAPSHOT_HEIGHT = 640  # for cameras mounted upright, in corridor format
_QUALITIES = (80, 60, 40, 20, 5)

_DECODERS = {
    Codec.H264: "h264",
    Codec.H265: "hevc",
    Codec.MJPEG: "mjpeg",
    Codec.MPEG4: "mpeg4",
}
# Planar 8-bit formats whose first plane is luma as coded; everything else is converted first.
_PLANAR = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p"})
_GRAY = frozenset({"gray"})


class Undecodable(Exception):
    """This keyframe gave no picture that may be judged."""


def silence() -> None:
    """FFmpeg's log quotes what cameras send; nobody reads it here."""
    av.logging.set_level(None)


def decode_keyframe(codec: Codec, data: bytes) -> VideoFrame:
    """The picture of one access unit. A new decoder each time: nothing passes between feeds."""
    context = cast(VideoCodecContext, av.CodecContext.create(_DECODERS[codec], "r"))
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_PIXELS)}
    try:
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    except av.FFmpegError as error:
        raise Undecodable(f"the decoder refused the keyframe: {error.strerror}") from error
    if not frames:
        raise Undecodable("the decoder gave no picture for a whole keyframe")
    frame = frames[0]
    if frame.is_corrupt:
        raise Undecodable("the decoder marked the picture as damaged")
    return frame


def picture_of(frame: VideoFrame) -> Picture:
    """Luma at full size, without copying the planes where the format allows it."""
    if frame.format.name not in _PLANAR | _GRAY:
        frame = frame.reformat(format="yuv420p", threads=1)
    name = frame.format.name
    planes = [_plane(plane) for plane in frame.planes]
    full_range = name.startswith("yuvj") or name in _GRAY or frame.color_range == ColorRange.JPEG
    picture = Picture(planes[0], (planes[1], planes[2]) if len(planes) == 3 else None, full_range)
    if undecoded_share(picture) > UNDECODED_SHARE:
        raise Undecodable("part of the picture was never written")
    return picture


def _plane(plane: VideoPlane) -> Plane:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def snapshot_of(frame: VideoFrame) -> bytes | None:
    """A small JPEG for the page; None when even the coarsest is too big."""
    scale = min(1.0, SNAPSHOT_WIDTH / frame.width, SNAPSHOT_HEIGHT / frame.height)
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    small = frame.reformat(width, height, "bgr24", interpolation="AREA", threads=1)
    return _smallest_fitting(np.asarray(small.to_ndarray(), np.uint8))


def _smallest_fitting(pixels: npt.NDArray[np.uint8]) -> bytes | None:
    for quality in _QUALITIES:
        done, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and jpeg.size <= MAX_SNAPSHOT_BYTES:
            return jpeg.tobytes()
    return None
