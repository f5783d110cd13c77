"""Puts the API into an application. The one list of its routes is here; nothing else adds any."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Final

from aiohttp import web

from registry.api import (
    accounts,
    areas,
    at,
    audit,
    bulk,
    cameras,
    centers,
    changes,
    contacts,
    contractors,
    credentials,
    deliveries,
    desks,
    detail,
    devices,
    exports,
    feeds,
    frames,
    imports,
    looks,
    mappings,
    me,
    objects,
    outages,
    programs,
    reasons,
    recorders,
    sites,
    stats,
    systems,
    timeline,
    tokens,
)
from registry.api.openapi import document
from registry.api.problems import Handler, problem_border
from registry.api.request_ids import name_it
from registry.api.routing import Route, dispatcher
from registry.api.viewing import VIEWS, Views
from registry.serving import SERVING
from registry.transfer.cells import time_zones

ROUTES: Final[tuple[Route, ...]] = (
    *cameras.ROUTES,
    *detail.ROUTES,
    *timeline.ROUTES,
    *at.ROUTES,
    *areas.ROUTES,
    *centers.ROUTES,
    *sites.ROUTES,
    *systems.ROUTES,
    *recorders.ROUTES,
    *feeds.ROUTES,
    *deliveries.ROUTES,
    *devices.ROUTES,
    *credentials.ROUTES,
    *programs.ROUTES,
    *contractors.ROUTES,
    *desks.ROUTES,
    *outages.ROUTES,
    *changes.ROUTES,
    *bulk.ROUTES,
    *objects.ROUTES,
    *frames.ROUTES,
    *looks.ROUTES,
    *contacts.ROUTES,
    *stats.ROUTES,
    *reasons.ROUTES,
    *me.ROUTES,
    *accounts.ROUTES,
    *tokens.ROUTES,
    *audit.ROUTES,
    *imports.ROUTES,
    *mappings.ROUTES,
    *exports.ROUTES,
)


def setup_api(app: web.Application) -> None:
    """Needs `app[SERVING]`, set before."""
    app[VIEWS] = Views(app[SERVING])
    app.on_startup.append(_read_time_zones)
    app.middlewares.append(problem_border)
    app.on_response_prepare.append(name_it)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, dispatcher(route))
    app.router.add_get("/openapi.json", _describer(app[SERVING].version))


async def _read_time_zones(_app: web.Application) -> None:
    await asyncio.to_thread(time_zones)


def _describer(version: str) -> Handler:
    described = _described(version)

    async def describe(_request: web.Request) -> web.Response:
        return web.Response(text=described, content_type="application/json")

    return describe


@cache
def _described(version: str) -> str:
    """Some hundred models take longer than the rest of the start: made once for all apps."""
    return json.dumps(document(ROUTES, version))
