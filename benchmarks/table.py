"""What every benchmark prints: when and where it ran, and Markdown tables to paste.

It measures nothing.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path


def heading(*versions: str) -> str:
    """Date, machine, and how busy others kept it: a figure means nothing without them."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return "; ".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"{_processor()}, {os.cpu_count()} cores",
            f"load before the run {load}",
            f"Python {platform.python_version()}",
            *versions,
        )
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are figures."""
    cells = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    rule = [
        "-" * width if at == 0 else "-" * (width - 1) + ":"
        for at, width in enumerate(max(3, width) for width in widths)
    ]
    lines = []
    for row in (cells[0], rule, *cells[1:]):
        texts = [
            text.ljust(max(3, width)) if at == 0 else text.rjust(max(3, width))
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(texts)} |")
    return "\n".join(lines)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below that share of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
