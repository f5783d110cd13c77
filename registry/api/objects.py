"""Create, change, retire and delete every object of the registry: one table, one way."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, Field

from registry.api import (
    areas,
    centers,
    contractors,
    credentials,
    deliveries,
    desks,
    detail,
    devices,
    feeds,
    programs,
    recorders,
    sites,
    systems,
)
from registry.api.areas import AreaPath
from registry.api.cameras import CameraPath
from registry.api.deliveries import DeliveryPath
from registry.api.fields import called, changed_model, created_model, title, values_of
from registry.api.frames import FeedPath
from registry.api.problems import Problem
from registry.api.routing import Call, Nothing, Route, Strict, Tagged
from registry.api.writing import fulfil, told
from registry.changing.inventory import Key, What, key_fields
from registry.changing.wishes import Intent, Wish
from registry.models.base import made_up_code
from registry.security.access import Access

_Asked: TypeAlias = Call[Any, Any, Any]


class WhyQuery(Strict):
    reason: str = Field("", max_length=500, description="for the change log: why")


class Retiring(Strict):
    reason: str = Field(min_length=1, max_length=300, description="why it goes out of use")


class Gone(BaseModel):
    batch: str | None = Field(description="what an undo takes back")


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """Where one kind of thing is written; a device is the one that its camera has now."""

    what: What
    things: str
    thing: str
    path_model: type[Strict]
    within: type[Strict] = Nothing  # the path of the collection
    retires: bool = True

    def key(self, path: Strict, body: BaseModel | None = None) -> Key:
        """From the address, and when it is made from its body."""
        said = tuple(path.model_dump().values())
        missing = key_fields(self.what)[len(said) :]
        own = (getattr(body, called(self.what, name)) or made_up_code() for name in missing)
        return (*said, *own)


# How each thing is read: the ETag of that is what a change names.
_READ: Final = {
    route.path: route
    for module in (
        *(areas, centers, contractors, credentials, deliveries, desks, detail, devices, feeds),
        *(programs, recorders, sites, systems),
    )
    for route in module.ROUTES
}
_CAMERA: Final = "/api/v1/cameras/{code}"
RESOURCES: Final = (
    Resource(What.AREA, "/api/v1/areas", "/api/v1/areas/{path}", AreaPath),
    Resource(What.CENTER, "/api/v1/centers", "/api/v1/centers/{code}", CameraPath),
    Resource(What.SITE, "/api/v1/sites", "/api/v1/sites/{code}", CameraPath),
    Resource(What.SYSTEM, "/api/v1/systems", "/api/v1/systems/{code}", CameraPath),
    Resource(What.RECORDER, "/api/v1/recorders", "/api/v1/recorders/{code}", CameraPath),
    Resource(What.CREDENTIAL, "/api/v1/credentials", "/api/v1/credentials/{code}", CameraPath),
    Resource(What.CAMERA, "/api/v1/cameras", _CAMERA, CameraPath),
    Resource(What.FEED, f"{_CAMERA}/feeds", f"{_CAMERA}/feeds/{{id}}", FeedPath, CameraPath),
    Resource(
        What.DELIVERY,
        f"{_CAMERA}/deliveries",
        f"{_CAMERA}/deliveries/{{center}}",
        DeliveryPath,
        CameraPath,
    ),
    Resource(
        What.DEVICE, f"{_CAMERA}/device", f"{_CAMERA}/device", CameraPath, CameraPath, retires=False
    ),
    Resource(What.PROGRAM, "/api/v1/programs", "/api/v1/programs/{code}", CameraPath),
    Resource(What.CONTRACTOR, "/api/v1/contractors", "/api/v1/contractors/{code}", CameraPath),
    Resource(What.CONTRACT, "/api/v1/contracts", "/api/v1/contracts/{code}", CameraPath),
    Resource(What.ASSIGNMENT, "/api/v1/assignments", "/api/v1/assignments/{code}", CameraPath),
    # What a device pushes has the name contact in the API.
    Resource(What.CONTACT, "/api/v1/desks", "/api/v1/desks/{code}", CameraPath),
)


def _routes(resource: Resource) -> Iterator[Route]:
    read = _READ[resource.thing]
    named = title(resource.what)
    tag = resource.things.split("/")[-1]
    one: dict[str, Any] = {
        "tag": tag,
        "access": Access.OPERATE,
        "path_model": resource.path_model,
        "conditional": True,
    }
    yield Route(
        method="POST",
        path=resource.things,
        name=f"create{named}",
        tag=tag,
        summary=f"A new {resource.what}",
        access=Access.OPERATE,
        handler=_creating(resource, read),
        path_model=resource.within,
        query_model=WhyQuery,
        body_model=created_model(resource.what),
        answers=read.answers,
        status=201,
        tagged=True,
        problems=(400, 404, 409, 503),
    )
    yield Route(
        method="PATCH",
        path=resource.thing,
        name=f"change{named}",
        summary=f"Change a {resource.what} by a JSON merge patch: null empties a field",
        handler=_changing(resource, read),
        query_model=WhyQuery,
        body_model=changed_model(resource.what),
        answers=read.answers,
        tagged=True,
        problems=(400, 404, 409, 503),
        **one,
    )
    yield Route(
        method="DELETE",
        path=resource.thing,
        name=f"delete{named}",
        summary=f"Delete a {resource.what} that nothing refers to and of which nothing was seen",
        handler=_deleting(resource, read),
        query_model=WhyQuery,
        answers=Gone,
        problems=(404, 409, 503),
        **one,
    )
    if resource.retires:
        yield Route(
            method="POST",
            path=f"{resource.thing}/retire",
            name=f"retire{named}",
            summary=f"Take a {resource.what} out of use for good; its history stays",
            handler=_retiring(resource, read),
            body_model=Retiring,
            answers=read.answers,
            tagged=True,
            problems=(400, 404, 409, 503),
            **one,
        )


def _creating(resource: Resource, read: Route) -> Any:
    async def create(call: _Asked) -> Tagged:
        key = resource.key(call.path, call.body)
        fields = values_of(resource.what, call.body)
        for name in key_fields(resource.what):
            fields.pop(name, None)
        wish = Wish(resource.what, key, Intent.CREATE, fields)
        return await _written(call, wish, call.query.reason, read)

    return create


def _changing(resource: Resource, read: Route) -> Any:
    async def change(call: _Asked) -> Tagged:
        fields = values_of(resource.what, call.body)
        wish = Wish(resource.what, resource.key(call.path), Intent.CHANGE, fields)
        return await _written(call, wish, call.query.reason, read)

    return change


def _retiring(resource: Resource, read: Route) -> Any:
    async def retire(call: _Asked) -> Tagged:
        wish = Wish(resource.what, resource.key(call.path), Intent.RETIRE)
        return await _written(call, wish, call.body.reason, read)

    return retire


def _deleting(resource: Resource, read: Route) -> Any:
    async def delete(call: _Asked) -> Gone:
        wish = Wish(resource.what, resource.key(call.path), Intent.DELETE)
        batch = await fulfil(call, wish, call.query.reason, read)
        return Gone(batch=batch.id if batch else None)

    return delete


async def _written(call: _Asked, wish: Wish, reason: str, read: Route) -> Tagged:
    """Afterwards it is told as reading it tells it."""
    is_new = wish.intent is Intent.CREATE
    batch = await fulfil(call, wish, reason, None if is_new else read)
    path = read.path_model(**dict(zip(read.path_model.model_fields, wish.key, strict=False)))
    try:
        answer = await told(call, read, path)
    except Problem as problem:
        raise LookupError(f"{wish} was written and is not there: {problem.detail}") from problem
    return dataclasses.replace(answer, batch=None if batch is None else batch.id)


ROUTES: Final = tuple(route for resource in RESOURCES for route in _routes(resource))
