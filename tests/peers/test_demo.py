"""The main job: a fleet with every scripted fault, the real service, a real Prometheus.

The demo runs once for all tests of this file; the first waits until every fault was found.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from monitor.demo import CAMERAS, Demo, open_demo
from registry.look import FeedKey
from registry.vocabulary import WORDS, Reason
from tests.conftest import program
from tests.fakes.dashboard import dashboard_queries
from tests.fakes.prometheus_server import Job, PrometheusServer, running_prometheus

pytestmark = [
    pytest.mark.peer,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

TOLD_WITHIN_S = 5.0  # scrape interval, write batch, and this test's own question


@dataclass
class Witness:
    """The running demo, and what a real Prometheus was told of it."""

    demo: Demo
    prometheus: PrometheusServer
    http: aiohttp.ClientSession
    folder: Path
    started_s: float
    told_after_s: dict[FeedKey, float] = field(default_factory=dict)

    @property
    def script(self):
        return self.demo.script

    def expected(self, key: FeedKey) -> Reason | None:
        reason: Reason | None = self.script.fault(key).reason
        return reason

    @property
    def healthy(self) -> set[FeedKey]:
        return {key for key in self.script.behaviours if self.expected(key) is None}

    async def get(self, path: str) -> aiohttp.ClientResponse:
        headers = {"Authorization": f"Bearer {self.demo.token}"}
        return await self.http.get(self.demo.house.url + path, headers=headers)

    async def watch(self) -> None:
        """Until Prometheus was told of every feed what the script says, or time is over."""
        latest_s = max(map(self.script.latest_s, self.script.behaviours))
        while len(self.told_after_s) < len(self.script.behaviours):
            said = await self.reasons()
            elapsed_s = time.monotonic() - self.started_s
            for key in self.script.behaviours.keys() & said.keys() - self.told_after_s.keys():
                if said[key] == self.expected(key):
                    self.told_after_s[key] = elapsed_s
            if elapsed_s > latest_s + TOLD_WITHIN_S:
                break
            await asyncio.sleep(0.5)

    async def reasons(self) -> dict[FeedKey, str | None]:
        """What Prometheus knows of each feed: its reason, or None where it is up."""
        reasons = await self.prometheus.instant("camreach_feed_reason == 1")
        up = await self.prometheus.instant("camreach_feed_up == 1")  # frames advance
        live = {_key(sample.labels): None for sample in up}
        return live | {_key(s.labels): s.labels["reason"] for s in reasons}


def _key(labels) -> FeedKey:
    return FeedKey(labels["camera"], labels["feed"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def witness(tmp_path_factory) -> AsyncIterator[Witness]:
    folder = tmp_path_factory.mktemp("demo")
    async with open_demo(CAMERAS, 0, folder) as demo, aiohttp.ClientSession() as http:
        started_s = time.monotonic()
        target = demo.house.url.removeprefix("http://")
        jobs = [
            Job("camreach", target),
            Job("camreach-cameras", target, metrics_path="/metrics/cameras"),
        ]
        async with running_prometheus(
            program("prometheus"), tmp_path_factory.mktemp("prometheus"), jobs
        ) as prometheus:
            seen = Witness(demo, prometheus, http, folder, started_s)
            await seen.watch()
            yield seen


async def test_every_feed_was_told_right_within_its_stated_time(witness):
    silent = witness.script.behaviours.keys() - witness.told_after_s.keys()
    late = {
        str(key): (after_s, witness.script.latest_s(key))
        for key, after_s in witness.told_after_s.items()
        if after_s > witness.script.latest_s(key) + TOLD_WITHIN_S
    }

    said = await witness.reasons()
    assert {str(key): (said.get(key), witness.expected(key)) for key in silent} == {}
    assert late == {}


async def test_no_healthy_feed_was_ever_called_down(witness):
    called_down = await witness.prometheus.instant(
        'max_over_time(camreach_feed_reason{reason!="not_probed"}[15m]) == 1'
    )
    named = {_key(sample.labels) for sample in called_down}

    assert named, "the faults at least were called down"
    assert named & witness.healthy == set()


async def test_every_healthy_camera_reaches(witness):
    reaching = await witness.prometheus.instant("camreach_delivery_reaching == 1")
    reached = {sample.labels["camera"] for sample in reaching}

    delivered = {
        delivery.path[0]
        for delivery in witness.demo.house.knowledge.estate.deliveries
        if delivery.path
    }
    assert {key.camera for key in witness.healthy & delivered} <= reached


async def test_the_database_agrees(witness):
    await asyncio.sleep(1.5)  # one more batch

    rows = await asyncio.to_thread(_rows_of, witness.folder / "camreach.sqlite")
    said = await witness.reasons()
    wrong = {
        str(key): (rows[key], said[key]) for key in witness.told_after_s if rows[key] != said[key]
    }
    assert wrong == {}


async def test_history_never_called_a_healthy_feed_down(witness):
    downs = await asyncio.to_thread(_downs_of, witness.folder / "camreach.sqlite")

    assert downs & witness.healthy == set()
    assert downs != set()


async def test_the_api_agrees(witness):
    wrong = {}
    for key in witness.told_after_s:
        response = await witness.get(f"/api/v1/cameras/{key.camera}")
        camera = await response.json()
        feeds = {feed["id"]: feed["reason"] for feed in camera["feeds"]}
        if feeds[key.feed] != witness.expected(key):
            wrong[str(key)] = feeds[key.feed]

    assert wrong == {}


async def test_the_page_says_it_in_words(witness):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        url = witness.demo.house.url
        response = await browser.post(
            f"{url}/login",
            data={"token": witness.demo.token},
            headers={"Origin": url, "Accept-Language": "en"},
        )
        assert response.status == 200
        wrong = []
        for key, behaviour in witness.script.behaviours.items():
            reason = witness.expected(key)
            if reason is None:
                continue
            page = await (await browser.get(f"{url}/cameras/{key.camera}")).text()
            if WORDS[reason].label.en not in page:
                wrong.append((str(key), behaviour, WORDS[reason].label.en))

    assert wrong == []


async def test_promtool_has_nothing_to_say(witness):
    for path in ("/metrics", "/metrics/cameras"):
        page = await (await witness.get(path)).read()
        checked = await asyncio.create_subprocess_exec(
            program("promtool"), "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT
        )
        said, _ = await checked.communicate(page)
        assert (path, checked.returncode, said) == (path, 0, b"")


async def test_every_dashboard_query_returns_data(witness):
    empty = [
        (query.panel, query.expr)
        for query in dashboard_queries()
        if not await witness.prometheus.instant(query.expr)
    ]

    assert empty == []


async def test_a_camera_that_asks_for_basic_receives_no_secret(witness):
    stats = await witness.demo.fleet.stats()

    assert stats.totals.basic_requests == 0
    assert stats.totals.signed_requests > 0


async def test_a_rejected_login_is_sent_once(witness):
    stats = await witness.demo.fleet.stats()
    (rejecting,) = [key for key, b in witness.script.behaviours.items() if b == "rejects_login"]

    assert stats.cameras[str(rejecting)].signed_requests == 1


async def test_no_session_is_left_on_a_camera(witness):
    stats = await witness.demo.fleet.stats()

    assert stats.totals.sessions_left_behind == 0


async def test_a_lost_picture_is_placed_on_its_path(witness):
    (place,) = await witness.prometheus.instant(
        'camreach_delivery_failing_at{camera="yard-02"} == 1'
    )

    assert place.labels["at"] == "link"


async def test_nothing_that_is_told_holds_a_secret(witness):
    secret = next(iter(witness.demo.house.knowledge.feeds.values())).target.login.password
    paths = ["/metrics", "/metrics/cameras", "/api/v1/cameras", "/api/v1/cameras/street-002"]
    for path in paths:
        body = await (await witness.get(path)).text()
        assert secret not in body


def _rows_of(path: Path) -> dict[FeedKey, str | None]:
    query = (
        "select camera.code, feed.name, feed_status.reason from feed_status"
        " join feed on feed.id = feed_id join camera on camera.id = camera_id"
    )
    with sqlite3.connect(path) as connection:
        return {FeedKey(code, feed): reason for code, feed, reason in connection.execute(query)}


def _downs_of(path: Path) -> set[FeedKey]:
    query = (
        "select camera.code, feed.name from feed_interval join feed on feed.id = feed_id"
        " join camera on camera.id = camera_id where feed_interval.state = 'down'"
    )
    with sqlite3.connect(path) as connection:
        return {FeedKey(code, feed) for code, feed in connection.execute(query)}
