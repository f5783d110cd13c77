"""One line of the doctor: what was looked at, what was seen, what to do. It looks at nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works; somebody should know
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Checked:
    about: str
    grade: Grade
    said: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.grade:<4}  {self.about}: {self.said}"
        return f"{line}; fix: {self.fix}" if self.fix else line


def ok(about: str, said: str) -> Checked:
    return Checked(about, Grade.OK, said)


def warn(about: str, said: str, fix: str) -> Checked:
    return Checked(about, Grade.WARN, said, fix)


def fail(about: str, said: str, fix: str) -> Checked:
    return Checked(about, Grade.FAIL, said, fix)
