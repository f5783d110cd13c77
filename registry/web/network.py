"""What looking costs the network and the cameras, and whom it slows. It reckons nothing itself."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from aiohttp import web

from registry.models import Camera
from registry.serving import SERVING
from registry.web.guard import within_reach
from registry.web.rendering import CALLER, render

MOST_SHOWN: Final = 50  # of one kind, the worst first


async def show_network(request: web.Request) -> web.StreamResponse:
    cost = await request.app[SERVING].live.cost(await _codes(request))
    return render(request, "network.html", cost=cost, most=MOST_SHOWN)


async def _codes(request: web.Request) -> frozenset[str] | None:
    """The cameras of whoever has limits; None for who has none."""
    if request[CALLER].reach.is_everything:
        return None
    statement = sa.select(Camera.code).where(within_reach(request, Camera))
    async with request.app[SERVING].database.read() as session:
        return frozenset(await session.scalars(statement))
