"""What is wrong with a file, told so that its author can put it right. It holds no secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.security.redaction import redacted_text

MAX_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Row as a spreadsheet counts (the header is row 1), column, what stands there, what should."""

    row: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = f"row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.value!r}, expected {self.expected}"


class ImportRefused(Exception):
    """The file was not taken over, not even in part; `problems` names every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def shown(value: object) -> str:
    """A value for people: short, and without a login that slipped into the wrong column."""
    text = "" if value is None else redacted_text(str(value))
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"
