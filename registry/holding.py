"""One monitor a database: two would double every session and cut each other's history."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


class HeldElsewhere(Exception):
    """Another process watches with this database; the message names it."""


@contextmanager
def held(url: str) -> Iterator[None]:
    """Hold the database of `url` for one monitor, as long as this is open.

    The lock is the kernel's, so that it ends with the process however that ends. A database on a
    server is not held by a file of this machine.
    """
    database = sa.make_url(url)
    if database.get_backend_name() != "sqlite" or database.database is None:
        yield
        return
    path = Path(f"{database.database}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            raise HeldElsewhere(
                f"{database.database} is in use: another camreach (pid {holder}) watches with it"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
