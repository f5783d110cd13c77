from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.service import Service, service_at


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with service_at(tmp_path) as service:
        yield service
