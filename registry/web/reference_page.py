"""/api/docs: the API to read and try, out of this machine alone. It describes what the routes do.

The reader is Swagger UI as its makers publish it; docs/third-party.md has its hashes.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from registry.web.headers import policy
from registry.web.static_files import held, send

_FILES: Final = held("reference")
# The reader draws its arrows from addresses that hold the picture themselves.
_WITH_DRAWINGS: Final = policy("").replace("img-src 'self'", "img-src 'self' data:")


async def show_reference(request: web.Request) -> web.StreamResponse:
    response = send(request, _FILES, "index.html")
    response.headers["Content-Security-Policy"] = _WITH_DRAWINGS
    return response


async def serve_part(request: web.Request) -> web.StreamResponse:
    return send(request, _FILES, request.match_info["name"])
