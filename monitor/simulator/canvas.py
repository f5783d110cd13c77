"""Brush strokes for the scenes: a canvas that draws in units of a 640x360 picture at any real size.

It must not know any scene.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]  # blue, green, red
Point = tuple[float, float]

BASE_WIDTH = 640
BASE_HEIGHT = 360
_SHIFT = 4  # sixteenths of a pixel: what moves slowly glides instead of jumping


class Canvas:
    """A picture under the brush. Points and sizes are in units of the 640x360 base."""

    __slots__ = ("_fine", "image", "light", "scale")

    def __init__(self, image: Image, light: float = 1.0) -> None:
        self.image = image
        self.light = light  # every colour is dimmed by it
        self.scale = int(image.shape[1]) / BASE_WIDTH
        self._fine = self.scale * (1 << _SHIFT)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        corners = np.array([self._fixed(point) for point in points], dtype=np.int32)
        cv2.fillPoly(self.image, [corners], self._lit(colour), cv2.LINE_AA, _SHIFT)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        thickness = max(1, round(width * self.scale))
        lit = self._lit(colour)
        cv2.line(
            self.image, self._fixed(start), self._fixed(end), lit, thickness, cv2.LINE_AA, _SHIFT
        )

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        self.ellipse(centre, radius, radius, colour)

    def ellipse(self, centre: Point, across: float, high: float, colour: Colour) -> None:
        axes = self._fixed((across, high))
        lit = self._lit(colour)
        cv2.ellipse(
            self.image, self._fixed(centre), axes, 0, 0, 360, lit, cv2.FILLED, cv2.LINE_AA, _SHIFT
        )

    def gradient(self, top: float, bottom: float, above: Colour, below: Colour) -> None:
        first, last = round(top * self.scale), round(bottom * self.scale)
        share = np.linspace(0, 1, last - first)[:, None, None]
        rows = np.array(above) * (1 - share) + np.array(below) * share
        self.image[first:last] = np.clip(rows * self.light, 0, 255).astype(np.uint8)

    def grain(self, seed: int, strength: float, top: float, bottom: float) -> None:
        """Rough a band up, as asphalt, plaster and grass are: flat colour looks drawn."""
        first, last = round(top * self.scale), round(bottom * self.scale)
        band = self.image[first:last]
        rough = np.random.default_rng(seed).normal(0, strength, band.shape[:2])
        soft = cv2.GaussianBlur(rough, (0, 0), 0.8 * self.scale) * 2
        self.image[first:last] = np.clip(band + soft[:, :, None], 0, 255).astype(np.uint8)

    def glow(self, centre: Point, radius: float, colour: Colour) -> None:
        """Light added around a lamp, not dimmed with the rest."""
        height, width = self.image.shape[:2]
        ys, xs = np.ogrid[:height, :width]
        x, y, reach = (value * self.scale for value in (*centre, radius))
        fall = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * reach * reach))
        lit = self.image + fall[:, :, None] * np.array(colour)
        self.image[:] = np.clip(lit, 0, 255).astype(np.uint8)

    def _fixed(self, point: Point) -> tuple[int, int]:
        return round(point[0] * self._fine), round(point[1] * self._fine)

    def _lit(self, colour: Colour) -> Colour:
        blue, green, red = colour
        return round(blue * self.light), round(green * self.light), round(red * self.light)
