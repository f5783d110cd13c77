"""What is wrong with a file, told so that its author can put it right. It holds no secret."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.security.redaction import redacted_text

MAX_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Row as a spreadsheet counts (from 1), column, what stands there, what should.

    `sheet` and `title` (the column's own name in the file) help whoever has the file open.
    """

    row: int
    column: str
    value: str
    expected: str
    sheet: str = ""
    title: str = ""

    def __str__(self) -> str:
        title = f" ({self.title!r})" if self.title else ""
        place = f"row {self.row}" + (f", {self.column}{title}" if self.column else "")
        place = f"sheet {self.sheet!r}, {place}" if self.sheet else place
        return f"{place}: {self.value!r}, expected {self.expected}"


@dataclass(frozen=True, slots=True, order=True)
class Hint:
    """What a person should look at before the plan is carried out; it stops nothing."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"row {self.row}" + (f", {self.column}: " if self.column else ": ") + self.text


class ImportRefused(Exception):
    """The file was not taken over, not even in part; `problems` names every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_as_read))
        super().__init__("\n".join(map(str, self.problems)))

    def placed(self, sheet: str, titles: Mapping[str, str]) -> ImportRefused:
        """The same, in the words of the file: its sheet and its names of columns."""
        return ImportRefused(
            dataclasses.replace(
                each, sheet=each.sheet or sheet, title=each.title or titles.get(each.column, "")
            )
            for each in self.problems
        )


def _as_read(problem: Problem) -> tuple[int, int, Problem]:
    """Row by row; in a row the columns that have no name of ours from left to right."""
    unnamed = problem.column.startswith("column ")
    return problem.row, len(problem.column) if unnamed else 0, problem


def shown(value: object) -> str:
    """A value for people: short, and without a login that slipped into the wrong column."""
    text = "" if value is None else redacted_text(str(value))
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"
