"""Pages of a list: a cursor names the last key shown, never a count of rows. It knows no table."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, Generic, NoReturn, TypeVar

from pydantic import BaseModel, Field, StringConstraints

from registry.api.problems import FieldError, Problem
from registry.api.routing import Strict

PAGE_LIMIT: Final = 500
LARGEST_ID: Final = 2**31 - 1

Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ItemT = TypeVar("ItemT", bound=BaseModel)


class Page(BaseModel, Generic[ItemT]):
    items: list[ItemT]
    next: str | None = Field(description="cursor of the next page; null on the last")


class Paged(Strict):
    limit: int = Field(100, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=400, description="`next` of the page before")


def cursor_at(name: str, key: str | int) -> str:
    """Of one list only: a cursor of another is refused, or it would silently skip."""
    return base64.urlsafe_b64encode(f"{name}:{key}".encode()).decode().rstrip("=")


def code_after(name: str, cursor: str | None) -> str | None:
    """The code that the page before ended with."""
    return None if cursor is None else _opened(name, cursor)


def id_after(name: str, cursor: str | None) -> int | None:
    if cursor is None:
        return None
    key = _opened(name, cursor)
    if not (key.isascii() and key.isdigit()) or int(key) > LARGEST_ID:
        _refuse(name, cursor)
    return int(key)


def _opened(name: str, cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        _refuse(name, cursor)
    of, _, key = text.partition(":")
    if of != name or not key or "\0" in key:
        _refuse(name, cursor)
    return key


def _refuse(name: str, cursor: str) -> NoReturn:
    detail = f"{cursor!r} is no cursor of {name}"
    raise Problem(422, detail, errors=[FieldError(field="query.cursor", detail=detail)])
