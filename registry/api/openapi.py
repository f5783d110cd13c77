"""The OpenAPI 3.1 document, made of the same declarations that dispatch the requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from registry.api.callers import SESSION_COOKIE
from registry.api.problems import MEDIA_TYPE, ProblemBody
from registry.api.routing import BATCH_HEADER, Nothing, Route, list_fields
from registry.security.access import RULES

_REF: Final = "#/components/schemas/{model}"
_COMMON_PROBLEMS: Final = (401, 403, 429)


_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag of the object as whoever changes it saw it.",
}
_ETAG: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "For If-Match of the next change."},
    BATCH_HEADER: {"schema": {"type": "string"}, "description": "What an undo takes back."},
}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "camreach",
            "version": version or "0",
            "description": "Which camera feeds actually reach the operations center, "
            "and where each of the others breaks.",
        },
        "security": [{"token": []}, {"session": []}],
        "paths": _paths(routes),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
            },
            "schemas": _schemas(routes),
        },
    }


def _paths(routes: Iterable[Route]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": f"For {RULES[route.access].says}.",
        "parameters": [
            *_parameters(route.path_model, "path"),
            *_parameters(route.query_model, "query"),
            *([_IF_MATCH] if route.conditional else []),
        ],
        "responses": _responses(route),
    }
    if route.takes_bytes:
        file = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": file},
        }
    if route.body_model is not Nothing:
        operation["requestBody"] = {
            "required": any(f.is_required() for f in route.body_model.model_fields.values()),
            "content": {"application/json": {"schema": _ref(route.body_model)}},
        }
    return operation


def _parameters(model: type[BaseModel], where: str) -> list[dict[str, Any]]:
    # Shared definitions stay in the components; here each parameter only points at them.
    schema = model.model_json_schema(ref_template=_REF)
    required, several = set(schema.get("required", ())), list_fields(model)
    return [
        {
            "name": name,
            "in": where,
            "required": where == "path" or name in required,
            "schema": {key: value for key, value in field.items() if key != "title"},
            **({"description": field["description"]} if "description" in field else {}),
            **({"style": "form", "explode": False} if name in several else {}),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _responses(route: Route) -> dict[str, Any]:
    accepts_input = any(
        model is not Nothing for model in (route.path_model, route.query_model, route.body_model)
    )
    problems = {*_COMMON_PROBLEMS, *route.problems, *((422,) if accepts_input else ())}
    problems |= {412, 428} if route.conditional else set()
    answer = {"description": route.summary, "content": _content(route)}
    good = {str(route.status): answer | ({"headers": _ETAG} if route.tagged else {})}
    return good | {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _ref(ProblemBody)}},
        }
        for status in sorted(problems)
    }


def _content(route: Route) -> dict[str, Any]:
    if isinstance(route.answers, str):
        return {route.answers: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": _ref(route.answers)}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    inputs = {m for r in routes for m in (r.path_model, r.query_model, r.body_model)} - {Nothing}
    answers = {r.answers for r in routes if not isinstance(r.answers, str)} | {ProblemBody}
    wanted = [(model, "validation") for model in sorted(inputs, key=lambda m: m.__name__)]
    shown = [(model, "serialization") for model in sorted(answers, key=lambda m: m.__name__)]
    _, schema = models_json_schema([*wanted, *shown], ref_template=_REF)  # type: ignore[list-item]
    definitions: dict[str, Any] = schema["$defs"]
    return definitions
