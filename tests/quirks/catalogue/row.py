"""What one row of the catalogue says. Holds no rows, and nothing of how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Reason


class Verdict(StrEnum):
    TOLERATED = "taken as it is"
    NOTED = "noted"
    FAILS = "told as a reason"
    OURS = "kept by us"  # a rule for our own side
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is Q01 to Q146, or S01 and on for what no catalogue of others covers."""

    number: str
    verdict: Verdict
    seen: str  # in the words of who stands before the camera
    cameras: str  # families it was seen at; empty: any
    does: str  # what camreach does; for what is not applicable, why
    quirk: Quirk | None = None  # the word it is noted as
    reasons: tuple[Reason, ...] = ()  # since which the look fails, if it does


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    rows: tuple[Row, ...]
    on_sockets: bool = False  # each row also has a case against a camera on a real socket


def tolerated(number: str, seen: str, cameras: str, does: str, *reasons: Reason) -> Row:
    return Row(number, Verdict.TOLERATED, seen, cameras, does, None, reasons)


def noted(number: str, quirk: Quirk, seen: str, cameras: str, does: str, *reasons: Reason) -> Row:
    return Row(number, Verdict.NOTED, seen, cameras, does, quirk, reasons)


def fails(number: str, seen: str, cameras: str, does: str, *reasons: Reason) -> Row:
    return Row(number, Verdict.FAILS, seen, cameras, does, None, reasons)


def ours(number: str, seen: str, cameras: str, does: str, *reasons: Reason) -> Row:
    return Row(number, Verdict.OURS, seen, cameras, does, None, reasons)


def not_applicable(number: str, seen: str, cameras: str, why: str) -> Row:
    return Row(number, Verdict.NOT_APPLICABLE, seen, cameras, why)
