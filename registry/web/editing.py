"""The registry as lists and forms. It reads by the routes of the API, and its script writes so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, ValidationError

from registry.api.fields import changed_model, created_model
from registry.api.objects import RESOURCES, Resource
from registry.api.problems import Handler, refused
from registry.api.routing import Call, Nothing, Route, Tagged, shows_addresses
from registry.api.setup import ROUTES
from registry.api.viewing import VIEWS
from registry.changing.inventory import What, key_fields
from registry.security.access import Access
from registry.serving import SERVING
from registry.vocabulary import Lifecycle
from registry.web.forms import Entry, entries
from registry.web.guard import Page
from registry.web.languages import language_of
from registry.web.local_time import zone_of_reader
from registry.web.rendering import CALLER, render
from registry.web.thing_words import thing_label
from registry.web.zones import ZONES

API: Final = "/api/v1"
PAGE_OF: Final = "/registry"
NEW: Final = "/registry/new"
LISTED: Final = 50

_READS: Final[Mapping[str, Route]] = {
    route.path: route for route in ROUTES if route.method == "GET"
}
# What a list shows of each; what an object does not have is left empty.
_COLUMNS: Final[Mapping[What, Sequence[str]]] = {
    What.CAMERA: ("code", "name", "kind", "area", "lifecycle", "importance"),
    What.RECORDER: ("code", "name", "host", "site", "session_budget"),
    What.SYSTEM: ("code", "name", "owner", "site"),
    What.SITE: ("code", "name", "address", "sector", "area"),
    What.AREA: ("path", "name", "kind", "time_zone"),
    What.CENTER: ("code", "name", "kind", "area"),
    What.CREDENTIAL: ("code", "hosts", "allow_basic"),
    What.PROGRAM: ("code", "name"),
    What.CONTRACTOR: ("code", "name"),
    What.CONTRACT: ("code", "title", "contractor", "starts_on", "ends_on"),
    What.ASSIGNMENT: ("code", "contract", "hops", "starts_at", "ends_at"),
    What.CONTACT: ("code", "name", "duty", "phone", "contractor", "center", "site"),
}
_OF_A_CAMERA: Final = (What.FEED, What.DELIVERY, What.DEVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """The form of one object; `tag` is None for one that is to be made."""

    resource: Resource
    address: str  # of the API: where the script sends it
    clock: timezone  # of every moment on the form
    title: str
    entries: Sequence[Entry]
    tag: str | None = None
    camera: str | None = None
    back: str = PAGE_OF
    parts: Sequence[tuple[What, Sequence[tuple[str, str]], str]] = ()
    is_retired: bool = False

    @property
    def offset(self) -> str:
        """As the API reads it behind a moment."""
        return str(self.clock).removeprefix("UTC") or "Z"


async def show_first(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(_page_of("/api/v1/cameras"))


def pages() -> Iterator[Page]:
    yield Page("GET", PAGE_OF, Access.OPERATE, show_first)
    for resource in RESOURCES:
        if resource.within is Nothing:
            yield _page(resource.things, _lister(resource))
        yield Page("GET", _new_page_of(resource.things), Access.OPERATE, _maker(resource))
        yield _page(resource.thing, _changer(resource))


def _page(read: str, handler: Handler) -> Page:
    """What the API would have audited of this read, the page does."""
    reveals = shows_addresses(_READS[read])
    return Page("GET", _page_of(read), Access.OPERATE, handler, reveals=reveals)


def _lister(resource: Resource) -> Any:
    async def show_list(request: web.Request) -> web.StreamResponse:
        wanted = {name: request.query[name] for name in ("q", "cursor") if request.query.get(name)}
        answer = await _asked(request, _READS[resource.things], {}, wanted | {"limit": LISTED})
        found = _body(answer).model_dump(by_alias=True)
        rows = [(_link(resource, item), item) for item in found["items"]]
        return render(
            request,
            "registry_list.html",
            resource=resource,
            columns=_COLUMNS[resource.what],
            rows=rows,
            request_q=wanted.get("q", ""),
            following=found["next"],
            zone=await _zone(request),
            **_common(request, resource),
        )

    return show_list


def _maker(resource: Resource) -> Any:
    async def show_empty_form(request: web.Request) -> web.StreamResponse:
        language, clock = language_of(request), await _clock(request)
        shown = Editor(
            resource=resource,
            address=_filled(resource.things, request.match_info),
            clock=clock,
            title=thing_label(resource.what, language).one,
            entries=entries(resource.what, created_model(resource.what), language, clock),
            camera=request.match_info.get("code"),
            back=_back(resource, request.match_info),
        )
        return render(request, "registry_form.html", shown=shown, **_common(request, resource))

    return show_empty_form


def _changer(resource: Resource) -> Any:
    async def show_form(request: web.Request) -> web.StreamResponse:
        language, route = language_of(request), _READS[resource.thing]
        clock = await _clock(request)
        answer = await _asked(request, route, dict(request.match_info), {})
        values = _body(answer).model_dump(mode="json", by_alias=True)
        shown = Editor(
            resource=resource,
            address=_filled(resource.thing, request.match_info),
            clock=clock,
            title=" / ".join(request.match_info.values()),
            entries=entries(resource.what, changed_model(resource.what), language, clock, values),
            tag=answer.tag,
            camera=_camera_of(resource, request.match_info),
            back=_back(resource, request.match_info),
            parts=list(_parts(resource, values)),
            is_retired=bool(values.get("retired"))
            or values.get("lifecycle") == Lifecycle.RETIRED.value,
        )
        return render(request, "registry_form.html", shown=shown, **_common(request, resource))

    return show_form


async def _asked(
    request: web.Request, route: Route, path: Mapping[str, Any], query: Mapping[str, Any]
) -> Any:
    """What the API answers whoever reads this page."""
    known = {name: said for name, said in query.items() if name in route.query_model.model_fields}
    try:
        call: Call[Any, Any, Any] = Call(
            serving=request.app[SERVING],
            views=request.app[VIEWS],
            caller=request[CALLER],
            path=_read(route.path_model, path),
            query=_read(route.query_model, known),
            body=Nothing(),
            headers={},
        )
    except ValidationError as error:
        raise refused("query", error) from error
    return await route.handler(call)


def _body(answer: Any) -> BaseModel:
    body = answer.body if isinstance(answer, Tagged) else answer
    if not isinstance(body, BaseModel):
        raise TypeError(f"{body!r} is no object of the registry")
    return body


def _read(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    return model.model_validate(dict(values))


def _common(request: web.Request, resource: Resource) -> dict[str, Any]:
    language = language_of(request)
    shown_under = f"{API}/cameras" if resource.what in _OF_A_CAMERA else resource.things
    listed = [each for each in RESOURCES if each.within is Nothing]
    return {
        "kinds": [
            (_page_of(each.things), thing_label(each.what, language).many) for each in listed
        ],
        "current": _page_of(shown_under),
        "things": {each.what: each.things for each in listed},
        "said": lambda what: thing_label(what, language),
        "new_page_of": _new_page_of,
        "page_of": _page_of,
    }


async def _zone(request: web.Request) -> str:
    async with request.app[SERVING].database.read() as session:
        return await zone_of_reader(request, session)


async def _clock(request: web.Request) -> timezone:
    """That of the reader's area, fixed at what it shows now: what goes in comes out the same."""
    zone = request.app[ZONES][await _zone(request)]
    return timezone(request.app[SERVING].clock.now().astimezone(zone).utcoffset() or timedelta())


