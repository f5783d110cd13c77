"""ETags. One object's is of what the registry holds of it; a list's is of the whole registry.

What is observed changes every half minute and is no part of a tag: it must not turn down a change
made to what somebody saw a minute ago. So an answer that also tells what is observed carries its
tag for `If-Match` only and is never answered 304.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, Field

from registry.api.standing import Row


class Shape(BaseModel):
    """An object of the registry as it is told; `LIVE` names the fields that are observed."""

    LIVE: ClassVar[dict[str, Any]] = {}

    @classmethod
    def of_row(cls, row: Row) -> Self:
        """Of a row whose columns carry the names of the fields."""
        return cls.model_validate(row._asdict())


Retired: TypeAlias = Annotated[bool, Field(description="out of use for good; its history stays")]


def tag_of(shape: Shape) -> str:
    """The same for the same content of the registry, whoever reads it with the same right."""
    return _digest(shape.model_dump_json(exclude=shape.LIVE or None))


def tag_of_list(revision: int, *asked: str) -> str:
    """Of a list whose items the revision covers: any write makes it new, nothing else does."""
    return _digest("\n".join((str(revision), *asked)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
