"""A migrated, empty database of each kind and a key, for every test of the registry's rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry.database import Database
from registry.security.sealing import Sealer, create_key_file
from tests.fakes.clock import FakeClock


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sealer(tmp_path: Path) -> Sealer:
    def make() -> Sealer:
        create_key_file(tmp_path / "key")
        return Sealer.from_file(tmp_path / "key")

    return await asyncio.to_thread(make)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
