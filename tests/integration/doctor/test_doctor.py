"""What the doctor says of a sound installation, and of each thing that can be wrong with one."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from monitor.doctor import machine
from monitor.doctor.checked import Grade
from registry.clock import SystemClock
from registry.database import Database, upsert
from registry.estate import ensure_vantage
from registry.history import row_of_heartbeat
from registry.models import Feed
from registry.security.sealing import create_key_file
from tests.fakes.databases import PASSWORD
from tests.integration.doctor.conftest import failures

pytestmark = pytest.mark.timeout(60)


async def test_nothing_fails_on_a_sound_installation_and_nothing_is_changed(installation):
    before = installation.key_file.read_bytes()

    lines = await installation.examine()

    assert failures(lines) == {}
    assert lines["camera logins"].said == "all 2 open"
    assert lines["DNS"].said == "all 1 names resolve"
    assert lines["probe.allow_networks"].said.startswith("holds all 2 hosts")
    assert "sandbox" not in lines["decoder child"].said
    assert installation.key_file.read_bytes() == before


async def test_logins_that_the_key_does_not_open_are_named(installation):
    installation.key_file.unlink()
    await asyncio.to_thread(create_key_file, installation.key_file)

    wrong = failures(await installation.examine())

    assert set(wrong) == {"camera logins"}
    assert wrong["camera logins"].said.startswith("2 of 2 do not open")
    assert "word" not in str(wrong)


async def test_feeds_outside_the_allowed_networks_are_counted(installation):
    wrong = failures(await installation.examine(probe={"allow_networks": ["127.0.0.0/8"]}))

    assert set(wrong) == {"probe.allow_networks"}
    assert wrong["probe.allow_networks"].said == "1 feeds on 1 hosts lie outside: '198.18.0.1'"


async def test_no_allowed_network_at_all_is_said(installation):
    wrong = failures(await installation.examine(probe={"allow_networks": []}))

    assert "empty" in wrong["probe.allow_networks"].said


async def test_a_name_that_does_not_resolve_is_named(installation):
    database = Database(installation.url)
    async with database.write() as session:
        await session.execute(
            sa.update(Feed)
            .where(Feed.url.contains("localhost"))
            .values(url="rtsp://gone.invalid/1")
        )
    await database.close()

    wrong = failures(await installation.examine())

    assert set(wrong) == {"DNS"}
    assert "'gone.invalid'" in wrong["DNS"].said


async def test_a_sign_of_life_from_the_future_says_that_the_clock_went_back(installation):
    database, now = Database(installation.url), SystemClock().now()
    async with database.write() as session:
        vantage_id = await ensure_vantage(session, "main", "main")
        beat = row_of_heartbeat(vantage_id, now, now + timedelta(hours=2))
        await (await session.connection()).run_sync(upsert, beat)
    await database.close()

    wrong = failures(await installation.examine())

    assert set(wrong) == {"clock"}
    assert "timedatectl" in wrong["clock"].fix


async def test_a_key_file_that_others_read_comes_with_its_chmod(installation):
    installation.key_file.chmod(0o644)

    wrong = failures(await installation.examine())

    line = wrong[f"key file {installation.key_file}"]
    assert str(line) == (
        f"FAIL  key file {installation.key_file}: mode 0644, others could read it; "
        f"fix: chmod 600 {installation.key_file}"
    )


async def test_a_missing_key_file_is_not_made(installation):
    installation.key_file.unlink()

    lines = await installation.examine()

    assert lines[f"key file {installation.key_file}"].grade is Grade.WARN
    assert not installation.key_file.exists()


async def test_a_database_without_schema_is_sent_to_migrate(installation, databases, tmp_path):
    folder = tmp_path / "blank"
    folder.mkdir()
    with databases.blank(folder) as url:
        blank = type(installation)(url, installation.key_file)
        lines = await blank.examine()

    assert "camreach migrate" in lines["database schema"].fix
    assert "camera logins" not in lines
    assert list(folder.iterdir()) == []


async def test_a_server_that_refuses_is_one_line_without_the_password(
    installation, postgresql_server, tmp_path
):
    with postgresql_server.blank(tmp_path) as url:
        refused = type(installation)(url.replace(PASSWORD, "wrong-horse"), installation.key_file)
        wrong = failures(await refused.examine())

    assert set(wrong) == {"database"}
    assert "password authentication failed" in str(wrong["database"])
    assert "horse" not in str(wrong)


def damage(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.seek(file.stat().st_size // 4)
        raw.write(os.urandom(file.stat().st_size // 2))


@pytest.mark.parametrize("databases", ["sqlite_files"], indirect=True, ids=["sqlite"])
async def test_a_damaged_file_is_sent_to_restore(installation):
    await asyncio.to_thread(damage, Path(installation.url.partition("///")[2]))

    wrong = failures(await installation.examine())

    assert "database" in wrong
    assert "restore" in wrong["database"].fix


async def test_a_port_held_by_another_program_fails_and_one_held_by_camreach_does_not(
    installation,
):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        wrong = failures(await installation.examine(service={"port": port}))
    assert "Address already in use" in wrong[f"port {port}"].said

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    async with TestServer(app, host="127.0.0.1") as server:
        port = server.port
        lines = await installation.examine(service={"port": port})
    assert lines[f"port {port}"].said == "camreach answers on 127.0.0.1"


def test_too_few_open_files_name_both_ways_to_raise_them(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))

    line = machine.check_open_files(2000)

    assert line.grade is Grade.FAIL
    assert "ulimit -Hn 6256, or LimitNOFILE=6256" in line.fix


def test_a_folder_that_is_not_there_is_named(tmp_path):
    line = machine.check_disk(tmp_path / "nowhere")

    assert (line.grade, line.fix) == (Grade.FAIL, f"mkdir -p {tmp_path / 'nowhere'}")
