"""The API and the page on a real socket over a real database; tests move clock and live view."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from registry.api import setup_api
from registry.clock import Clock
from registry.database import Database
from registry.security.passwords import Passwords
from registry.security.rates import Rate, Rates
from registry.security.reach import EVERYTHING, Reach
from registry.security.sealing import Sealer
from registry.security.tokens import create_token
from registry.serving import SERVING, Serving
from registry.vocabulary import Role
from registry.web import setup_web
from tests.fakes.clock import FakeClock
from tests.fakes.estate import CONTRACTOR, VANTAGE_ID, Estate
from tests.fakes.live_view import FakeLiveView

SEALER = Sealer([b"B" * 43 + b"="])
_ANY = Rate(burst=1e9, per_second=1.0)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # as guarded, at no price
Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True, slots=True)
class Service:
    client: Client
    database: Database
    live: FakeLiveView
    clock: Clock
    tokens: dict[Role, str]

    def bearer(self, role: Role = Role.VIEWER) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    @property
    def fake_clock(self) -> FakeClock:
        assert isinstance(self.clock, FakeClock)
        return self.clock

    @asynccontextmanager
    async def planting(self) -> AsyncIterator[Estate]:
        async with self.database.write() as session:
            yield Estate(session, self.clock.now())

    async def issue(self, role: Role, reach: Reach = EVERYTHING) -> dict[str, str]:
        """Headers with a new token of that reach."""
        now = self.clock.now()
        async with self.database.write() as session:
            new = await create_token(session, name=f"a {role}", role=role, now=now, reach=reach)
        return {"Authorization": f"Bearer {new.text}"}

    async def plant_contractor(self) -> None:
        """Who looks after the cameras of the city, with a token like every other role."""
        async with self.planting() as plant:
            await plant.contractor()
        headers = await self.issue(Role.CONTRACTOR, Reach(contractor=CONTRACTOR))
        self.tokens[Role.CONTRACTOR] = headers["Authorization"].removeprefix("Bearer ")

    async def log_in(self, role: Role = Role.VIEWER) -> None:
        """Gives the client a session cookie, as a browser gets it."""
        answer = await self.client.post(
            "/login",
            data={"token": self.tokens[role], "next": "/"},
            headers={"Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        )
        assert answer.status == 303, await answer.text()


@asynccontextmanager
async def service_at(
    database_url: str, clock: Clock | None = None, rates: Rates | None = None
) -> AsyncIterator[Service]:
    """With the places of `Estate` and a token of every role but contractor, and no camera yet."""
    database = Database(database_url)
    live, clock = FakeLiveView(), clock or FakeClock()
    async with database.write() as session:
        await Estate(session, clock.now()).places()
        tokens: dict[Role, str] = {
            role: (await create_token(session, name=f"a {role}", role=role, now=clock.now())).text
            for role in Role
            if role is not Role.CONTRACTOR
        }
    app = web.Application()
    app[SERVING] = Serving(
        database,
        live,
        clock,
        VANTAGE_ID,
        version="1.2.3",
        sealer=SEALER,
        rates=rates or Rates(_ANY, _ANY),
        passwords=Passwords(QUICK, QUICK.hash("nobody's")),
    )
    setup_api(app)
    setup_web(app)
    async with TestClient(TestServer(app)) as client:
        yield Service(client, database, live, clock, tokens)
    await database.close()
