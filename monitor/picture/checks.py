"""The picture checks: pure functions over one decoded picture. They neither decode nor remember.

Numbers called published come from PICTURE.md section 1; of the others the comment says what was
measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from monitor.picture.values import Expected, Luma
from registry.look import Finding
from registry.vocabulary import Answer, Codec, Reason

Plane = npt.NDArray[np.uint8]

# Published (FFmpeg blackdetect): a pixel is black up to 0.10 of the range, a picture when 0.98 of
# its pixels are.
BLACK_LEVEL = 0.10 * 255
BLACK_SHARE = 0.98
# A lamp in a black street is a few pixels, lost in any share; it stands out in the mean of a small
# tile, where sensor noise averages away. Measured: noise of sigma 6 stays under 4 levels at
# 640x360, a lamp of 5x5 pixels at 1080p makes 19.
TILES_ACROSS = 120
MIN_TILE_PIXELS = 4
VISIBLE_TILE_LEVELS = 6.0
# Cameras print clock and name over a dead picture too, in these bands at the top and at the bottom.
CAPTION_BAND = 0.14

# Published (camera-health): critical mean <= 12; p99 < 40. Its warning, mean <= 35, is any street
# at night.
DARK_MEAN = 12.0
DARK_P99 = 40.0
# Published (camera-health): critical mean >= 245 or 40 % of pixels at 250 and above; warning 225
# and 15 %. Either warning alone is snow or a bright sky, so both are asked for.
BRIGHT_MEAN = 245.0
CLIPPED_LEVEL = 250
CLIPPED_SHARE = 0.40
BRIGHT_MEAN_WITH_CLIPPING = 225.0
CLIPPED_SHARE_WHEN_BRIGHT = 0.15

# Encoders code whole macroblocks; one that forgets the cropping window shows 1088 lines for 1080.
MACROBLOCK = 16

# Area that no slice has written keeps the decoder's zeros in luma and chroma: the well-known green.
# H.265 decoders do not say that a picture is incomplete; this is how it is seen. A camera whose
# sensor fails can code the same green itself, so this proves nothing against the camera.
UNDECODED_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture: luma at full size; chroma planes where there are any."""

    luma: Plane
    chroma: tuple[Plane, Plane] | None
    full_range: bool

    @property
    def width(self) -> int:
        return int(self.luma.shape[1])

    @property
    def height(self) -> int:
        return int(self.luma.shape[0])


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of the 256 luma levels as coded, and the levels they stand for on the full scale."""

    shares: npt.NDArray[np.float64]
    levels: npt.NDArray[np.float64]

    def mean(self) -> float:
        return float(self.shares @ self.levels)

    def sigma(self) -> float:
        return float(np.sqrt(self.shares @ (self.levels - self.mean()) ** 2))

    def percentile(self, share: float) -> float:
        index = int(np.searchsorted(np.cumsum(self.shares), share - 1e-9))
        return float(self.levels[min(index, 255)])

    def share_from(self, level: float) -> float:
        return float(self.shares[self.levels >= level].sum())


def judge(
    picture: Picture, codec: Codec, expected: Expected
) -> tuple[Mapping[Reason, Finding], Luma]:
    """All findings that one picture can answer, and its brightness for the memory."""
    whole = histogram(picture.luma, picture.full_range)
    black = find_black(picture)
    findings = {
        Reason.BLACK: black,
        Reason.TOO_DARK: find_too_dark(whole, black),
        Reason.TOO_BRIGHT: find_too_bright(whole),
        Reason.WRONG_PROFILE: find_wrong_profile(codec, picture.width, picture.height, expected),
    }
    return findings, Luma(whole.mean(), whole.sigma(), whole.percentile(0.99))


def histogram(luma: Plane, full_range: bool) -> Histogram:
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    return Histogram(counts / luma.size, full_scale(full_range))


def full_scale(full_range: bool) -> npt.NDArray[np.float64]:
    """What each coded level means on 0-255: video commonly uses 16-235 only (BT.601, BT.709)."""
    coded = np.arange(256, dtype=np.float64)
    return coded if full_range else np.clip((coded - 16) * (255 / 219), 0, 255)


def find_black(picture: Picture) -> Finding:
    """Nothing to see: hardly a pixel above black, and no spot that stands out of the noise."""
    middle = without_captions(picture.luma)
    darkness = histogram(middle, picture.full_range).percentile(BLACK_SHARE)
    black = darkness <= BLACK_LEVEL and brightest_spot(middle) < VISIBLE_TILE_LEVELS
    return Finding(Answer.FOUND if black else Answer.OK, value=darkness)


def without_captions(luma: Plane) -> Plane:
    band = int(luma.shape[0] * CAPTION_BAND)
    return np.ascontiguousarray(luma[band : luma.shape[0] - band])


def brightest_spot(luma: Plane) -> float:
    """How far the brightest tile lies above the median one, in levels."""
    height, width = luma.shape
    side = max(MIN_TILE_PIXELS, width // TILES_ACROSS)
    size = (max(1, width // side), max(1, height // side))
    tiles = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    return float(tiles.max()) - float(np.median(tiles))


def find_too_dark(whole: Histogram, black: Finding) -> Finding:
    """There is a picture, but hardly a person could use it. A black one is not also too dark."""
    mean = whole.mean()
    dark = mean <= DARK_MEAN or whole.percentile(0.99) < DARK_P99
    found = dark and black.answer is not Answer.FOUND
    return Finding(Answer.FOUND if found else Answer.OK, value=mean)


def find_too_bright(whole: Histogram) -> Finding:
    mean, clipped = whole.mean(), whole.share_from(CLIPPED_LEVEL)
    found = (
        mean >= BRIGHT_MEAN
        or clipped >= CLIPPED_SHARE
        or (mean >= BRIGHT_MEAN_WITH_CLIPPING and clipped >= CLIPPED_SHARE_WHEN_BRIGHT)
    )
    return Finding(Answer.FOUND if found else Answer.OK, value=mean)


def find_wrong_profile(codec: Codec, width: int, height: int, expected: Expected) -> Finding:
    """Is it what the registry says the stream should be?"""
    if expected == Expected():
        return Finding(Answer.NOT_CHECKABLE, "nothing is expected of this feed")
    wrong = (
        (expected.codec is not None and expected.codec is not codec)
        or not _fits(width, expected.width)
        or not _fits(height, expected.height)
    )
    if not wrong:
        return Finding(Answer.OK)
    wanted = f"{expected.codec or 'any'} {expected.width or 'any'}x{expected.height or 'any'}"
    return Finding(Answer.FOUND, f"seen {codec} {width}x{height}, expected {wanted}")


def _fits(seen: int, wanted: int | None) -> bool:
    return wanted is None or seen in (wanted, -(-wanted // MACROBLOCK) * MACROBLOCK)


def undecoded_share(picture: Picture) -> float:
    """The share of the picture that the decoder never wrote."""
    if picture.chroma is None:
        return 0.0
    u, v = picture.chroma
    untouched = (u | v) == 0
    if not untouched.any():
        return 0.0
    rows = np.arange(u.shape[0]) * picture.height // u.shape[0]
    columns = np.arange(u.shape[1]) * picture.width // u.shape[1]
    return float(np.mean(untouched & (picture.luma[np.ix_(rows, columns)] == 0)))
