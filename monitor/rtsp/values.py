"""Values that are made for every message of every look. Knows nothing of what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def light_value(made: type[_T]) -> type[_T]:
    """A frozen dataclass to the type checker, a plain one when it runs: `frozen` would set each
    field by a call, which makes such a value at more than three times the cost.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)
