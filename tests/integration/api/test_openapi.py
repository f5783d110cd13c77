"""The document and the dispatch are one declaration: it validates, and it names every route."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator

from registry.api.setup import ROUTES
from tests.fakes.service import Service


async def test_the_document_is_valid_and_complete(service: Service):
    answer = await service.client.get("/openapi.json")
    document = await answer.json()

    OpenAPIV31SpecValidator(document).validate()
    described = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert document["info"]["version"] == "1.2.3"


async def test_it_says_what_is_needed_and_what_may_go_wrong(service: Service):
    document = await (await service.client.get("/openapi.json")).json()

    look = document["paths"]["/api/v1/cameras/{code}/feeds/{id}/look"]["post"]
    assert {"202", "401", "403", "404", "409", "422"} <= set(look["responses"])
    assert "operator" in look["description"]
    states = document["paths"]["/api/v1/cameras"]["get"]["parameters"]
    (state,) = [parameter for parameter in states if parameter["name"] == "state"]
    assert (state["style"], state["explode"]) == ("form", False)
