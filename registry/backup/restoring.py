"""Putting a backup back: whole, or not at all. It never runs beside a service."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from registry.backup.archive import (
    KEY,
    BackupRefused,
    Manifest,
    part_of,
    read_manifest,
    sync_folder,
    unpack,
)
from registry.backup.making import POSTGRESQL_PART, SQLITE_PART
from registry.backup.server_tools import client
from registry.holding import HeldElsewhere, held_file
from registry.migrations import is_known

KEPT = ".before-restore"  # what stood there stays beside it under this ending

# All tables and triggers of our schema, whichever camreach made them; the rest is not ours.
_EMPTY_IT = """
do $$ declare name text; begin
  for name in select tablename from pg_tables where schemaname = current_schema() loop
    execute format('drop table %I cascade', name);
  end loop;
  for name in select oid::regprocedure::text from pg_proc
    where pronamespace = current_schema()::regnamespace and prorettype = 'trigger'::regtype loop
    execute format('drop function %s cascade', name);
  end loop;
end $$;
"""

# What makes a search fast needs an extension, which is no part of the schema and may not be there:
# put back where it can be, and left out where it cannot.
_TRIGRAM_INDEX = "CREATE INDEX ix_camera_search"
_INDEX_TEXT = """
do $$ begin
  create extension if not exists pg_trgm schema public;
  create index ix_camera_search_trigrams
    on public.camera using gin (search public.gin_trgm_ops);
  create index ix_camera_search_technical_trigrams
    on public.camera using gin (search_technical public.gin_trgm_ops);
exception when others then null;
end $$;
"""


def restore_backup(url: str, source: Path, *, key_file: Path, replace: bool = False) -> Manifest:
    """The database at `url`, and the key file if the backup has one, as they were.

    Everything is checked first. What is there already is replaced only with `replace`.
    """
    parsed, manifest = sa.make_url(url), read_manifest(source)
    _refuse_foreign(parsed, manifest)
    place: _Place = _File(parsed) if parsed.get_backend_name() == "sqlite" else _Server(parsed)
    if not replace and (there := place.there()):
        raise BackupRefused(f"{there} is there already: --replace puts the backup in its place")
    with tempfile.TemporaryDirectory(prefix=".camreach-restore-", dir=place.workshop()) as name:
        folder = Path(name)
        unpack(source, manifest, folder)
        key = folder / KEY if manifest.has_key else None
        if key is not None:
            _refuse_other_key(key, key_file, replace)
        if place.in_use():
            raise BackupRefused(
                "the database is in use: stop every camreach that has it open, then again"
            )
        place.put_back(folder)
        if key is not None:
            _put_in_place(_beside(key, key_file), key_file)
    return manifest


def _refuse_foreign(url: sa.URL, manifest: Manifest) -> None:
    here = url.get_backend_name()
    part = SQLITE_PART if here == "sqlite" else POSTGRESQL_PART
    if manifest.database != here or part not in manifest.parts:
        raise BackupRefused(
            f"the backup is of a {manifest.database} database, database.url names a {here} one"
        )
    if not is_known(manifest.schema):
        raise BackupRefused(
            f"the backup has schema {manifest.schema!r}, made by camreach {manifest.camreach}: "
            "newer than this one; install that camreach first"
        )


class _Place(Protocol):
    """Where a database is put back to."""

    def there(self) -> str | None:
        """What stands there now, in words; None when nothing does."""

    def workshop(self) -> Path | None:
        """Where to unpack; None for the system's folder of temporary files."""

    def in_use(self) -> bool: ...

    def put_back(self, folder: Path) -> None:
        """Whoever looks sees the database before or after, never between."""


