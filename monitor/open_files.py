"""How many files the service may have open at once, and how many it needs. It opens none."""

from __future__ import annotations

import resource

FILES_A_LOOK = 3  # a connection and, where the media comes over UDP, two sockets beside it
FILES_OF_THE_HOUSE = 256  # browsers, database, decoder pipes


def needed_files(concurrency: int) -> int:
    return FILES_OF_THE_HOUSE + FILES_A_LOOK * concurrency


def allowed_files() -> int:
    """What `allow` can reach; the soft limit of a shell is for programs that cannot ask."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return hard


def allow(count: int) -> bool:
    """Raise the soft limit to `count`, or as far as it goes. True: it suffices."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
    return count <= hard
