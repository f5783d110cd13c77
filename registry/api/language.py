"""Which language was asked for: `lang`, or the best of Accept-Language. It translates nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from pydantic import Field

from registry.api.routing import Strict

_HEADER_LIMIT: Final = 500


class Language(StrEnum):
    EN = "en"
    RU = "ru"
    KK = "kk"


class Spoken(Strict):
    lang: Language | None = Field(None, description="of labels; else as Accept-Language says")


def language_of(query: object, headers: Mapping[str, str]) -> str:
    chosen = getattr(query, "lang", None)
    header = headers.get("Accept-Language", "")
    return chosen.value if chosen else accepted(header, [each.value for each in Language])


def accepted(header: str, known: Sequence[str]) -> str:
    """The known language with the highest weight; the first of equals (RFC 9110 section 12.5.4)."""
    weights: dict[str, float] = {}
    for part in header[:_HEADER_LIMIT].split(","):
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in known:
            weights.setdefault(language, _weight(parameters))
    wanted = {language: weight for language, weight in weights.items() if weight > 0}
    return max(wanted, key=wanted.__getitem__, default=known[0])


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
