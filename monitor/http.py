"""The HTTP side: metrics and health here, the API and the page from their rooms."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from monitor.config import Metrics, Network
from monitor.exposition import Exposition, fleet_text
from monitor.knowledge import Knowledge
from monitor.self_metrics import SelfMetrics
from registry.api import setup_api
from registry.api.problems import Handler
from registry.security.access import Access, allows
from registry.security.tokens import verify_token
from registry.serving import SERVING, Serving
from registry.web import setup_web

TEXT = "text/plain; version=0.0.4; charset=utf-8"
WORTH_PACKING_BYTES = 1024
MAX_SHARDS = 1024
LONGEST_SHARD = len("1023/1024")
MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Health:
    """`alive`: would a restart help? `ready`: is there anything to ask?"""

    alive: Callable[[], str | None]  # what is wrong, or None
    ready: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Telling:
    """What the metrics pages are made of."""

    knowledge: Knowledge
    exposition: Exposition
    self_metrics: SelfMetrics
    health: Health
    metrics: Metrics
    behind_proxy: bool = False


TELLING = web.AppKey("telling", Telling)


def build_app(serving: Serving, telling: Telling) -> web.Application:
    """The whole application; whoever runs it starts and stops it."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[SERVING] = serving
    app[TELLING] = telling
    for path, (_, handler) in MACHINES.items():
        app.router.add_get(path, handler)
    setup_api(app)
    setup_web(app)
    return app


async def show_metrics(request: web.Request) -> web.StreamResponse:
    """camreach itself and the counts of the fleet: small however large the estate."""
    await _require_scraper(request)
    telling = request.app[TELLING]
    knowledge = telling.knowledge
    knowledge.expire()
    telling.self_metrics.count()
    text = await asyncio.to_thread(telling.self_metrics.text)  # it reads /proc
    if knowledge.estate is not None:
        text += fleet_text(
            knowledge.estate.cameras, knowledge.feeds.values(), knowledge.deliveries.values()
        )
    return await _text(request, text.encode())


async def show_camera_metrics(request: web.Request) -> web.StreamResponse:
    """Every camera and feed; `?shard=i/n` gives one of n parts."""
    await _require_scraper(request)
    shard, shards = _shard_of(request.query.get("shard", "0/1"))
    telling = request.app[TELLING]
    telling.knowledge.expire()
    return await _text(request, await telling.exposition.per_camera(shard, shards))


async def show_alive(request: web.Request) -> web.Response:
    return _health(request.app[TELLING].health.alive())


async def show_ready(request: web.Request) -> web.Response:
    return _health(request.app[TELLING].health.ready())


def _health(wrong: str | None) -> web.Response:
    if wrong is None:
        return web.json_response({"status": "ok"})
    return web.json_response({"status": "failing", "why": wrong}, status=503)


def _shard_of(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if len(text) <= LONGEST_SHARD and index.isdecimal() and count.isdecimal():
        shard, shards = int(index), int(count)
        if 0 <= shard < shards <= MAX_SHARDS:
            return shard, shards
    raise web.HTTPBadRequest(text=f"shard: expected i/n with 0 <= i < n, not {text[:32]!r}\n")


async def _require_scraper(request: web.Request) -> None:
    """Loopback and the listed networks scrape freely; what came through a proxy shows a token."""
    if not _is_forwarded(request) and _is_near(request, request.app[TELLING]):
        return
    serving = request.app[SERVING]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        async with serving.database.read() as session:
            holder = await verify_token(session, token.strip(), serving.clock.now())
        if holder is not None and allows(Access.SCRAPE, holder.role, holder.reach):
            return
    raise web.HTTPUnauthorized(
        text="a scrape token is needed: camreach token create --role scrape\n",
        headers={"WWW-Authenticate": 'Bearer realm="camreach"'},
    )


def _is_forwarded(request: web.Request) -> bool:
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers


def _is_near(request: web.Request, telling: Telling) -> bool:
    """Behind a proxy everybody comes from its address, so that loopback says nothing."""
    if request.remote is None:
        return False
    address = ip_address(request.remote.partition("%")[0])
    networks: tuple[Network, ...] = telling.metrics.allow_networks
    near = address.is_loopback and not telling.behind_proxy and _asks_for_loopback(request.host)
    return near or any(address in network for network in networks)


def _asks_for_loopback(host: str) -> bool:
    """A page from elsewhere, whose name was made to lead here, asks for that name."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


async def _text(request: web.Request, body: bytes) -> web.Response:
    headers = {"Content-Type": TEXT, "Cache-Control": "no-store"}
    if len(body) >= WORTH_PACKING_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = await asyncio.to_thread(gzip.compress, body, 1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


# Metrics are for scrapers, and for the networks that the settings name; health is for anybody.
MACHINES: Final[Mapping[str, tuple[Access, Handler]]] = {
    "/metrics": (Access.SCRAPE, show_metrics),
    "/metrics/cameras": (Access.SCRAPE, show_camera_metrics),
    "/healthz": (Access.OPEN, show_alive),
    "/readyz": (Access.OPEN, show_ready),
}
