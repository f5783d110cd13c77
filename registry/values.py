"""`value`: a frozen dataclass for what is made at each look. It changes nothing in how one is used.

At run time `frozen` costs a call for each field: three times as much as to set them. mypy, which
reads `value` as `dataclass`, holds the promise for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(*, frozen, slots, kw_only=False):
        """`frozen` is for the reader and for mypy; a value is compared and hashed by its fields."""
        if not frozen:
            raise TypeError("a value is frozen: say so")
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


__all__ = ["value"]
