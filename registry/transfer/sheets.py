"""What is common to every kind of spreadsheet: a named grid of texts. It knows no column."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.transfer.problems import ImportRefused, Problem, shown

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 300
MAX_CELL_CHARS = 4_000
MAX_SHEETS = 50


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell that could not be read for what it is; row and position count from 0."""

    row: int
    position: int
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`lossy`: saved in an encoding that turns letters it lacks into question marks.

    `needs`: columns that must be there.
    """

    name: str
    rows: list[list[str]] = field(repr=False)
    lossy: bool = False
    flaws: tuple[Flaw, ...] = ()
    needs: tuple[str, ...] = ("camera", "area")

    @property
    def has_data(self) -> bool:
        return any(map(is_filled, self.rows))


def is_filled(record: list[str]) -> bool:
    return any(cell and not cell.isspace() for cell in record)


def refused(row: int, column: str, value: str, expected: str, sheet: str = "") -> ImportRefused:
    return ImportRefused([Problem(row, column, shown(value), expected, sheet)])
