"""Forms made of the models that the API validates with: no field can be missing in one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from registry.changing.inventory import REFERENCES, What
from registry.web.facts import field_label
from registry.web.hints import hint
from registry.web.languages import offset_name
from registry.web.words import LABELS, label

_CLOSED: Final = {closed.__name__: closed for closed in LABELS}
_KINDS: Final = {
    ("integer", ""): "number",
    ("number", ""): "number",
    ("boolean", ""): "flag",
    ("string", "date"): "date",
    ("string", "date-time"): "moment",
    ("string", ""): "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field: `kind` says which control it gets and how the script reads it."""

    name: str
    label: str
    hint: str
    kind: str  # text, number, flag, date, moment, choice, choices, lines, login
    value: Any = None
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    refers_to: What | None = None

    @property
    def shown(self) -> str:
        """As the control holds it."""
        match self.value:
            case None:
                return ""
            case bool():
                return str(self.value).lower()
            case list():
                return "\n".join(map(str, self.value))
            case _:
                return str(self.value)

    @property
    def was(self) -> str:
        """What the script compares with, to send only what was changed."""
        return json.dumps(self.value, ensure_ascii=False)


def entries(
    what: What,
    model: type[BaseModel],
    language: str,
    clock: timezone,
    values: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """In the order of the model; `values` are those of the object that is to be changed."""
    schema = model.model_json_schema()
    reader = _Schema(what, schema.get("$defs", {}), language, clock)
    required = frozenset(schema.get("required", ()))
    return [
        reader.entry(name, said, (values or {}).get(name), required=name in required)
        for name, said in schema.get("properties", {}).items()
    ]


@dataclass(frozen=True, slots=True)
class _Schema:
    """Reads the JSON schema of one model."""

    what: What
    definitions: Mapping[str, Any]
    language: str
    clock: timezone
    empty: Mapping[str, Any] = field(default_factory=dict)

    def entry(self, name: str, said: Mapping[str, Any], value: Any, *, required: bool) -> Entry:
        kind, options = self._control(said)
        return Entry(
            name=name,
            label=self._label(name, kind),
            hint=hint(self.what, name, self.language),
            kind=kind,
            value=self._local(value) if kind == "moment" and value else value,
            required=required,
            options=options,
            refers_to=REFERENCES.get(name) if kind == "text" else None,
        )

    def _label(self, name: str, kind: str) -> str:
        label = field_label(name, self.language)
        return f"{label}, {offset_name(self.clock.utcoffset(None))}" if kind == "moment" else label

    def _local(self, moment: str) -> str:
        """On the clock of the page, which the label names."""
        there = datetime.fromisoformat(moment).astimezone(self.clock)
        return there.replace(tzinfo=None).isoformat()

    def _control(self, said: Mapping[str, Any]) -> tuple[str, Sequence[tuple[str, str]]]:
        wanted = next(self._not_null(said))
        if wanted.get("type") == "array":
            kind, options = self._control(wanted.get("items", self.empty))
            return ("choices", options) if kind == "choice" else ("lines", ())
        if wanted.get("type") == "object":
            return "login", ()
        if "enum" in wanted or "const" in wanted:
            return "choice", self._options(wanted)
        return _KINDS[wanted["type"], wanted.get("format", "")], ()

    def _not_null(self, said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for option in said.get("anyOf", (said,)):
            if "$ref" in option:
                yield self.definitions[option["$ref"].rpartition("/")[2]]
            elif option.get("type") != "null":
                yield option

    def _options(self, wanted: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        closed: type[StrEnum] = _CLOSED[wanted["title"]]
        words = wanted["enum"] if "enum" in wanted else [wanted["const"]]
        return [(word, label(closed(word), self.language)) for word in words]
