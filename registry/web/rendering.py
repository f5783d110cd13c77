"""Templates in each language, read when imported: no request, and no loop, waits for a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from importlib import resources
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web

from registry.api.callers import Caller
from registry.api.standing import Standing
from registry.changing.inventory import What
from registry.next_steps import next_step
from registry.security.access import Access
from registry.serving import SERVING
from registry.vocabulary import Reason
from registry.web import icons, languages
from registry.web.deeds import deed_label
from registry.web.facts import field_label, value_label
from registry.web.words import LANGUAGES, label, state_label
from registry.web.zones import ZONES

CALLER: Final = web.RequestKey("caller", Caller)
_ENVIRONMENTS: Final = {
    language: web.AppKey(f"templates_{language}", jinja2.Environment) for language in LANGUAGES
}


def _sources() -> dict[str, str]:
    folder = resources.files("registry.web") / "templates"
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


_TEMPLATES: Final = jinja2.DictLoader(_sources())
_CATALOGUES: Final = {language: languages.catalogue(language) for language in LANGUAGES}


def setup_templates(app: web.Application) -> None:
    for language, key in _ENVIRONMENTS.items():
        app[key] = _environment(language)


@cache
def _environment(language: str) -> jinja2.Environment:
    """Compiled once in a process; nothing in it changes afterwards."""
    environment = jinja2.Environment(
        loader=_TEMPLATES,
        autoescape=True,
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    _speak(environment, language)
    for name in _TEMPLATES.list_templates():
        environment.get_template(name)
    return environment


def render(request: web.Request, name: str, status: int = 200, **context: Any) -> web.Response:
    language = languages.language_of(request)
    response = aiohttp_jinja2.render_template(
        name, request, _common(request) | context, app_key=_ENVIRONMENTS[language], status=status
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _common(request: web.Request) -> dict[str, Any]:
    serving, caller = request.app[SERVING], request.get(CALLER)
    return {
        "caller": caller,
        "operates": caller is not None and caller.allowed(Access.OPERATE),
        "administers": caller is not None and caller.allowed(Access.ADMIN_OF_ALL),
        "here": request.path_qs,
        "now": serving.clock.now(),
        "zones": request.app[ZONES],
    }


def _speak(environment: jinja2.Environment, language: str) -> None:
    environment.install_gettext_translations(_CATALOGUES[language], newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language,
        languages=LANGUAGES,
        units=languages.units(language),
        UNKNOWN=Standing.UNKNOWN,
        NOT_PROBED=Reason.NOT_PROBED,
        shape=icons.shape,
    )

    @jinja2.pass_context
    def at(context: jinja2.runtime.Context, moment: datetime, zone: str) -> str:
        return languages.clock_time(moment, context["now"], context["zones"][zone], language)

    @jinja2.pass_context
    def zoned(context: jinja2.runtime.Context, moment: datetime, zone: str) -> str:
        return f"{at(context, moment, zone)} {languages.offset(moment, context['zones'][zone])}"

    @jinja2.pass_context
    def value(context: jinja2.runtime.Context, what: What, name: str, held: Any) -> str:
        return value_label(what, name, held, language, context["zones"][context["zone"]])

    said = {name: partial(speak, language=language) for name, speak in _SAID.items()}
    environment.filters.update(said | {"at": at, "zoned": zoned, "value": value})
    environment.filters.update(epoch_ms=_epoch_ms, flat=_flat)


def _chosen(value: str, language: str) -> str:
    """A code is its own word."""
    return label(value, language) if isinstance(value, StrEnum) else value


def _loaded(name: str, language: str) -> str:
    """A host or a line, as the monitor names it: `recorder:nvr`, `site:mall`."""
    kind, _, code = name.partition(":")
    return f"{label(What(kind), language)} {code}" if kind in set(What) else code


# What a template says of a value in its language.
_SAID: Final[Mapping[str, Callable[..., str]]] = {
    "chosen": _chosen,
    "day": languages.day,
    "deed": deed_label,
    "field": field_label,
    "loaded": _loaded,
    "next_step": next_step,
    "number": languages.number,
    "short": languages.short,
    "span": languages.span,
    "track_word": state_label,
    "word": label,
}


def _flat(held: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """What the detail of a deed says, without what is empty."""
    for name, value in held.items():
        match value:
            case Mapping():
                yield from _flat(value, f"{before}{name}.")
            case list():
                yield from [(f"{before}{name}", ", ".join(map(str, value)))] if value else []
            case None | "":
                pass
            case _:
                yield f"{before}{name}", value


def _epoch_ms(moment: datetime) -> int:
    """What the browser counts with."""
    return int(moment.timestamp() * 1000)
