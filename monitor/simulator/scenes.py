"""The views of the simulated cameras: painted ground, what moves on it, by day or dusk, noise.

It must not encode anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from monitor.simulator.actors import Actor, Look, Step, draw, nearest_last
from monitor.simulator.canvas import BASE_HEIGHT, BASE_WIDTH, Canvas, Colour, Image
from monitor.simulator.clips import Scene

_NOISE_SIGMA = 2.6  # grey levels; below what a noise check calls noisy (PICTURE.md section 1)
_DUSK_LIGHT = np.array([0.62, 0.46, 0.42], dtype=np.float32)
_LAMP: Colour = (60, 120, 165)
_WINDOW_LIT: Colour = (120, 205, 240)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the sensor makes of the light: a straight line through the luma."""

    gain: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A place to look at, before any light is chosen."""

    paint: Callable[[Canvas], None]
    actors: tuple[Actor, ...]
    lamps: tuple[tuple[float, float, float], ...]  # x, y, reach
    windows: tuple[tuple[float, float, float, float], ...]  # lit at dusk


class Painter:
    """Paints frames of one scene at one size. The same arguments always give the same pictures."""

    def __init__(self, scene: Scene, width: int, height: int, seconds: int) -> None:
        stage, self._dusk, self._exposure = _staged(scene)
        self._actors = stage.actors
        self._seconds = seconds
        self._ground = _ground(stage, width, height, dusk=self._dusk)
        self._random = np.random.default_rng(list(scene.encode()))
        noise = self._random.normal(0, _NOISE_SIGMA, (height + 64, width + 64))
        self._noise = np.round(noise).astype(np.int16)

    def frame(self, at_s: float) -> Image:
        """The picture at this time as planar YUV 4:2:0."""
        progress = at_s / self._seconds % 1.0
        image = self._ground.copy()
        canvas = Canvas(image, light=0.6 if self._dusk else 1.0)
        for actor in nearest_last(self._actors, progress):
            draw(canvas, actor, progress, at_s, dusk=self._dusk)
        planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        self._expose(planes, drift=2.5 * math.sin(2 * math.pi * progress))
        return planes

    def _expose(self, planes: Image, drift: float) -> None:
        height, width = self._ground.shape[:2]
        down, right = self._random.integers(0, 64, 2)
        noise = self._noise[down : down + height, right : right + width]
        luma = planes[:height]
        gain, offset = self._exposure.gain, self._exposure.offset
        lit = cv2.convertScaleAbs(luma, alpha=gain, beta=16 * (1 - gain) + offset + drift * gain)
        planes[:height] = cv2.add(np.asarray(lit), noise, dtype=cv2.CV_8U)
        if gain < 0.5:  # a sensor without light sees no colour either
            planes[height:] = cv2.convertScaleAbs(
                planes[height:], alpha=gain, beta=128 * (1 - gain)
            )


def _staged(scene: Scene) -> tuple[Stage, bool, Exposure]:
    match scene:
        case Scene.STREET_DAY | Scene.STREET_DUSK:
            return _STREET, scene is Scene.STREET_DUSK, Exposure()
        case Scene.CROSSING_DAY | Scene.CROSSING_DUSK:
            return _CROSSING, scene is Scene.CROSSING_DUSK, Exposure()
        case Scene.YARD_DAY | Scene.YARD_DUSK:
            return _YARD, scene is Scene.YARD_DUSK, Exposure()
        case Scene.DOORWAY_DAY | Scene.DOORWAY_DUSK:
            return _DOORWAY, scene is Scene.DOORWAY_DUSK, Exposure()
        case Scene.BLACK:
            return _STREET, False, Exposure(gain=0.0, offset=1.0)
        case Scene.TOO_DARK:
            return _YARD, False, Exposure(gain=0.13, offset=1.0)
        case Scene.TOO_BRIGHT:
            return _STREET, False, Exposure(gain=1.5, offset=80.0)


def _ground(stage: Stage, width: int, height: int, *, dusk: bool) -> Image:
    canvas = Canvas(np.zeros((BASE_HEIGHT * 2, BASE_WIDTH * 2, 3), dtype=np.uint8))
    stage.paint(canvas)
    if dusk:
        _let_dusk_fall(canvas, stage)
    fine = cv2.INTER_AREA if width < BASE_WIDTH * 2 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(canvas.image, (width, height), interpolation=fine), dtype=np.uint8)


def _let_dusk_fall(canvas: Canvas, stage: Stage) -> None:
    canvas.image[:] = (canvas.image * _DUSK_LIGHT + 12).astype(np.uint8)
    for window in stage.windows:
        canvas.box(*window, _WINDOW_LIT)
    for x, y, reach in stage.lamps:
        canvas.glow((x, y + reach * 0.5), reach, _LAMP)
        canvas.glow((x, y), 6, (150, 190, 200))


# The painters below are pictures, not logic: numbers are places in a 640x360 view.


def _block(canvas: Canvas, left: float, top: float, right: float, bottom: float, c: Colour) -> None:
    canvas.box(left, top, right, bottom, c)
    canvas.box(left, top, right, top + 5, (90, 95, 105))
    for x, y in _panes(left, top, right, bottom):
        canvas.box(x - 1.5, y - 1.5, x + 13.5, y + 18.5, (205, 210, 212))
        canvas.box(x, y, x + 12, y + 17, (118, 98, 80))
        canvas.line((x + 6, y), (x + 6, y + 17), 1, (200, 205, 208))


def _panes(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    columns = int((right - left - 10) // 24)
    rows = int((bottom - top - 16) // 30)
    return [(left + 10 + 24 * i, top + 14 + 30 * j) for i in range(columns) for j in range(rows)]


def _lit(
    left: float, top: float, right: float, bottom: float, every: int
) -> tuple[tuple[float, float, float, float], ...]:
    panes = _panes(left, top, right, bottom)
    return tuple((x, y, x + 12, y + 17) for x, y in panes[1::every])


def _lamp_post(canvas: Canvas, x: float, top: float, foot: float) -> None:
    canvas.line((x, foot), (x, top), 3, (72, 74, 78))
    canvas.line((x, top), (x + 16, top - 3), 2.5, (72, 74, 78))
    canvas.ellipse((x + 18, top - 2), 6, 2.5, (215, 225, 228))


def _tree(canvas: Canvas, x: float, foot: float, height: float) -> None:
    canvas.line((x, foot), (x, foot - height), 5, (45, 62, 82))
    canvas.ellipse((x, foot), 16, 3, (70, 82, 84))


def _paint_street(canvas: Canvas) -> None:
    canvas.gradient(0, 196, (205, 170, 130), (226, 214, 198))
    _block(canvas, 0, 58, 150, 196, (140, 160, 178))
    _block(canvas, 156, 86, 288, 196, (118, 132, 168))
    _block(canvas, 298, 36, 452, 196, (168, 172, 172))
    _block(canvas, 462, 74, 640, 196, (128, 150, 186))
    for left, colour in ((160, (70, 70, 175)), (320, (120, 90, 60)), (480, (70, 130, 70))):
        canvas.box(left, 166, left + 96, 196, (92, 84, 78))
        canvas.box(left, 158, left + 96, 169, colour)
    canvas.gradient(194, 218, (150, 152, 154), (168, 170, 172))
    canvas.gradient(218, 326, (92, 90, 88), (112, 110, 108))
    canvas.gradient(326, 360, (158, 160, 163), (176, 178, 180))
    for x in range(-10, 640, 62):
        canvas.box(x, 266, x + 34, 270, (214, 220, 222))
    canvas.line((0, 219), (640, 219), 2.5, (190, 192, 195))
    canvas.line((0, 326), (640, 326), 3, (196, 198, 200))
    canvas.grain(11, 5, 60, 360)
    for x in (92, 308, 540):
        _lamp_post(canvas, x, 92, 214)
    for x in (40, 250, 420, 600):
        _tree(canvas, x, 214, 46)


_LEAF: Colour = (60, 128, 84)
_STREET = Stage(
    paint=_paint_street,
    actors=(
        Actor(Look.CAR, (Step(690, 250, 0.8), Step(-60, 250, 0.8)), (190, 190, 195), 9, 0.1, 0.6),
        Actor(Look.CAR, (Step(690, 252, 0.85), Step(-60, 252, 0.85)), (60, 60, 170), 7, 0.6, 0.5),
        Actor(Look.CAR, (Step(-70, 312, 1.15), Step(710, 312, 1.15)), (150, 105, 45), 8, 0.3, 0.6),
        Actor(Look.CAR, (Step(-70, 308, 1.1), Step(710, 308, 1.1)), (55, 55, 60), 5, 0.8, 0.45),
        Actor(Look.PERSON, (Step(-20, 212, 0.55), Step(660, 212, 0.55)), (150, 80, 60), 2, 0.2),
        Actor(Look.PERSON, (Step(660, 208, 0.55), Step(-20, 208, 0.55)), (60, 70, 160), 2, 0.7),
        Actor(Look.PERSON, (Step(-20, 352, 1.1), Step(660, 352, 1.1)), (90, 110, 60), 2, 0.45),
        *(Actor(Look.LEAVES, (Step(x, 160, 1.1),), _LEAF, 1, x / 640) for x in (40, 250, 420, 600)),
    ),
    lamps=((110, 90, 62), (326, 90, 62), (558, 90, 62)),
    windows=(
        *_lit(0, 58, 150, 196, 3),
        *_lit(156, 86, 288, 158, 4),
        *_lit(298, 36, 452, 158, 3),
        *_lit(462, 74, 640, 158, 4),
    ),
)


def _paint_crossing(canvas: Canvas) -> None:
    canvas.gradient(0, 96, (212, 186, 150), (228, 222, 214))
    _block(canvas, 0, 24, 206, 150, (150, 168, 190))
    _block(canvas, 440, 10, 640, 150, (172, 178, 180))
    canvas.box(206, 70, 440, 120, (120, 138, 130))
    canvas.gradient(112, 360, (128, 150, 138), (120, 148, 132))
    canvas.polygon([(286, 100), (354, 100), (620, 360), (20, 360)], (100, 98, 96))
    canvas.polygon([(0, 176), (640, 176), (640, 250), (0, 250)], (100, 98, 96))
    for left in range(150, 500, 36):
        canvas.polygon(
            [(left, 262), (left + 20, 262), (left + 24, 288), (left - 2, 288)], (222, 226, 228)
        )
    for y in range(112, 176, 16):
        canvas.line((320, y), (320, y + 8), 2, (220, 224, 226))
    for y in range(296, 360, 26):
        canvas.line((320, y), (320, y + 15), 4, (220, 224, 226))
    canvas.line((0, 213), (140, 213), 2.5, (220, 224, 226))
    canvas.line((500, 213), (640, 213), 2.5, (220, 224, 226))
    canvas.grain(23, 5, 20, 360)
    for x in (118, 536):
        _lamp_post(canvas, x, 74, 172)
    canvas.line((560, 300), (560, 190), 4, (60, 62, 66))
    canvas.box(553, 186, 567, 222, (40, 40, 42))
    for y, colour in ((192, (60, 60, 220)), (203, (60, 150, 160)), (214, (70, 110, 70))):
        canvas.disc((560, y), 4, colour)


_CROSSING = Stage(
    paint=_paint_crossing,
    actors=(
        Actor(
            Look.CAR_AHEAD,
            (Step(308, 108, 0.22), Step(250, 210, 0.8), Step(120, 400, 1.8)),
            (170, 170, 178), 8, 0.0, 0.55,
        ),
        Actor(
            Look.CAR_AHEAD,
            (Step(420, 400, 1.8), Step(370, 210, 0.8), Step(332, 106, 0.22)),
            (60, 60, 150), 6, 0.4, 0.55,
        ),
        Actor(Look.CAR, (Step(-60, 240, 0.95), Step(700, 240, 0.95)), (150, 100, 60), 7, 0.2, 0.5),
        Actor(Look.CAR, (Step(700, 204, 0.8), Step(-60, 204, 0.8)), (205, 205, 205), 9, 0.7, 0.5),
        Actor(Look.PERSON, (Step(110, 290, 0.9), Step(560, 290, 0.9)), (70, 90, 180), 4, 0.1, 0.6),
        Actor(Look.PERSON, (Step(580, 282, 0.9), Step(90, 282, 0.9)), (120, 90, 50), 3, 0.5, 0.7),
        Actor(Look.LEAVES, (Step(60, 150, 1.3),), _LEAF),
        Actor(Look.LEAVES, (Step(596, 146, 1.3),), _LEAF, 1, 0.4),
    ),
    lamps=((136, 72, 60), (554, 72, 60), (560, 192, 8)),
    windows=(*_lit(0, 24, 206, 150, 3), *_lit(440, 10, 640, 150, 4)),
)  # fmt: skip


def _paint_yard(canvas: Canvas) -> None:
    canvas.gradient(0, 178, (222, 196, 160), (226, 214, 200))
    _block(canvas, 20, 10, 470, 178, (150, 172, 184))
    _block(canvas, 486, 40, 640, 178, (136, 150, 190))
    for x in (110, 250, 390):
        canvas.box(x, 140, x + 32, 180, (70, 78, 92))
        canvas.box(x - 6, 134, x + 38, 141, (110, 116, 122))
    canvas.gradient(178, 226, (98, 100, 102), (112, 114, 116))
    canvas.gradient(226, 360, (84, 142, 112), (74, 128, 102))
    canvas.polygon([(0, 300), (640, 262), (640, 290), (0, 336)], (150, 164, 172))
    for x in (60, 172, 440, 560):
        canvas.line((x, 182), (x + 18, 222), 1.5, (205, 208, 210))
    canvas.line((230, 250), (250, 330), 4, (60, 90, 190))
    canvas.line((330, 250), (310, 330), 4, (60, 90, 190))
    canvas.line((228, 252), (332, 252), 4, (60, 90, 190))
    canvas.polygon([(420, 322), (520, 306), (540, 336), (436, 352)], (120, 178, 205))
    canvas.grain(37, 6, 0, 360)
    for x in (30, 600):
        _lamp_post(canvas, x - 16, 120, 250)
    for x, foot in ((150, 262), (590, 330), (40, 356)):
        _tree(canvas, x, foot, 56)


_PATH_FROM_DOOR = (Step(266, 182, 0.5), Step(270, 226, 0.6), Step(330, 290, 0.85))
_CHILD_AT_SWING = (Step(282, 318, 0.6), Step(300, 322, 0.6), Step(282, 318, 0.6))
_YARD = Stage(
    paint=_paint_yard,
    actors=(
        Actor(Look.CAR, (Step(-60, 218, 0.75), Step(700, 218, 0.75)), (165, 120, 60), 3, 0.2, 0.5),
        Actor(Look.CAR, (Step(96, 204, 0.6),), (70, 70, 150)),
        Actor(Look.CAR, (Step(500, 204, 0.6),), (200, 200, 205)),
        Actor(Look.PERSON, (Step(-20, 322, 1.0), Step(660, 278, 0.8)), (160, 90, 70), 2, 0.0),
        Actor(Look.PERSON, (Step(660, 282, 0.8), Step(-20, 330, 1.0)), (70, 60, 150), 2, 0.4),
        Actor(Look.PERSON, _PATH_FROM_DOOR, (80, 120, 60), 3, 0.7, 0.6),
        Actor(Look.PERSON, _CHILD_AT_SWING, (60, 170, 220), 12, 0.3),
        Actor(Look.LEAVES, (Step(150, 196, 1.4),), _LEAF, 1, 0.2),
        Actor(Look.LEAVES, (Step(590, 262, 1.4),), _LEAF, 1, 0.9),
        Actor(Look.LEAVES, (Step(40, 290, 1.4),), _LEAF, 1, 0.1),
    ),
    lamps=((32, 118, 70), (602, 118, 70), (126, 138, 22), (266, 138, 22), (406, 138, 22)),
    windows=(*_lit(20, 10, 470, 134, 4), *_lit(486, 40, 640, 178, 3)),
)  # fmt: skip


def _paint_doorway(canvas: Canvas) -> None:
    canvas.gradient(0, 236, (128, 148, 176), (118, 138, 168))
    for row, y in enumerate(range(0, 236, 12)):
        canvas.line((0, y), (640, y), 1, (160, 172, 186))
        for x in range(-30 + 15 * (row % 2), 640, 30):
            canvas.line((x, y), (x, y + 12), 1, (158, 170, 184))
    canvas.gradient(236, 360, (150, 152, 155), (176, 178, 180))
    canvas.polygon([(214, 236), (426, 236), (470, 282), (170, 282)], (140, 142, 146))
    canvas.box(170, 282, 470, 294, (118, 120, 124))
    canvas.box(252, 58, 388, 238, (190, 192, 194))
    canvas.box(262, 68, 378, 238, (84, 74, 64))
    canvas.line((320, 68), (320, 238), 2, (50, 44, 40))
    canvas.box(276, 88, 308, 132, (150, 140, 126))
    canvas.line((330, 140), (330, 176), 4, (190, 195, 200))
    canvas.box(400, 128, 424, 176, (60, 62, 66))
    canvas.box(404, 134, 420, 148, (140, 120, 96))
    canvas.polygon([(228, 40), (412, 40), (436, 60), (204, 60)], (96, 88, 150))
    canvas.box(40, 70, 160, 170, (205, 208, 210))
    canvas.box(47, 77, 153, 163, (122, 104, 88))
    canvas.line((100, 77), (100, 163), 4, (205, 208, 210))
    canvas.box(500, 250, 622, 258, (70, 100, 140))
    for x in (512, 610):
        canvas.line((x, 258), (x, 286), 5, (66, 66, 70))
    canvas.grain(51, 5, 0, 360)
    _tree(canvas, 560, 236, 90)


_COMES_HOME = (Step(60, 380, 2.1), Step(230, 320, 1.8), Step(318, 250, 1.5), Step(320, 240, 1.45))
_GOES_OUT = (Step(320, 240, 1.45), Step(340, 290, 1.65), Step(600, 372, 2.1))
_DOORWAY = Stage(
    paint=_paint_doorway,
    actors=(
        Actor(Look.PERSON, _COMES_HOME, (150, 80, 60), 6, 0.1, 0.5),
        Actor(Look.PERSON, _GOES_OUT, (60, 80, 170), 5, 0.55, 0.45),
        Actor(Look.PERSON, (Step(-30, 352, 2.0), Step(670, 352, 2.0)), (80, 120, 70), 4, 0.8, 0.35),
        Actor(Look.LEAVES, (Step(560, 130, 2.0),), _LEAF),
    ),
    lamps=((320, 64, 80), (412, 152, 14)),
    windows=((47, 77, 97, 163), (103, 77, 153, 163), (276, 88, 308, 132)),
)  # fmt: skip
