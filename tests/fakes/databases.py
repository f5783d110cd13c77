"""Databases for tests: SQLite files, and a PostgreSQL server of our own that ends with the suite.

It fakes nothing: what stands behind each URL is the real thing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from registry.migrations import migrate

INSTALLED = Path("/usr/lib/postgresql")
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 1 << 30
PASSWORD = "correct-horse"  # asked for, so that whoever forgets to pass it on is found out
_OWNER = "camreach"
_TEMPLATE = "camreach_template"

# What makes a server safe makes it slow, and this one is thrown away. Its zone is not UTC, as a
# server's in the field is not.
_CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
full_page_writes = off
max_connections = 60
shared_buffers = 64MB
timezone = 'Asia/Almaty'
"""


class Databases(ABC):
    """One kind of database, and as many of it as tests want."""

    @abstractmethod
    def blank(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a database without tables, for as long as the context is open."""

    @abstractmethod
    def empty(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a migrated database without rows, for as long as the context is open."""


class SqliteFiles(Databases):
    """A file each, in the folder of the test; the schema is made once and copied."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.sqlite"
        migrate(_file_url(self._template))

    @contextmanager
    def blank(self, folder: Path) -> Iterator[str]:
        yield _file_url(folder / "camreach.sqlite")

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        for leftover in folder.glob("camreach.sqlite*"):
            leftover.unlink()
        shutil.copy(self._template, folder / "camreach.sqlite")
        yield _file_url(folder / "camreach.sqlite")


class PostgresqlServer(Databases):
    """A cluster in a temporary folder, reached through a socket in it and by nothing else."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _somebody()
        self._numbers = count(1)
        self._folder = Path(tempfile.mkdtemp(prefix="camreach-pg-", dir=_fast_folder()))

    def start(self) -> None:
        password, data = self._folder / "password", self._folder / "data"
        password.write_text(PASSWORD)
        if self._user is not None:
            shutil.chown(self._folder, self._user)
            shutil.chown(password, self._user)
        self._run("initdb", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "-A", "password")
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION.format(folder=self._folder))
        self._run("pg_ctl", "start", "--wait", "--silent", "--log", f"{self._folder}/log")
        self._sql(f"create database {_TEMPLATE}")
        migrate(self._url(_TEMPLATE))

    def stop(self) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--silent", "--mode", "immediate")
        shutil.rmtree(self._folder)

    @contextmanager
    def blank(self, folder: Path) -> Iterator[str]:
        yield from self._database("template0")

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        yield from self._database(_TEMPLATE)

    def _database(self, template: str) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._sql(f"create database {name} template {template}")
        try:
            yield self._url(name)
        finally:
            self._sql(f"drop database {name} with (force)")

    def _url(self, database: str) -> str:
        return f"postgresql+asyncpg://{_OWNER}:{PASSWORD}@/{database}?host={self._folder}"

    def _sql(self, statement: str) -> None:
        psql: list[str | Path] = [self._programs / "psql", "--no-psqlrc", "--quiet"]
        where: list[str | Path] = ["--host", self._folder, "--username", _OWNER, "postgres"]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run(
            [*psql, "--command", statement, *where], check=True, env=environment, timeout=60
        )

    def _run(self, program: str, *arguments: str) -> None:
        """As somebody who is not root: PostgreSQL refuses to run as root."""
        options: list[str | Path] = ["--pgdata", self._folder / "data", *arguments]
        if program == "initdb":
            options += ["--username", _OWNER, "--pwfile", self._folder / "password"]
        group = pwd.getpwnam(self._user).pw_gid if self._user else None
        subprocess.run(
            [self._programs / program, *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=self._user,
            group=group,
            extra_groups=[] if self._user else None,
            timeout=60,
        )


def _fast_folder() -> Path | None:
    """Memory where there is enough: a database is made three times as fast as on a busy disk."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        return MEMORY
    return None


def _version(programs: Path) -> int:
    return int(programs.parent.name)


def _file_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _somebody() -> str | None:
    """Whom the server runs as: None is whoever runs the suite."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One for the whole run; whoever wants it where it is not installed is skipped."""
    found = sorted((initdb.parent for initdb in INSTALLED.glob("*/bin/initdb")), key=_version)
    if not found:
        pytest.skip(f"postgresql is not installed: no {INSTALLED}/*/bin/initdb")
    server = PostgresqlServer(found[-1])
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite_files", "postgresql_server"], ids=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each test that asks for it runs on both."""
    chosen: Databases = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    with databases.empty(tmp_path) as url:
        yield url
