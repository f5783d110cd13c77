"""Templates in each language, read when imported: no request, and no loop, waits for a disk."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache
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

    def word(value: StrEnum) -> str:
        return label(value, language)

    def span(seconds: float) -> str:
        return languages.span(seconds, language)

    @jinja2.pass_context
    def at(context: jinja2.runtime.Context, moment: datetime, zone: str) -> str:
        return languages.clock_time(moment, context["now"], context["zones"][zone], language)

    @jinja2.pass_context
    def zoned(context: jinja2.runtime.Context, moment: datetime, zone: str) -> str:
        return f"{at(context, moment, zone)} {languages.offset(moment, context['zones'][zone])}"

    def field(name: str) -> str:
        return field_label(name, language)

    def value(what: What, name: str, held: Any) -> str:
        return value_label(what, name, held, language)

    def step(reason: Reason) -> str:
        return next_step(reason, language)

    def short(seconds: float) -> str:
        return languages.short(seconds, language)

    def track_word(state: str) -> str:
        return state_label(state, language)

    environment.filters.update(
        word=word,
        span=span,
        at=at,
        zoned=zoned,
        short=short,
        track_word=track_word,
        epoch_ms=_epoch_ms,
        field=field,
        value=value,
        next_step=step,
    )


def _epoch_ms(moment: datetime) -> int:
    """What the browser counts with."""
    return int(moment.timestamp() * 1000)