class _File:
    def __init__(self, url: sa.URL) -> None:
        self._path = Path(url.database or "")

    def there(self) -> str | None:
        return str(self._path) if self._path.exists() else None

    def workshop(self) -> Path:
        """On the disk of the database, so that the last step is one rename."""
        folder = self._path.parent
        if not folder.is_dir():
            raise BackupRefused(f"the folder {str(folder)!r} of the database does not exist")
        return folder

    def in_use(self) -> bool:
        """Leaving WAL mode needs the file alone; it also takes the WAL into the file kept."""
        if not self._path.exists():
            return False
        try:
            with held_file(self._path):  # a service holds it even between two connections
                return self._is_open()
        except HeldElsewhere:
            return True

    def _is_open(self) -> bool:
        try:
            with closing(sqlite3.connect(self._path, timeout=1)) as connection:
                mode: str = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
                return mode != "delete"
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return True
            raise BackupRefused(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError:
            return False  # damaged: a backup is what it needs

    def put_back(self, folder: Path) -> None:
        copy = folder / SQLITE_PART
        _refuse_damaged(copy)
        _put_in_place(copy, self._path)
        for leftover in (
            "-wal",
            "-shm",
        ):  # of a damaged file: they would be taken for the new one's
            self._path.with_name(self._path.name + leftover).unlink(missing_ok=True)


class _Server:
    def __init__(self, url: sa.URL) -> None:
        self._url = url

    def there(self) -> str | None:
        tables = self._count("pg_tables where schemaname = current_schema()")
        return f"database {self._url.database!r} with {tables} tables" if tables else None

    def workshop(self) -> None:
        return None

    def in_use(self) -> bool:
        others = "datname = current_database() and pid <> pg_backend_pid()"
        return (
            self._count(f"pg_stat_activity where backend_type = 'client backend' and {others}") > 0
        )

    def put_back(self, folder: Path) -> None:
        empty, script, index = (folder / name for name in ("empty.sql", "restore.sql", "index.sql"))
        empty.write_text(_EMPTY_IT)
        index.write_text(_INDEX_TEXT)
        arguments = ("--no-owner", "--no-privileges", "--schema=public", f"--file={script}")
        client(self._url, "pg_restore", *arguments, folder / POSTGRESQL_PART)
        plain = _without_trigrams(script)
        steps = (f"--file={empty}", f"--file={plain}", f"--file={index}")
        self._psql("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", *steps)

    def _count(self, source: str) -> int:
        question = f"select count(*) from {source}"  # noqa: S608 - our own words
        return int(self._psql("--tuples-only", "--no-align", "--command", question))

    def _psql(self, *arguments: str) -> str:
        return client(self._url, "psql", "--no-psqlrc", *arguments)


def _without_trigrams(script: Path) -> Path:
    plain = script.with_name("plain.sql")
    with script.open("rb") as lines, plain.open("wb") as kept:
        kept.writelines(line for line in lines if not line.startswith(_TRIGRAM_INDEX.encode()))
    return plain


def _refuse_other_key(key: Path, key_file: Path, replace: bool) -> None:
    if not key_file.parent.is_dir():
        raise BackupRefused(f"the folder {str(key_file.parent)!r} of the key file does not exist")
    if key_file.exists() and part_of(key_file) != part_of(key) and not replace:
        raise BackupRefused(
            f"key file {str(key_file)!r} holds another key than the backup: "
            "--replace puts the backup's in its place and keeps the other beside it"
        )


def _refuse_damaged(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            said: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupRefused(f"the database in the backup is damaged: {said}")


def _beside(key: Path, key_file: Path) -> Path:
    """A copy on the key file's own disk, for its owner only."""
    copy = key_file.with_name(f".{key_file.name}.restored")
    copy.unlink(missing_ok=True)
    handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    return copy


def _put_in_place(new: Path, path: Path) -> None:
    """What stands there stays beside it; there is no moment without a file."""
    if path.exists():
        kept = path.with_name(path.name + KEPT)
        kept.unlink(missing_ok=True)
        kept.hardlink_to(path)
    new.replace(path)
    sync_folder(path.parent)
