"""One monitor a database, on both databases."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from registry.backup import BackupRefused, back_up, restore_backup
from registry.database import Database
from registry.holding import HeldElsewhere, held
from tests.fakes.clock import FakeClock


async def test_a_second_monitor_is_turned_away_until_the_first_ends(database_url):
    async with held(database_url):
        with pytest.raises(HeldElsewhere, match="is in use: another camreach"):
            async with held(database_url):
                pass

    async with held(database_url):
        pass


async def test_what_a_monitor_holds_is_not_replaced(database_url, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    await asyncio.to_thread(back_up, database_url, archive, version="1", now=FakeClock().now())
    async with held(database_url):
        with pytest.raises(BackupRefused, match="in use"):
            await asyncio.to_thread(
                restore_backup, database_url, archive, key_file=tmp_path / "key", replace=True
            )


async def test_a_hold_that_a_restart_of_the_server_ended_ends_quietly(postgresql_server, tmp_path):
    with postgresql_server.empty(tmp_path) as url:
        database = Database(url)
        async with held(url), database.read() as session:
            await session.execute(
                sa.text(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
        async with held(url):
            pass
        await database.close()
