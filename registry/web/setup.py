"""Puts the pages into an application. The one list of them is here; nothing else adds any."""

from __future__ import annotations

from aiohttp import web

from registry.serving import SERVING
from registry.web import camera, events, login, wall
from registry.web.attempts import Attempts
from registry.web.errors import page_border
from registry.web.guard import for_viewers
from registry.web.headers import protect
from registry.web.rendering import setup_templates
from registry.web.static_files import serve_file
from registry.web.zones import ZONES, Zones


def setup_web(app: web.Application) -> None:
    """Needs `app[SERVING]`, set before."""
    setup_templates(app)
    app[login.ATTEMPTS] = Attempts(app[SERVING].clock)
    app[ZONES] = Zones()
    app[events.STREAMS] = events.Streams()
    app.on_shutdown.append(app[events.STREAMS].end)
    app.on_response_prepare.append(protect)
    app.middlewares.append(page_border)
    app.add_routes(
        [
            web.get("/", for_viewers(wall.show_wall)),
            web.get("/wall", for_viewers(wall.show_tiles)),
            web.get("/cameras/{code}", for_viewers(camera.show_camera)),
            web.get("/cameras/{code}/now", for_viewers(camera.show_camera_part)),
            web.get("/events", for_viewers(events.stream_events), allow_head=False),
            web.get("/login", login.show_login),
            web.post("/login", login.log_in),
            web.post("/logout", login.log_out),
            web.get("/language/{language}", login.switch_language),
            web.get("/static/{name}", serve_file),
        ]
    )
