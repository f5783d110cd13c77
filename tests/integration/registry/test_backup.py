"""Backups on both databases: what is in them, what is refused, and that it comes back whole."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from registry.backup import BackupRefused, Manifest, back_up, restore_backup
from registry.database import Database
from registry.migrations import schema_at
from registry.models import Contractor, Program
from registry.security.sealing import create_key_file
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()
T = TypeVar("T")
Files = dict[str, bytes]
Said = dict[str, Any]


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "camreach.key"
    create_key_file(path)
    return path


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backup.tar.gz"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def plant(url: str, *codes: str) -> None:
    async def planting() -> None:
        database = Database(url)
        async with database.write() as session:
            session.add_all(Program(code=code, name=f"Программа {code}") for code in codes)
        await database.close()

    run(planting())


def programs(url: str) -> list[str]:
    async def reading() -> list[str]:
        database = Database(url)
        async with database.read() as session:
            codes = list(await session.scalars(sa.select(Program.code).order_by(Program.code)))
        await database.close()
        return codes

    return run(reading())


def make(url: str, target: Path, **options: Any) -> Manifest:
    return back_up(url, target, version="1.2.3", now=NOW, **options)


def put_back(url: str, target: Path, tmp_path: Path, **options: Any) -> Manifest:
    return restore_backup(url, target, key_file=tmp_path / "camreach.key", **options)


def test_a_backup_brings_back_what_was_there(database_url, target, tmp_path):
    plant(database_url, "before")
    made = make(database_url, target)
    plant(database_url, "after")

    restored = put_back(database_url, target, tmp_path, replace=True)

    assert programs(database_url) == ["before"]
    assert restored == made
    assert (made.camreach, made.made_at, made.has_key) == ("1.2.3", NOW, False)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.glob(".*")) == []
    plant(database_url, "later")  # numbers of rows go on where they were
    assert programs(database_url) == ["before", "later"]


def test_a_backup_goes_into_a_database_without_tables(databases, database_url, target, tmp_path):
    plant(database_url, "a")
    make(database_url, target)
    other = tmp_path / "other"
    other.mkdir()

    with databases.blank(other) as elsewhere:
        put_back(elsewhere, target, tmp_path)

        assert programs(elsewhere) == ["a"]
        assert schema_at(elsewhere).fits


def test_nothing_is_replaced_unless_told_so(database_url, target, tmp_path):
    make(database_url, target)
    plant(database_url, "kept")

    with pytest.raises(BackupRefused, match="--replace"):
        put_back(database_url, target, tmp_path)
    with pytest.raises(BackupRefused, match="exists already"):
        make(database_url, target)

    assert programs(database_url) == ["kept"]


def test_a_database_in_use_is_not_replaced(database_url, target, tmp_path):
    make(database_url, target)

    async def beside_a_service() -> None:
        service = Database(database_url)
        async with service.write() as session:
            session.add(Program(code="running", name=""))
        with pytest.raises(BackupRefused, match="in use"):
            await asyncio.to_thread(put_back, database_url, target, tmp_path, replace=True)
        await service.close()

    run(beside_a_service())
    assert programs(database_url) == ["running"]


def test_a_backup_is_made_beside_a_writer_and_holds_one_moment(database_url, target, tmp_path):
    async def while_writing() -> None:
        service = Database(database_url)
        async with service.write() as session:
            session.add(Program(code="half", name=""))
            await session.flush()
            await asyncio.to_thread(make, database_url, target)
            session.add(Contractor(code="other half", name=""))
        await service.close()

    run(while_writing())
    put_back(database_url, target, tmp_path, replace=True)
    assert programs(database_url) == []


def test_the_key_goes_along_only_when_asked_for(database_url, target, tmp_path, key_file):
    key = key_file.read_bytes()
    make(database_url, target, key_file=key_file)
    with tarfile.open(target) as tar:
        assert "camreach.key" in tar.getnames()
    key_file.unlink()

    put_back(database_url, target, tmp_path, replace=True)

    assert key_file.read_bytes() == key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_another_key_is_kept_beside_the_one_that_is_put_back(
    database_url, target, tmp_path, key_file, databases
):
    make(database_url, target, key_file=key_file)
    key = key_file.read_bytes()
    key_file.unlink()
    create_key_file(key_file)
    other = key_file.read_bytes()
    folder = tmp_path / "other"
    folder.mkdir()

    with databases.blank(folder) as elsewhere:
        with pytest.raises(BackupRefused, match="another key"):
            put_back(elsewhere, target, tmp_path)
        assert key_file.read_bytes() == other
        assert schema_at(elsewhere).found is None
        put_back(elsewhere, target, tmp_path, replace=True)

    assert key_file.read_bytes() == key
    assert (tmp_path / "camreach.key.before-restore").read_bytes() == other


def test_the_file_that_is_replaced_stays_beside(sqlite_files, target, tmp_path):
    with sqlite_files.empty(tmp_path) as url:
        make(url, target)
        plant(url, "lost?")
        put_back(url, target, tmp_path, replace=True)

    with sqlite3.connect(tmp_path / "camreach.sqlite.before-restore") as connection:
        assert connection.execute("select code from program").fetchall() == [("lost?",)]


def test_a_damaged_file_can_be_replaced(sqlite_files, target, tmp_path):
    with sqlite_files.empty(tmp_path) as url:
        plant(url, "a")
        make(url, target)
        (tmp_path / "camreach.sqlite").write_bytes(b"not a database" * 1000)
        (tmp_path / "camreach.sqlite-wal").write_bytes(b"nor this")

        put_back(url, target, tmp_path, replace=True)
        assert programs(url) == ["a"]


def test_an_empty_place_is_not_backed_up(databases, target, tmp_path):
    with (
        databases.blank(tmp_path) as url,
        pytest.raises(BackupRefused, match="nothing to back up"),
    ):
        make(url, target)
    assert not target.exists()


def test_one_database_is_not_put_back_into_the_other(
    sqlite_files, postgresql_server, target, tmp_path
):
    with sqlite_files.empty(tmp_path) as url, postgresql_server.blank(tmp_path) as server:
        make(url, target)
        with pytest.raises(BackupRefused, match=r"of a sqlite database, .* a postgresql one"):
            put_back(server, target, tmp_path)


def test_without_pg_dump_the_package_is_named(postgresql_server, target, tmp_path, monkeypatch):
    with postgresql_server.empty(tmp_path) as url:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(BackupRefused, match="apt-get install postgresql-client"):
            make(url, target)
    assert not target.exists()


def rewritten(target: Path, change: Callable[[Said, Files], None]) -> None:
    """The same archive after `change(manifest, files)`."""
    with tarfile.open(target) as tar:
        streams = {m.name: tar.extractfile(m) for m in tar.getmembers()}
        files = {name: stream.read() for name, stream in streams.items() if stream}
    manifest = json.loads(files.pop("manifest.json"))
    change(manifest, files)
    with tarfile.open(target, "w:gz") as tar:
        for name, data in {"manifest.json": json.dumps(manifest).encode(), **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def newer(manifest: Said, _files: Files) -> None:
    manifest["schema"] = "9999"


def flipped(_manifest: Said, files: Files) -> None:
    files["database.sqlite"] = files["database.sqlite"][:-1] + b"!"


def left_out(_manifest: Said, files: Files) -> None:
    del files["database.sqlite"]


def of_the_future(manifest: Said, _files: Files) -> None:
    manifest["format"] = 2


def climbing(manifest: Said, _files: Files) -> None:
    manifest["parts"]["../escaped"] = {"bytes": 1, "sha256": ""}


def without_parts(manifest: Said, _files: Files) -> None:
    del manifest["parts"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (newer, "newer than this one"),
        (flipped, "damaged"),
        (left_out, "is not in it"),
        (of_the_future, "format 2, expected 1"),
        (climbing, "a part is called"),
        (without_parts, "does not read"),
    ],
)
def test_what_does_not_fit_its_manifest_changes_nothing(
    sqlite_files, target, tmp_path, change, said
):
    with sqlite_files.empty(tmp_path) as url:
        make(url, target)
        plant(url, "kept")
        rewritten(target, change)

        with pytest.raises(BackupRefused, match=said):
            put_back(url, target, tmp_path, replace=True)

        assert programs(url) == ["kept"]
    assert not (tmp_path.parent / "escaped").exists()


@pytest.mark.parametrize("size", [0, 10, 200])
def test_half_a_backup_is_refused(sqlite_files, target, tmp_path, size):
    with sqlite_files.empty(tmp_path) as url:
        make(url, target)
        target.write_bytes(target.read_bytes()[:size])

        with pytest.raises(BackupRefused):
            put_back(url, target, tmp_path, replace=True)
