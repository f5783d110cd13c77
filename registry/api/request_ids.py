"""A name for each request: in its answer, in the log and in the audit. It is made here, not taken
from whoever asks.
"""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import web

HEADER: Final = "X-Request-Id"
_KEY: Final = web.RequestKey("request_id", str)


def request_id(request: web.Request) -> str:
    if _KEY not in request:
        request[_KEY] = secrets.token_hex(8)
    return request[_KEY]


async def name_it(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[HEADER] = request_id(request)
