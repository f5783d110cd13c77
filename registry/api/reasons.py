"""/api/v1/reasons: the table of reasons as it stands. It is the vocabulary, not a copy of it."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from registry.api.routing import Call, Nothing, Route
from registry.security.access import Access
from registry.vocabulary import WORDS, Reason, ReasonClass


class LabelShape(BaseModel):
    en: str
    ru: str
    kk: str


class ReasonShape(BaseModel):
    reason: Reason
    reason_class: ReasonClass
    rank: int
    label: LabelShape
    meaning: str
    usual_cause: str
    next_step: str


class ReasonTable(BaseModel):
    items: list[ReasonShape]
    next: None = None


async def list_reasons(_call: Call[Nothing, Nothing, Nothing]) -> ReasonTable:
    ranked = sorted(WORDS, key=lambda reason: -WORDS[reason].rank)
    return ReasonTable(items=[_shape(reason) for reason in ranked])


def _shape(reason: Reason) -> ReasonShape:
    word = WORDS[reason]
    return ReasonShape(
        reason=reason,
        reason_class=word.reason_class,
        rank=word.rank,
        label=LabelShape(en=word.label.en, ru=word.label.ru, kk=word.label.kk),
        meaning=word.meaning,
        usual_cause=word.usual_cause,
        next_step=word.next_step,
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/reasons",
        name="listReasons",
        tag="overview",
        summary="The closed words for why a feed is not live, the gravest first",
        access=Access.OWN,
        handler=list_reasons,
        answers=ReasonTable,
    ),
)
