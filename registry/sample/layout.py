"""Rows of a sample, and the sheet they become. It knows the format, not the region."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from registry.transfer.cells import written
from registry.transfer.columns import COLUMNS

Cells: TypeAlias = Mapping[str, object]


def sheet(rows: Iterable[Cells]) -> str:
    """CSV text in the columns of the format, those that no row uses left out."""
    rows = list(rows)
    used = {name for row in rows for name, value in row.items() if value not in (None, "")}
    names = [column.name for column in COLUMNS if column.name in used]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: written(value) for name, value in row.items()} for row in rows)
    return out.getvalue()
