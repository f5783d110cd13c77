"""What moves in a scene: cars, people, leaves; placed by the time alone, so a clip has no seam.

It must not keep state between frames.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from monitor.simulator.canvas import Canvas, Colour


class Look(StrEnum):
    CAR = "car"
    CAR_AHEAD = "car_ahead"
    PERSON = "person"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Step:
    """A place on an actor's way; `size` is 1 for the foreground."""

    x: float
    y: float
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Actor:
    """Walks its way `laps` times in a clip and is out of sight for the rest of each lap."""

    look: Look
    way: tuple[Step, ...]
    colour: Colour
    laps: int = 1
    phase: float = 0.0
    seen: float = 1.0  # share of a lap spent on the way

    def place(self, progress: float) -> Step | None:
        """Where it is at this share of the clip; None when it is out of sight."""
        lap = (progress * self.laps + self.phase) % 1.0
        return _along(self.way, lap / self.seen) if lap < self.seen else None


def _along(way: tuple[Step, ...], share: float) -> Step:
    if len(way) == 1:
        return way[0]
    leg = min(int(share * (len(way) - 1)), len(way) - 2)
    part = share * (len(way) - 1) - leg
    a, b = way[leg], way[leg + 1]
    return Step(*(p + (q - p) * part for p, q in ((a.x, b.x), (a.y, b.y), (a.size, b.size))))


def draw(canvas: Canvas, actor: Actor, progress: float, seconds: float, *, dusk: bool) -> None:
    at = actor.place(progress)
    if at is None:
        return
    match actor.look:
        case Look.CAR:
            _car(canvas, at, actor.colour, facing=_facing(actor), dusk=dusk)
        case Look.CAR_AHEAD:
            _car_ahead(canvas, at, actor.colour, dusk=dusk)
        case Look.PERSON:
            _person(canvas, at, actor.colour, stride=math.sin(seconds * 7 + actor.phase * 40))
        case Look.LEAVES:
            _leaves(canvas, at, actor.colour, seconds + actor.phase * 60)


def _facing(actor: Actor) -> int:
    return 1 if actor.way[-1].x >= actor.way[0].x else -1


def _car(canvas: Canvas, at: Step, colour: Colour, *, facing: int, dusk: bool) -> None:
    def spot(dx: float, dy: float) -> tuple[float, float]:
        return at.x + dx * at.size * facing, at.y + dy * at.size

    def shape(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [spot(dx, dy) for dx, dy in points]

    canvas.ellipse(spot(0, 0), 46 * at.size, 5 * at.size, (38, 38, 38))
    canvas.polygon(shape((-26, -20), (-16, -36), (12, -36), (26, -20)), (70, 58, 48))
    canvas.polygon(shape((-24, -34), (-16, -37), (12, -37), (16, -34)), colour)
    canvas.polygon(shape((-44, -8), (-43, -20), (-26, -22), (28, -22), (43, -17), (45, -7)), colour)
    canvas.line(spot(-2, -35), spot(-2, -21), 2 * at.size, colour)
    for wheel in (-26, 26):
        canvas.disc(spot(wheel, -6), 8 * at.size, (25, 25, 25))
        canvas.disc(spot(wheel, -6), 3.5 * at.size, (150, 150, 150))
    if dusk:
        bright = Canvas(canvas.image)
        bright.disc(spot(44, -14), 3 * at.size, (190, 240, 255))
        bright.disc(spot(-43, -16), 2.5 * at.size, (30, 30, 220))


def _car_ahead(canvas: Canvas, at: Step, colour: Colour, *, dusk: bool) -> None:
    size = at.size
    x, y = at.x, at.y
    canvas.ellipse((x, y), 30 * size, 5 * size, (38, 38, 38))
    canvas.box(x - 26 * size, y - 26 * size, x + 26 * size, y - 4 * size, colour)
    canvas.polygon(
        [
            (x - 25 * size, y - 25 * size),
            (x - 17 * size, y - 42 * size),
            (x + 17 * size, y - 42 * size),
            (x + 25 * size, y - 25 * size),
        ],
        (75, 62, 52),
    )
    for side in (-1, 1):
        canvas.box(x + side * 24 * size, y - 8 * size, x + side * 15 * size, y, (22, 22, 22))
        lamp = Canvas(canvas.image) if dusk else canvas
        lamp.disc((x + side * 20 * size, y - 17 * size), 4 * size, (205, 240, 250))
    canvas.box(x - 9 * size, y - 12 * size, x + 9 * size, y - 8 * size, (210, 210, 210))


def _person(canvas: Canvas, at: Step, colour: Colour, *, stride: float) -> None:
    size, x, y = at.size, at.x, at.y
    canvas.ellipse((x, y), 12 * size, 3 * size, (45, 45, 45))
    hip = (x, y - 26 * size)
    for leg in (-1, 1):
        canvas.line(hip, (x + leg * stride * 9 * size, y), 6 * size, (62, 48, 42))
        hand = (x - leg * stride * 10 * size, y - 28 * size)
        canvas.line((x, y - 46 * size), hand, 5 * size, colour)
    canvas.line(hip, (x, y - 46 * size), 13 * size, colour)
    canvas.disc((x, y - 60 * size), 7 * size, (140, 165, 205))
    canvas.ellipse((x, y - 64 * size), 7 * size, 4 * size, (40, 45, 60))


_TUFTS = ((-16, 4, 15), (15, 6, 14), (0, -12, 17), (-7, 12, 12), (9, -4, 15))


def _leaves(canvas: Canvas, at: Step, colour: Colour, seconds: float) -> None:
    shades = (0.72, 0.85, 1.0, 0.78, 1.15)
    for turn, (dx, dy, radius) in enumerate(_TUFTS):
        sway = math.sin(seconds * (1.1 + 0.2 * turn) + turn) * 2.2
        blue, green, red = (min(255, round(part * shades[turn])) for part in colour)
        spot = (at.x + (dx + sway) * at.size, at.y + dy * at.size)
        canvas.disc(spot, radius * at.size, (blue, green, red))


def nearest_last(actors: tuple[Actor, ...], progress: float) -> list[Actor]:
    """Painter's order: who stands lower in the picture stands nearer."""
    ordered: list[Actor] = []
    depths: list[float] = []
    for actor in actors:
        at = actor.place(progress)
        if at is not None:
            index = bisect_right(depths, at.y)
            depths.insert(index, at.y)
            ordered.insert(index, actor)
    return ordered
