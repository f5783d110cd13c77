"""Files in and out, as a page. The API plans, applies and exports; the page only asks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aiohttp import web

from registry.serving import SERVING
from registry.transfer import Format
from registry.transfer.columns import COLUMNS
from registry.transfer.mappings import list_mappings
from registry.web.facts import field_word, page_words
from registry.web.languages import language_of
from registry.web.overview import choices
from registry.web.rendering import render
from registry.web.words import label

ACCEPTED: Final = ".csv,.tsv,.txt,.xlsx,.geojson,.json"


async def show_import(request: web.Request) -> web.StreamResponse:
    language = language_of(request)
    async with request.app[SERVING].database.read() as session:
        mappings = [row.name for row in await list_mappings(session)]
        offered = await choices(request, session)
    return render(
        request,
        "import.html",
        accepted=ACCEPTED,
        mappings=mappings,
        columns=list(_columns(language)),
        words=page_words(language),
        formats=tuple(Format),
        choices=offered,
    )


def _columns(language: str) -> Iterator[tuple[str, str]]:
    """What a column of a file may be taken for: the name in mappings, and what it means."""
    for column in COLUMNS:
        meaning = column.field and field_word(column.field, language)
        yield column.name, ": ".join(filter(None, (label(column.what, language), meaning)))
