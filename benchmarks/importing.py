"""How long an inventory of 20,000 rows takes to come in and to go out, and how much memory.

Each case runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import openpyxl

from benchmarks.table import heading, markdown
from registry.clock import SystemClock
from registry.database import Database
from registry.migrations import migrate
from registry.security.sealing import Sealer
from registry.transfer import Format, apply_plan, export_inventory, plan_import
from registry.transfer.table import read_table
from tests.fakes.databases import INSTALLED, PostgresqlServer

ROWS = 20_000
_SEALER = Sealer([b"B" * 43 + b"="])
_HEADER = (
    *("camera", "area", "kind", "camera_name", "importance", "lifecycle", "site", "address"),
    *("sector", "latitude", "longitude", "serial", "mac", "vendor", "model", "installed_from"),
    *("feed", "url", "hop", "delivers_to", "codec", "width", "height", "fps"),
)
_PLACES = (
    ("camera", "area", "area_name", "time_zone", "delivers_to", "center_name", "center_kind"),
    ("", "reg", "Region", "Asia/Almaty", "cou", "Operations center", "operations_center"),
)
_STEPS = ("read", "read and plan", "apply", "plan of the same again", "export")


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Two feeds a camera, four cameras a site, every column of a well-kept register filled."""
    yield _HEADER
    for number in range(count // 2):
        common = _camera(number)
        host = f"198.18.{number // 250 % 250}.{number % 250}"
        for feed, stream, center, size in (
            ("main", "101", "cou", ("1920", "1080")),
            ("sub", "102", "", ("640", "360")),
        ):
            url = f"rtsp://op:word@{host}/Streaming/Channels/{stream}"
            yield (*common, feed, url, "camera", center, "h264", *size, "25")


def _camera(number: int) -> tuple[str, ...]:
    site = number // 4
    return (
        *(f"K-{number:05}", "reg", "street", f"Камера {number}", "normal", "in_service"),
        *(f"s-{site}", f"ул. Абая, {site}", "street"),
        *(f"{43 + site % 90 / 100:.4f}", f"{76 + site % 97 / 100:.4f}"),
        *(f"SN{number:08}", f"00408c{number:06x}", "Hikvision", "DS-2CD2143", "2024-11-22"),
    )


def as_csv(table: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def as_xlsx(table: Iterable[tuple[str, ...]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Cameras")
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _now() -> tuple[float, float]:
    """On the wall, and of this process's own CPU: a server's is not in it."""
    return time.perf_counter(), time.process_time()


async def measure(url: str, data: bytes, form: Format) -> list[tuple[float, float]]:
    """Seconds of each step, on the wall and of CPU."""
    database, clock = Database(url), SystemClock()
    places = await plan_import(database, as_csv(_PLACES), sealer=_SEALER, clock=clock)
    _ = await apply_plan(database, places, sealer=_SEALER, clock=clock)
    laps = [_now()]
    _ = await asyncio.to_thread(read_table, data)
    laps.append(_now())
    plan = await plan_import(database, data, sealer=_SEALER, clock=clock)
    laps.append(_now())
    _ = await apply_plan(database, plan, sealer=_SEALER, clock=clock)
    laps.append(_now())
    again = await plan_import(database, data, sealer=_SEALER, clock=clock)
    laps.append(_now())
    _ = await export_inventory(database, io.BytesIO(), form, who="bench", clock=clock)
    laps.append(_now())
    await database.close()
    assert again.is_empty
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(laps)]


def child(url: str, file: Path) -> None:
    """One case; its seconds and its peak of memory as JSON on standard output."""
    seconds = asyncio.run(measure(url, file.read_bytes(), Format(file.suffix[1:])))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, peak_mb]))


def case(name: str, url: str, file: Path) -> list[str]:
    migrate(url)
    command = [sys.executable, "-m", "benchmarks.importing", "--case", url, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak_mb = json.loads(done.stdout)
    whole = tuple(sum(each) for each in zip(*seconds[1:3], strict=True))
    figures = [f"{wall:.1f} ({cpu:.1f})" for wall, cpu in (*seconds, whole)]
    print(name, *figures, file=sys.stderr, flush=True)
    return [name, *figures, f"{peak_mb:.0f}"]


def cases(count: int, folder: Path) -> Iterator[list[str]]:
    files = {Format.CSV: as_csv(rows(count)), Format.XLSX: as_xlsx(rows(count))}
    programs = sorted(path.parent for path in INSTALLED.glob("*/bin/initdb"))
    server = PostgresqlServer(programs[-1]) if programs else None
    try:
        if server is not None:
            server.start()
        for form, data in files.items():
            file = folder / f"cameras.{form}"
            file.write_bytes(data)
            yield case(f"SQLite, {form}", f"sqlite+aiosqlite:///{folder}/{form}", file)
            if server is not None:
                with server.blank(folder) as url:
                    yield case(f"PostgreSQL, {form}", url, file)
    finally:
        if server is not None:
            server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--case", nargs=2, metavar=("URL", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        child(arguments.case[0], Path(arguments.case[1]))
        return
    print(f"{heading()}; {arguments.rows} rows, seconds (of CPU)")
    print()
    with tempfile.TemporaryDirectory() as folder:
        told = list(cases(arguments.rows, Path(folder)))
    print(markdown(("case", *_STEPS, "import in all", "peak MB"), told))


if __name__ == "__main__":
    main()
