"""The walls hold in the project, and each of them is seen to fall when a breach is planted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.architecture import walls
from tests.architecture.imports import Module, read_modules
from tests.conftest import PROJECT_ROOT

PROJECT = read_modules(PROJECT_ROOT, ("monitor", "registry"))


def project_of(**sources: str) -> dict[str, Module]:
    """A small project: a double underscore in a name stands for a dot."""
    named = {name.replace("__", "."): source for name, source in sources.items()}
    return {name: Module.parse(name, source) for name, source in named.items()}


def test_the_whole_project_is_walked():
    assert {"monitor", "registry", "registry.vocabulary", "registry.models.cameras"} <= set(PROJECT)


@pytest.mark.parametrize("wall", walls.WALLS, ids=lambda wall: wall.__name__)
def test_wall_holds(wall: Callable[[walls.Modules], list[str]]):
    assert wall(PROJECT) == []


@pytest.mark.parametrize(
    ("wall", "breach"),
    [
        (
            walls.registry_never_imports_monitor,
            project_of(registry__api="from monitor.app import x"),
        ),
        (
            walls.registry_never_imports_monitor,
            project_of(registry__api="def f():\n    import monitor"),
        ),
        (
            walls.production_never_imports_tests,
            project_of(monitor__app="from tests.fakes.clock import FakeClock"),
        ),
        (
            walls.vocabulary_imports_nothing_of_the_project,
            project_of(registry__vocabulary="import registry.clock"),
        ),
        (walls.sans_io_rooms_touch_nothing, project_of(monitor__rtsp__core="import asyncio")),
        (
            walls.sans_io_rooms_touch_nothing,
            project_of(monitor__media__rtp="from time import monotonic"),
        ),
        (
            walls.sans_io_rooms_touch_nothing,
            project_of(monitor__rtsp__core="from registry.look import Look"),
        ),
        (
            walls.sans_io_rooms_touch_nothing,
            project_of(monitor__media__rtp="from ..rtsp import core"),
        ),
        (
            walls.sqlalchemy_stays_in_registry,
            project_of(monitor__plan__queue="from sqlalchemy.orm import Session"),
        ),
        (walls.decoders_stay_in_the_child, project_of(monitor__doors__rtsp="import cv2")),
        (
            walls.decoders_stay_in_the_child,
            project_of(monitor__doors__rtsp="def f():\n    from av import CodecContext"),
        ),
        (
            walls.decoders_stay_in_the_child,
            project_of(
                monitor__app="from monitor.picture.pool import Pool",
                monitor__picture__pool="import monitor.picture.checks",
                monitor__picture__checks="import cv2",
            ),
        ),
        (
            walls.decoders_stay_in_the_child,
            project_of(
                monitor__app="from monitor.picture.pool import Pool",
                monitor__picture="import av",
                monitor__picture__pool="",
            ),
        ),
        (
            walls.decoders_stay_in_the_child,
            project_of(
                monitor__cli="import monitor.demo",
                monitor__demo="import monitor.simulator.encoder",
                monitor__simulator__encoder="import av",
            ),
        ),
        (
            walls.simulator_is_for_demo_and_tests,
            project_of(monitor__cli="def f():\n    from monitor.simulator import fleet"),
        ),
        (
            walls.broad_excepts_stand_at_borders,
            project_of(
                monitor__app="def f():\n    try:\n        g()\n    except Exception:\n        h()"
            ),
        ),
        (
            walls.broad_excepts_stand_at_borders,
            project_of(monitor__app="try:\n    g()\nexcept (OSError, BaseException):\n    h()"),
        ),
        (
            walls.broad_excepts_stand_at_borders,
            project_of(monitor__app="with suppress(Exception): g()"),
        ),
        (walls.modules_hold_no_state, project_of(registry__x="cache = {}")),
        (walls.modules_hold_no_state, project_of(registry__x="seen: set[str] = set()")),
        (walls.modules_hold_no_state, project_of(registry__x="def f():\n    global N\n    N = 1")),
    ],
)
def test_wall_falls_when_breached(
    wall: Callable[[walls.Modules], list[str]], breach: dict[str, Module]
):
    assert len(wall(breach)) == 1


@pytest.mark.parametrize(
    ("wall", "allowed"),
    [
        (
            walls.decoders_stay_in_the_child,
            project_of(
                monitor__picture__worker="import av\nfrom monitor.picture.checks import judge",
                monitor__picture__checks="import cv2",
                monitor__picture__pool="WORKER = 'monitor.picture.worker'",
                monitor__app="from monitor.picture.pool import Pool",
                monitor__cli="def demo():\n    import monitor.demo",
                monitor__demo="import monitor.simulator",
                monitor__simulator="import av",
            ),
        ),
        (
            walls.sans_io_rooms_touch_nothing,
            project_of(monitor__rtsp__core="import enum\nfrom monitor.rtsp.url import Url"),
        ),
        (
            walls.broad_excepts_stand_at_borders,
            project_of(monitor__app="try:\n    g()\nexcept BaseException:\n    undo()\n    raise"),
        ),
        (
            walls.modules_hold_no_state,
            project_of(registry__x="WORDS = {}\n__all__ = ['a']\nx = ()"),
        ),
    ],
)
def test_wall_has_its_doors(wall: Callable[[walls.Modules], list[str]], allowed: dict[str, Module]):
    assert wall(allowed) == []


def test_a_border_that_no_longer_exists_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(walls, "BORDERS", frozenset({"monitor.app.run"}))

    assert walls.named_borders_exist(project_of(monitor__app="def run(): ...")) == [
        "monitor.app.run is named a border and has no broad except"
    ]
