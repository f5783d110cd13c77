"""How long the registry takes to list cameras by several filters and text, where it has many.

It runs as the service does: uvloop, and what was loaded at the start out of the collector's way.
`python -m benchmarks.listing` measures SQLite and, where it is installed, PostgreSQL.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import uvloop
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.hundred_thousand import DISTRICTS, KINDS, VANTAGE_ID, plant
from benchmarks.table import heading, markdown, median, percentile
from monitor.heap import settle
from registry.api import setup_api
from registry.clock import SystemClock
from registry.database import Database
from registry.migrations import migrate
from registry.sample.names import STREETS
from registry.security.tokens import create_token
from registry.serving import SERVING, Serving
from registry.vocabulary import Role
from tests.fakes.databases import INSTALLED, PostgresqlServer
from tests.fakes.live_view import FakeLiveView

ROUNDS = 40
WORDS = sorted(
    {street.split()[-1] for street in STREETS} | {street.split()[0] for street in STREETS}
)


@dataclass(slots=True)
class Times:
    """Seconds from the request read to the answer made, in the server."""

    spent: list[float] = field(default_factory=list)

    @web.middleware
    async def measure(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        began = time.perf_counter()
        try:
            return await handler(request)
        finally:
            self.spent.append(time.perf_counter() - began)


def _area(chance: random.Random) -> str:
    return f"region/district-{chance.randint(1, DISTRICTS):02}"


Query = Callable[[random.Random], dict[str, str]]
QUERIES: dict[str, Query] = {
    "three filters and text": lambda chance: {
        "kind": chance.choice(KINDS).value,
        "area": _area(chance),
        "state": chance.choice(("reaching", "degraded", "not_reaching")),
        "q": chance.choice(WORDS)[1:],
    },
    "three filters and text, whole region": lambda chance: {
        "kind": chance.choice(KINDS).value,
        "area": "region",
        "state": chance.choice(("reaching", "degraded", "not_reaching")),
        "q": f"{chance.choice(WORDS)} {chance.randint(1, 400)}",
    },
    "state alone, whole region": lambda chance: {"state": "not_reaching"},
    "text alone": lambda chance: {"q": f"{chance.choice(WORDS)} {chance.randint(1, 400)}"},
    "text nobody has": lambda _chance: {"q": "нигде не бывает"},
    "first page, no filter": lambda _chance: {},
}


async def measure(url: str, cameras: int, rounds: int) -> list[tuple[str, float, float, int]]:
    database, times = Database(url), Times()
    began = time.perf_counter()
    await plant(database, cameras)
    print(f"{url.partition(':')[0]}: planted in {time.perf_counter() - began:.0f} s", flush=True)
    clock = SystemClock()
    async with database.write() as session:
        token = await create_token(session, name="bench", role=Role.OPERATOR, now=clock.now())
    app = web.Application(middlewares=[times.measure])
    app[SERVING] = Serving(database, FakeLiveView(), clock, VANTAGE_ID)
    setup_api(app)
    settle()
    found = []
    async with TestClient(TestServer(app)) as client:
        client.session.headers["Authorization"] = f"Bearer {token.text}"
        for name, query in QUERIES.items():
            found.append((name, *await _one(client, times, query, rounds)))
    await database.close()
    return found


async def _one(
    client: TestClient[web.Request, web.Application], times: Times, query: Query, rounds: int
) -> tuple[float, float, int]:
    """Median and p95 in milliseconds, and how many cameras the answers held altogether."""
    chance, items = random.Random(7), 0
    for number in range(rounds + 3):
        if number == 3:  # the first ones fill caches
            times.spent.clear()
            items = 0
        answer = await client.get(f"/api/v1/cameras?{urlencode(query(chance))}")
        assert answer.status == 200, await answer.text()
        items += len((await answer.json())["items"])
    spent = times.spent
    return median(spent) * 1000, percentile(spent, 0.95) * 1000, items


@contextmanager
def _databases(folder: Path, only: str | None) -> Iterator[dict[str, str]]:
    file = {"SQLite": f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}"}
    migrate(file["SQLite"])
    programs = sorted(INSTALLED.glob("*/bin"))
    if only == "SQLite" or not programs:
        yield file
        return
    server = PostgresqlServer(programs[-1])
    try:
        server.start()
        with server.empty(folder) as url:
            yield {"PostgreSQL": url} | ({} if only else file)
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=("PostgreSQL", "SQLite"))
    options = parser.parse_args()
    print(heading(f"{options.cameras:,} cameras, {options.rounds} requests a row"))
    with (
        tempfile.TemporaryDirectory() as folder,
        _databases(Path(folder), options.only) as databases,
    ):
        for name, url in databases.items():
            rows = uvloop.run(measure(url, options.cameras, options.rounds))
            table = [(what, f"{mid:.1f}", f"{p95:.1f}", str(n)) for what, mid, p95, n in rows]
            print(f"\n{markdown((name, 'median ms', 'p95 ms', 'cameras told'), table)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
