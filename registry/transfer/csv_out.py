"""Rows of an export as CSV. It decides nothing about what is exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

from registry.transfer.columns import Column
from registry.transfer.taken import Taken


class CsvFile:
    """Who took it stands below the rows."""

    def __init__(self, columns: Sequence[Column], taken: Taken, out: BinaryIO) -> None:
        names = [column.name for column in columns]
        self._text = io.TextIOWrapper(out, "utf-8", newline="")
        self._writer = csv.DictWriter(self._text, names, lineterminator="\r\n", restval="")
        self._last = {names[0]: taken.watermark}
        self._writer.writeheader()

    def add(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._writer.writerows(rows)

    def finish(self) -> None:
        self._writer.writerow(self._last)
        self._text.detach()
