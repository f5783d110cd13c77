"""Role and reach as they stand in bodies and answers of accounts and tokens. It stores none."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from registry.api.problems import FieldError, Problem
from registry.api.routing import Strict
from registry.models.people import Limited
from registry.security.accounts import AccountExists
from registry.security.limits import ReachRefused
from registry.security.passwords import CROWDED_S, Crowded, PasswordRefused
from registry.security.reach import Reach

_MOST = 50
Path = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
# Wider than what is accepted, so that the refusal can say what is expected.
Password = Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class ReachGiven(Strict):
    """All limits that are set must hold; without any it is everything."""

    areas: list[Path] = Field(
        default=[], max_length=_MOST, description="paths, each with its subtree"
    )
    centers: list[Code] = Field(
        default=[], max_length=_MOST, description="cameras that one must see"
    )
    contractor: Code | None = Field(default=None, description="cameras that it answers for now")

    def reach(self) -> Reach:
        return Reach(tuple(self.areas), tuple(self.centers), self.contractor)


class ReachShape(BaseModel):
    areas: list[str]
    centers: list[str]
    contractor: str | None

    @classmethod
    def of(cls, limited: Limited) -> ReachShape:
        return cls(
            areas=limited.reach_areas,
            centers=limited.reach_centers,
            contractor=limited.reach_contractor,
        )


@asynccontextmanager
async def refusals() -> AsyncIterator[None]:
    """What accounts and tokens refuse, said of the field that it is about."""
    try:
        yield
    except ReachRefused as error:
        raise _of_field(f"body.{_FIELDS[error.field]}", str(error)) from error
    except PasswordRefused as error:
        raise _of_field("body.password", str(error)) from error
    except Crowded as error:
        wait = {"Retry-After": str(math.ceil(CROWDED_S))}
        raise Problem(429, str(error), headers=wait) from error
    except AccountExists as error:
        raise Problem(409, str(error)) from error


_FIELDS = {
    "role": "role",
    "area": "reach.areas",
    "center": "reach.centers",
    "contractor": "reach.contractor",
}


def _of_field(field: str, detail: str) -> Problem:
    return Problem(422, detail, errors=[FieldError(field=field, detail=detail)])
