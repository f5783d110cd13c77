"""Who may scrape: loopback and listed networks freely, whoever comes through a proxy by token."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.config import build
from monitor.http import TELLING, Health, Telling, build_app
from monitor.self_metrics import SelfMetrics
from registry.look import Look
from registry.security.tokens import create_token
from registry.serving import Serving
from registry.vocabulary import Depth, Hop, Reason, Role
from tests.fakes.live_view import FakeLiveView
from tests.integration.monitor.conftest import CAMERA

FORWARDED = {"X-Forwarded-For": "198.51.100.7"}


@pytest.fixture
async def client(monitor):
    wrong: list[str] = []
    telling = Telling(
        monitor.knowledge,
        monitor.exposition,
        SelfMetrics("0"),
        Health(lambda: wrong[0] if wrong else None, lambda: None),
        build().metrics,
    )
    serving = Serving(monitor.database, FakeLiveView(), monitor.clock, monitor.vantage_id)
    async with TestClient(TestServer(build_app(serving, telling))) as client:
        client.wrong = wrong  # type: ignore[attr-defined]
        yield client


async def token(monitor, role: Role) -> dict[str, str]:
    async with monitor.database.write() as session:
        issued = await create_token(session, name="t", role=role, now=monitor.clock.now())
    return {"Authorization": f"Bearer {issued.text}"}


@pytest.mark.parametrize("path", ["/metrics", "/metrics/cameras"])
async def test_loopback_scrapes_freely_and_a_proxy_does_not(client, path):
    assert (await client.get(path)).status == 200
    refused = await client.get(path, headers=FORWARDED)
    assert refused.status == 401
    assert "camreach token create" in await refused.text()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((name, 200) for name in ("localhost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080")),
        *((name, 401) for name in ("rebound.example", "198.51.100.7:80", "localhost.example", "")),
    ],
)
async def test_loopback_asks_for_a_name_of_loopback(client, host: str, status: int):
    """A page of another site can make its own name lead here."""
    assert (await client.get("/metrics", headers={"Host": host})).status == status


async def test_a_scrape_token_opens_the_metrics_and_a_viewers_does_not(client, monitor):
    scraper = FORWARDED | await token(monitor, Role.SCRAPE)
    viewer = FORWARDED | await token(monitor, Role.VIEWER)

    assert (await client.get("/metrics/cameras", headers=scraper)).status == 200
    assert (await client.get("/metrics/cameras", headers=viewer)).status == 401


async def test_a_scrape_token_opens_nothing_else(client, monitor):
    scraper = await token(monitor, Role.SCRAPE)

    assert (await client.get("/api/v1/cameras", headers=scraper)).status == 403


@pytest.mark.parametrize("shard", ["2/2", "x/2", "-1/2", "1", "0/0", "0/99999"])
async def test_a_shard_that_is_none_is_refused_by_name(client, shard):
    refused = await client.get("/metrics/cameras", params={"shard": shard})

    assert refused.status == 400
    assert "shard" in await refused.text()


async def test_a_large_page_is_packed_for_who_can_unpack_it(client, monitor):
    plain = await client.get("/metrics", headers={"Accept-Encoding": "identity"})
    packed = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "camreach_build_info" in await packed.text()


async def test_health_says_what_is_wrong(client):
    assert (await client.get("/healthz")).status == 200
    client.wrong.append("nothing was written for 40 s")

    failing = await client.get("/healthz")
    assert failing.status == 503
    assert (await failing.json())["why"] == "nothing was written for 40 s"


async def test_the_bill_counts_bytes_sessions_and_logins_by_hop(client, monitor):
    metrics = client.app[TELLING].self_metrics
    look = Look(
        depth=Depth.LIVENESS,
        started_at=monitor.clock.now(),
        duration_s=0.5,
        transport="tcp",
        bytes_received=40_000,
        signed_attempt=True,
    )
    turned_away = replace(look, transport=None, bytes_received=300, failure=Reason.BUSY)
    monitor.good(CAMERA)

    for seen in (look, look, turned_away):
        metrics.looked(seen, Hop.RECORDER, 0.0)
    page = await (await client.get("/metrics")).text()

    assert 'camreach_received_bytes_total{hop="recorder"} 80300.0' in page
    assert 'camreach_sessions_total{hop="recorder"} 2.0' in page
    assert 'camreach_logins_total{hop="recorder"} 3.0' in page
    assert 'camreach_fleet_feeds{hop="camera"} 2' in page
