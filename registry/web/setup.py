"""Puts the pages into an application. The one list of them is here; nothing else adds any."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from registry.security.access import Access
from registry.web import (
    camera,
    changes,
    editing,
    events,
    importing,
    login,
    map,
    network,
    people,
    reference_page,
    wall,
)
from registry.web.errors import page_border
from registry.web.guard import Page, guarded
from registry.web.headers import protect
from registry.web.rendering import setup_templates
from registry.web.static_files import serve_file
from registry.web.zones import ZONES, Zones

PAGES: Final[tuple[Page, ...]] = (
    Page("GET", "/", Access.OWN, wall.show_wall),
    Page("GET", "/wall", Access.OWN, wall.show_tiles),
    Page("GET", "/map", Access.OWN, map.show_map),
    Page("GET", "/map/now", Access.OWN, map.show_map_part),
    Page("GET", "/map/places", Access.OWN, map.list_places),
    Page("GET", "/network", Access.OPERATE, network.show_network),
    Page("GET", "/changes", Access.OPERATE, changes.show_changes, reveals=True),
    Page("GET", "/changes/{batch}", Access.OPERATE, changes.show_batch, reveals=True),
    Page("GET", "/import", Access.OPERATE, importing.show_import),
    Page("GET", "/me", Access.OWN, people.show_me),
    Page("GET", "/people", Access.ADMIN_OF_ALL, people.show_people),
    Page("GET", "/audit", Access.ADMIN_OF_ALL, people.show_audit),
    Page("GET", "/cameras/{code}", Access.OWN, camera.show_camera, reveals=True),
    Page(
        "GET",
        "/cameras/{code}/now",
        Access.OWN,
        camera.show_camera_part,
        reveals=True,
        again=True,
    ),
    *editing.pages(),
    Page("GET", "/events", Access.OWN, events.stream_events),
    Page("GET", "/api/docs", Access.OWN, reference_page.show_reference),
    Page("GET", "/api/docs/{name}", Access.OWN, reference_page.serve_part),
    Page("GET", "/login", Access.OPEN, login.show_login),
    Page("POST", "/login", Access.OPEN, login.log_in),
    Page("POST", "/logout", Access.OPEN, login.log_out),
    Page("GET", "/language/{language}", Access.OPEN, login.switch_language),
    Page("GET", "/static/{name}", Access.OPEN, serve_file),
)


def setup_web(app: web.Application) -> None:
    """Needs `app[SERVING]`, set before."""
    setup_templates(app)
    app[ZONES] = Zones()
    app[events.STREAMS] = events.Streams()
    app.on_shutdown.append(app[events.STREAMS].end)
    app.on_response_prepare.append(protect)
    app.middlewares.append(page_border)
    for page in PAGES:
        app.router.add_route(page.method, page.path, guarded(page))
