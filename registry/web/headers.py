"""Headers that keep a browser on our side: nothing foreign, nothing inline, no framing."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from yarl import URL

from registry.serving import SERVING

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' {tiles}",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def policy(map_tiles: str) -> str:
    """Pictures come from here, and from the tile server that the settings name."""
    return _POLICY.format(tiles=str(URL(map_tiles).origin()) if map_tiles else "").replace(
        " ;", ";"
    )


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Content-Security-Policy", policy(request.app[SERVING].map_tiles))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.app[SERVING].secure_cookie:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
