"""Generated pictures, easy and hard ones, as luma or coded into one keyframe."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from registry.vocabulary import Codec

Gray = npt.NDArray[np.uint8]
SIZE = (640, 360)


def _noise(sigma: float, size: tuple[int, int], seed: int = 1) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, sigma, (size[1], size[0]))


def _gray(levels: npt.NDArray[Any]) -> Gray:
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def street(size: tuple[int, int] = SIZE, seed: int = 1) -> Gray:
    """A day with structure and a little noise."""
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    blocks = 40 * (np.sin(x * 40) > 0) * (np.cos(y * 25 + seed) > 0)
    return _gray(50 + 90 * x + 40 * y + blocks + _noise(3, size, seed))


def night_street(size: tuple[int, int] = SIZE, lamp_pixels: int = 3) -> Gray:
    """Nearly all of it black, with sensor noise, and five lamps far away."""
    picture = np.full((size[1], size[0]), 5.0) + _noise(2, size)
    for index in range(5):
        x, y = size[0] * (index + 1) // 6, size[1] * (40 + 5 * index) // 100
        picture[y : y + lamp_pixels, x : x + lamp_pixels] = 220
    return _gray(picture)


def black(size: tuple[int, int] = SIZE, sigma: float = 6.0) -> Gray:
    """A covered or dead sensor that still makes noise."""
    return _gray(6 + _noise(sigma, size))


def captioned(picture: Gray) -> Gray:
    """With clock and name as cameras print them, top left and bottom right."""
    height, width = picture.shape
    done = picture.copy()
    scale = height / 500
    cv2.putText(done, "2026-11-22 22:00:01", (8, int(height * 0.08)), 0, scale, 255, 2)
    cv2.putText(done, "CAM 017", (int(width * 0.7), int(height * 0.96)), 0, scale, 255, 2)
    return done


def dusk(size: tuple[int, int] = SIZE) -> Gray:
    """Structure is there, but all of it under 35."""
    return _gray(street(size) * 0.15)


def overexposed(size: tuple[int, int] = SIZE) -> Gray:
    return _gray(street(size).astype(float) * 0.3 + 225)


def fog(size: tuple[int, int] = SIZE) -> Gray:
    return _gray(190 + 0.06 * street(size).astype(float) + _noise(1.5, size))


def wall(size: tuple[int, int] = SIZE) -> Gray:
    return _gray(np.full((size[1], size[0]), 165.0) + _noise(2, size))


def snowy_yard(size: tuple[int, int] = SIZE) -> Gray:
    """Bright, a tenth of it clipped, and perfectly usable."""
    picture = 150 + 0.45 * street(size).astype(float)
    picture[: size[1] // 10] = 255
    return _gray(picture)


_ENCODERS: dict[Codec, tuple[str, str, dict[str, str]]] = {
    Codec.H264: ("libx264", "yuv420p", {"preset": "veryfast", "crf": "23"}),
    Codec.H265: (
        "libx265",
        "yuv420p",
        {"preset": "ultrafast", "crf": "26", "x265-params": "log-level=none"},
    ),
    Codec.MJPEG: ("mjpeg", "yuvj420p", {"qscale": "4"}),
    Codec.MPEG4: ("mpeg4", "yuv420p", {"qscale": "4"}),
}


def coded(codec: Codec, luma: Gray, pixel_format: str | None = None) -> bytes:
    """One keyframe: Annex B led by its parameter sets, or a whole JPEG."""
    encoder = _encoder(codec, luma, pixel_format)
    return b"".join([*_fed(encoder, luma, 0), *map(bytes, encoder.encode(None))])


def later_random_access_point(codec: Codec) -> bytes:
    """Not the first keyframe of an open-GOP stream: I picture with recovery point, or CRA."""
    encoder = _encoder(codec, street())
    strict = "open-gop=1:keyint=5:min-keyint=5:repeat-headers=1:log-level=none"
    encoder.options = {"x264-params": strict, "x265-params": strict}
    units = [unit for number in range(12) for unit in _fed(encoder, street(seed=number), number)]
    units += map(bytes, encoder.encode(None))
    parameter_set = b"\0\0\1\x67" if codec is Codec.H264 else b"\0\0\1\x40"
    return [unit for unit in units if parameter_set in unit][1]


def _encoder(codec: Codec, luma: Gray, pixel_format: str | None = None) -> VideoCodecContext:
    name, usual_format, options = _ENCODERS[codec]
    encoder = cast(VideoCodecContext, av.CodecContext.create(name, "w"))
    encoder.height, encoder.width = luma.shape
    encoder.pix_fmt = pixel_format or usual_format
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = dict(options)
    return encoder


def _fed(encoder: VideoCodecContext, luma: Gray, number: int) -> list[bytes]:
    pixels = np.repeat(luma[:, :, np.newaxis], 3, axis=2)
    frame = VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format=encoder.pix_fmt)
    frame.pts = number
    return [bytes(packet) for packet in encoder.encode(frame)]
