"""Making a backup: a consistent copy of the database while it is in use. It changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from registry.backup.archive import KEY, BackupRefused, Manifest, part_of, write_archive
from registry.backup.server_tools import client
from registry.migrations import schema_at

SQLITE_PART = "database.sqlite"
POSTGRESQL_PART = "database.pgdump"


def back_up(
    url: str, target: Path, *, version: str, now: datetime, key_file: Path | None = None
) -> Manifest:
    """One archive at `target`, which must not exist. The key goes in only when it is named here:
    whoever holds both reads every camera login.
    """
    if target.exists():
        raise BackupRefused(f"{target}: exists already and is not overwritten")
    if not target.parent.is_dir():
        raise BackupRefused(f"{target}: the folder {str(target.parent)!r} does not exist")
    parsed = sa.make_url(url)
    schema = schema_at(url).found
    if schema is None:
        raise BackupRefused("the database holds nothing yet: there is nothing to back up")
    with tempfile.TemporaryDirectory(prefix=".camreach-backup-", dir=target.parent) as name:
        folder = Path(name)
        files = [_copy_of(parsed, folder)]
        if key_file is not None:
            files.append(_copied(key_file, folder / KEY))
        manifest = Manifest(
            camreach=version,
            database=parsed.get_backend_name(),
            schema=schema,
            made_at=now,
            parts={path.name: part_of(path) for path in files},
        )
        write_archive(target, manifest, files)
    return manifest


def _copy_of(url: sa.URL, folder: Path) -> Path:
    if url.get_backend_name() == "sqlite":
        return _copy_of_file(Path(url.database or ""), folder / SQLITE_PART)
    copy = folder / POSTGRESQL_PART
    client(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    return copy


def _copy_of_file(database: Path, copy: Path) -> Path:
    """VACUUM INTO sees one moment, WAL included, and lets the service go on writing."""
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise BackupRefused(f"{database}: {error}") from error
    return copy


def _copied(key_file: Path, to: Path) -> Path:
    try:
        return Path(shutil.copy(key_file, to))
    except OSError as error:
        raise BackupRefused(f"key file {str(key_file)!r}: {error.strerror}") from error
