"""The walls of DESIGN section 2 as data and rules. Each rule returns sentences, one per breach."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.architecture.imports import Module, is_within, loads

PRODUCTION = ("monitor", "registry")
SANS_IO = ("monitor.rtsp", "monitor.media")
TOUCHES_THE_WORLD = (
    *("asyncio", "socket", "socketserver", "select", "selectors", "ssl", "threading", "subprocess"),
    *("logging", "structlog", "time", "random", "secrets", "os", "pathlib", "io", "aiohttp"),
)
DECODERS = ("av", "cv2")
SIMULATOR = "monitor.simulator"
DEMO = "monitor.demo"

# The only places that may keep any exception whatever, each so that one failure stays one failure.
BORDERS = frozenset(
    {
        "monitor.looking.Looker.look",
        "monitor.picture.worker.main",
        "monitor.picture.worker._answer",
        "registry.api.problems.problem_border",
        "registry.web.errors.page_border",
    }
)

Modules = Mapping[str, Module]


def registry_never_imports_monitor(modules: Modules) -> list[str]:
    return _breaches(modules, inside=("registry",), forbidden=("monitor",))


def production_never_imports_tests(modules: Modules) -> list[str]:
    return _breaches(modules, inside=PRODUCTION, forbidden=("tests", "benchmarks", "docs"))


def vocabulary_imports_nothing_of_the_project(modules: Modules) -> list[str]:
    return _breaches(modules, inside=("registry.vocabulary",), forbidden=PRODUCTION)


def sans_io_rooms_touch_nothing(modules: Modules) -> list[str]:
    return [
        f"{each}: a sans-IO room reads no clock and touches no world"
        for room in SANS_IO
        for each in _breaches(modules, inside=(room,), forbidden=TOUCHES_THE_WORLD)
    ] + [
        str(each)
        for name, module in modules.items()
        for room in SANS_IO
        if is_within(name, room)
        for each in module.imports()
        if is_within(each.imported, *PRODUCTION, "<relative>")
        and not is_within(each.imported, room)
    ]


def sqlalchemy_stays_in_registry(modules: Modules) -> list[str]:
    return _breaches(modules, inside=("monitor",), forbidden=("sqlalchemy", "aiosqlite", "alembic"))


def decoders_stay_in_the_child(modules: Modules) -> list[str]:
    """Importing any module outside picture/ must not load a decoder, however long the chain."""
    in_child = ("monitor.picture", SIMULATOR)
    direct = {
        str(each)
        for name, module in modules.items()
        if is_within(name, *PRODUCTION) and not is_within(name, *in_child)
        for each in module.imports()
        if is_within(each.imported, *DECODERS)
    }
    through_others = {
        str(through)
        for name, through in loads(modules, DECODERS).items()
        if is_within(name, *PRODUCTION) and not is_within(name, *in_child, DEMO)
    }
    return sorted(direct | through_others)


def simulator_is_for_demo_and_tests(modules: Modules) -> list[str]:
    return [
        str(each)
        for name, module in modules.items()
        if is_within(name, *PRODUCTION) and not is_within(name, SIMULATOR, DEMO)
        for each in module.imports()
        if is_within(each.imported, SIMULATOR)
    ]


def broad_excepts_stand_at_borders(modules: Modules) -> list[str]:
    return [
        f"{where}:{line} keeps every exception and is not a named border"
        for name, module in modules.items()
        if is_within(name, *PRODUCTION)
        for where, line in module.broad_excepts()
        if where not in BORDERS
    ]


def named_borders_exist(modules: Modules) -> list[str]:
    seen = {where for module in modules.values() for where, _ in module.broad_excepts()}
    return [f"{where} is named a border and has no broad except" for where in BORDERS - seen]


def modules_hold_no_state(modules: Modules) -> list[str]:
    return [
        f"{name}:{line} holds state at module level: {variable}"
        for name, module in modules.items()
        if is_within(name, *PRODUCTION)
        for variable, line in module.mutable_state()
    ]


def _breaches(
    modules: Modules, *, inside: tuple[str, ...], forbidden: tuple[str, ...]
) -> list[str]:
    return [
        str(each)
        for name, module in modules.items()
        if is_within(name, *inside)
        for each in module.imports()
        if is_within(each.imported, *forbidden)
    ]


WALLS: tuple[Callable[[Modules], list[str]], ...] = (
    registry_never_imports_monitor,
    production_never_imports_tests,
    vocabulary_imports_nothing_of_the_project,
    sans_io_rooms_touch_nothing,
    sqlalchemy_stays_in_registry,
    decoders_stay_in_the_child,
    simulator_is_for_demo_and_tests,
    broad_excepts_stand_at_borders,
    named_borders_exist,
    modules_hold_no_state,
)
