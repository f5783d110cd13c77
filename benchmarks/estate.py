"""An estate for simulated cameras, imported as a person would import it. It looks at nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.config import Settings
from monitor.simulator.behaviour import SimulatedLogin
from monitor.wiring.registry import open_registry
from registry.clock import SystemClock
from registry.sample.layout import sheet
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import CameraKind, CenterKind, Hop, Lifecycle, Proof, TlsPolicy

FEED = "main"
_AREA, _CENTER = "bench", "cou"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One camera with one feed, alone on its host or a channel of a recorder."""

    code: str
    url: str
    recorder: str | None = None
    sessions: int = 4
    width: int | None = None
    height: int | None = None


async def plant(settings: Settings, feeds: Iterable[Feed], login: SimulatedLogin) -> None:
    """A database and a key at the places that the settings name, with these feeds in it."""
    text = sheet(_rows(feeds, login))
    async with open_registry(settings) as (database, sealer):
        clock = SystemClock()
        plan = await plan_import(database, text.encode(), sealer=sealer, clock=clock, progress=None)
        await apply_plan(database, plan, sealer=sealer, who="benchmark", clock=clock)


def _rows(feeds: Iterable[Feed], login: SimulatedLogin) -> Iterator[dict[str, object]]:
    yield {"area": _AREA, "area_name": "Benchmark", "time_zone": "Asia/Almaty"}
    yield {
        "delivers_to": _CENTER,
        "center_name": "Operations center",
        "center_kind": CenterKind.OPERATIONS_CENTER,
        "center_area": _AREA,
    }
    for feed in feeds:
        yield _camera(feed, login) | (_recorder(feed) if feed.recorder else {})


def _camera(feed: Feed, login: SimulatedLogin) -> dict[str, object]:
    secret = f"://{login.username}:{login.password}@"
    return {
        "camera": feed.code,
        "camera_name": feed.code,
        "kind": CameraKind.STREET,
        "lifecycle": Lifecycle.IN_SERVICE,
        "area": _AREA,
        "feed": FEED,
        "hop": Hop.RECORDER if feed.recorder else Hop.CAMERA,
        "url": feed.url.replace("://", secret, 1),
        "tls": TlsPolicy.ACCEPT_ANY if feed.url.startswith("rtsps:") else None,
        "width": feed.width,
        "height": feed.height,
        "delivers_to": _CENTER,
        "proof": Proof.PULLED,
    }


def _recorder(feed: Feed) -> dict[str, object]:
    return {
        "recorder": feed.recorder,
        "recorder_name": feed.recorder,
        "recorder_host": urlsplit(feed.url).hostname,
        "recorder_sessions": feed.sessions,
    }
