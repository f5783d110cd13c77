from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.service import Service, service_at


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with service_at(database_url) as service:
        yield service
