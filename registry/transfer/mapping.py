"""What a spreadsheet's own columns and words mean here: a value, made by hand or suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from registry.transfer.aliases import COLUMN_OF, IGNORED, WORD_OF, folded
from registry.transfer.columns import BY_NAME, Column
from registry.transfer.sheets import MAX_COLUMNS, MAX_ROWS

_Text = Annotated[str, StringConstraints(max_length=300)]
_Said = TypeVar("_Said")


class ColumnMapping(BaseModel):
    """Headers to columns ("" leaves one out), texts every row has, words to words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[_Text, str] = Field(
        default={},
        max_length=MAX_COLUMNS,
        description="header of the file -> column; empty: left out",
    )
    constants: dict[str, _Text] = Field(
        default={},
        max_length=MAX_COLUMNS,
        description="column -> text of every row that says nothing",
    )
    values: dict[str, dict[_Text, _Text]] = Field(
        default={},
        max_length=MAX_COLUMNS,
        description="column -> word of the file -> word of the column",
    )
    header_row: int | None = Field(
        default=None, ge=1, le=MAX_ROWS, description="null: found by its names"
    )
    sheet: _Text | None = Field(default=None, description="null: the only one with data")

    @field_validator("columns")
    @classmethod
    def _lead_to_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        for name in columns.values():
            if name != IGNORED:
                _known(name)
        return columns

    @field_validator("constants", "values")
    @classmethod
    def _are_of_columns(cls, said: dict[str, _Said]) -> dict[str, _Said]:
        for name in said:
            if _known(name).secret:  # a mapping is shown to everybody who imports
                raise ValueError(f"{name!r} may hold a secret: it stays in the file")
        return said

    @property
    def is_made(self) -> bool:
        """Somebody said which columns are wanted; whatever else a file has is left out."""
        return bool(self.columns)


NO_MAPPING: Final = ColumnMapping()


def _known(name: str) -> Column:
    if name not in BY_NAME:
        raise ValueError(f"{name!r} is no column of docs/import.md")
    return BY_NAME[name]


class Headers:
    """Tells columns by what a header says: the mapping first, then the names people use."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapped = {folded(header): column for header, column in mapping.columns.items()}

    def column(self, header: str) -> str | None:
        """None: nobody knows it."""
        name = folded(header)
        return self._mapped.get(name, COLUMN_OF.get(name))

    def known(self, headers: Sequence[str]) -> int:
        """How many of a row's cells are names of columns."""
        return len({column for each in headers if (column := self.column(each))})


def words_of(mapping: ColumnMapping) -> dict[str, Mapping[str, str]]:
    """By column: what a folded word of the file stands for."""
    columns = {*WORD_OF, *mapping.values}
    return {
        column: {
            **WORD_OF.get(column, {}),
            **{folded(word): meant for word, meant in mapping.values.get(column, {}).items()},
        }
        for column in columns
    }
