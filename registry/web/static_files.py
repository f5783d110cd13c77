"""Styles and scripts of the page, held in memory: they are few, and no path leads elsewhere."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from aiohttp import ETag, web

from registry.api.problems import Problem


@dataclass(frozen=True, slots=True)
class StaticFile:
    content: bytes
    media_type: str
    tag: str


def held(folder: str) -> Mapping[str, StaticFile]:
    """The files of one folder of this package, without the folders in it."""
    files = resources.files("registry.web") / folder
    return {file.name: _file(file.name, file.read_bytes()) for file in files.iterdir()}


def _file(name: str, content: bytes) -> StaticFile:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StaticFile(content, media_type, hashlib.sha256(content).hexdigest()[:16])


_FILES: Final = held("static")


async def serve_file(request: web.Request) -> web.StreamResponse:
    return send(request, _FILES, request.match_info["name"])


def send(request: web.Request, files: Mapping[str, StaticFile], name: str) -> web.Response:
    """Asked for again each time, answered with 304: an upgrade is seen at once."""
    file = files.get(name)
    if file is None:
        raise Problem(404, f"there is no file {name!r}")
    known = any(tag.value == file.tag for tag in request.if_none_match or ())
    response = (
        web.Response(status=304)
        if known
        else web.Response(body=file.content, content_type=file.media_type, charset=_charset(file))
    )
    response.etag = ETag(file.tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _charset(file: StaticFile) -> str | None:
    return "utf-8" if file.media_type.startswith("text/") else None
