"""Who asks too often waits: each for himself, strangers by their address."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from registry.security.rates import Buckets, Rate, Rates
from registry.transfer.cells import time_zones
from registry.vocabulary import Role
from tests.fakes.service import Service, service_at

RATE = Rate(burst=2, per_second=0.5)


@pytest.fixture
async def busy(sqlite_files, tmp_path) -> AsyncIterator[Service]:
    with sqlite_files.empty(tmp_path) as url:
        async with service_at(url, rates=Rates(RATE, RATE, stale=RATE)) as service:
            yield service


async def statuses(service: Service, count: int, headers: dict[str, str]) -> list[int]:
    return [
        (await service.client.get("/api/v1/reasons", headers=headers)).status for _ in range(count)
    ]


async def test_time_zones_are_read_when_the_service_starts(sqlite_files, tmp_path):
    """From files, and in a thread: a request that names one must not do it on the loop."""
    time_zones.cache_clear()
    with sqlite_files.empty(tmp_path) as url:
        async with service_at(url):
            assert time_zones.cache_info().currsize == 1


async def test_a_token_waits_and_others_do_not(busy: Service):
    assert await statuses(busy, 3, busy.bearer(Role.VIEWER)) == [200, 200, 429]
    assert await statuses(busy, 1, busy.bearer(Role.OPERATOR)) == [200]

    refused = await busy.client.get("/api/v1/reasons", headers=busy.bearer(Role.VIEWER))
    assert refused.headers["Retry-After"] == "2"
    assert refused.content_type == "application/problem+json"
    busy.fake_clock.jump(2)
    assert await statuses(busy, 2, busy.bearer(Role.VIEWER)) == [200, 429]


async def test_wrong_tokens_slow_their_address_and_nobody_who_is_known(busy: Service):
    wrong = {"Authorization": "Bearer x.y"}

    assert await statuses(busy, 3, wrong) == [401, 401, 429]
    assert await statuses(busy, 1, busy.bearer()) == [200]


async def test_sessions_that_are_none_slow_their_address_and_nobody_who_is_known(busy: Service):
    wrong = {"Cookie": "camreach_session=x"}

    assert await statuses(busy, 3, wrong) == [401, 401, 429]
    assert await statuses(busy, 1, busy.bearer()) == [200]


def test_the_table_of_callers_does_not_grow_without_end():
    buckets = Buckets(Rate(burst=1, per_second=1))

    for number in range(20_000):
        buckets.take(f"t{number}", 0.0)

    assert buckets.take("t19999", 0.0) == 1
    assert buckets.take("t0", 0.0) == 0  # forgotten, and granted afresh
    assert len(buckets._left) <= 10_000
