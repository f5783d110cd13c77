"""A migrated SQLite file and a key, as every test of the registry's rooms needs them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry.database import Database
from registry.migrations import migrate
from registry.security.sealing import Sealer, create_key_file
from tests.fakes.clock import FakeClock


@pytest.fixture(scope="session")
def empty_database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def database_url(empty_database_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "camreach.db"
    shutil.copyfile(empty_database_file, path)
    return f"sqlite+aiosqlite:///{path}"


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