def _page_of(path: str) -> str:
    return PAGE_OF + path.removeprefix(API)


def _new_page_of(path: str) -> str:
    return NEW + path.removeprefix(API)


def _filled(path: str, parts: Mapping[str, str]) -> str:
    for name, value in parts.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _link(resource: Resource, item: Mapping[str, Any]) -> str:
    return _page_of(f"{resource.things}/{quote(str(item[key_fields(resource.what)[0]]), safe='')}")


def _camera_of(resource: Resource, parts: Mapping[str, str]) -> str | None:
    return parts["code"] if resource.what in (What.CAMERA, *_OF_A_CAMERA) else None


def _back(resource: Resource, parts: Mapping[str, str]) -> str:
    if resource.what in _OF_A_CAMERA:
        return _page_of(f"{API}/cameras/{quote(parts['code'], safe='')}")
    return _page_of(resource.things)


def _parts(
    resource: Resource, values: Mapping[str, Any]
) -> Iterator[tuple[What, Sequence[tuple[str, str]], str]]:
    """What hangs on a camera: its feeds, deliveries and its device, each with a form of its own."""
    if resource.what is not What.CAMERA:
        return
    camera = f"{API}/cameras/{quote(values['code'], safe='')}"
    for what, key in ((What.FEED, "id"), (What.DELIVERY, "center")):
        kind = "feeds" if what is What.FEED else "deliveries"
        found = [each[key] for each in values[kind]]
        shown = [(name, _page_of(f"{camera}/{kind}/{quote(name, safe='')}")) for name in found]
        yield what, shown, _new_page_of(f"{camera}/{kind}")
    now = [each for each in values["devices"] if each["installed_to"] is None]
    shown = [(_named(each), _page_of(f"{camera}/device")) for each in now]
    yield What.DEVICE, shown, _new_page_of(f"{camera}/device")


def _named(device: Mapping[str, Any]) -> str:
    parts = (device.get("vendor"), device.get("model"), device.get("serial"))
    return " ".join(part for part in parts if part) or "—"
