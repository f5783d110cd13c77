"""Holds answers against the OpenAPI document that the service itself publishes."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from tests.fakes.service import Service


class Document:
    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    @classmethod
    async def of(cls, service: Service) -> Document:
        answer = await service.client.get("/openapi.json", headers=service.bearer())
        return cls(await answer.json())

    def hold(self, path: str, status: int, body: Any, method: str = "get") -> None:
        """Raises where the body of an answer is not what the document says of it."""
        response = self.content["paths"][path][method]["responses"][str(status)]
        (media,) = response["content"].values()
        schema = {**media["schema"], "components": self.content["components"]}
        Draft202012Validator(schema).validate(body)
