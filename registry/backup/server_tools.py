"""PostgreSQL's own programs, run against the database of a URL. No password on a command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from registry.backup.archive import BackupRefused

PACKAGE = "postgresql-client"
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}


def client(url: sa.URL, program: str, *arguments: str | Path) -> str:
    """What it printed; BackupRefused with its own words when it failed or is not there."""
    found = shutil.which(program)
    if found is None:
        raise BackupRefused(
            f"{program} is not installed: apt-get install {PACKAGE} "
            "(of the server's version or newer)"
        )
    ran = subprocess.run(  # noqa: S603 - fixed arguments, the database named by the environment
        [found, *arguments],
        env={**os.environ, **_environment(url)},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"]
        raise BackupRefused(f"{program}: {said[0]}")
    return ran.stdout


def _environment(url: sa.URL) -> dict[str, str]:
    host = url.host or url.query.get("host")
    known = {
        "host": host if isinstance(host, str) else None,
        "port": str(url.port) if url.port else None,
        "user": url.username,
        "password": None if url.password is None else str(url.password),
    }
    named = {_VARIABLES[key]: value for key, value in known.items() if value is not None}
    return {
        **named,
        "PGDATABASE": url.database or "",
        "PGCONNECT_TIMEOUT": "10",
        "LC_MESSAGES": "C",
    }
