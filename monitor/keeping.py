"""The commands that keep an installation running: backup, restore, reseal, doctor."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from monitor.commands import COULD_NOT, WHO, CommandError, settings_of
from monitor.config import ConfigError
from monitor.doctor.checked import Grade, fail
from monitor.doctor.examination import examine
from monitor.version import VERSION
from monitor.wiring.registry import open_kept_registry
from registry.backup import BackupRefused, back_up, restore_backup
from registry.clock import SystemClock
from registry.database import DatabaseTrouble, first_line
from registry.migrations import MigrationRefused, schema_at
from registry.security.audit import record
from registry.security.resealing import reseal_all

T = TypeVar("T")


async def backup(arguments: argparse.Namespace) -> int:
    """One file with everything but, unless asked for, the key."""
    settings = await settings_of(arguments)
    key_file = settings.security.key_file if arguments.with_key else None

    def work() -> str:
        made = back_up(
            settings.database.url,
            arguments.file,
            version=VERSION,
            now=SystemClock().now(),
            key_file=key_file,
        )
        return f"{arguments.file}: schema {made.schema}, {_size(arguments.file)}"

    print(await _in_thread(work))
    if arguments.with_key:
        print("It opens the camera logins: keep it as you keep the key.", file=sys.stderr)
    else:
        print(f"Keep {settings.security.key_file} elsewhere: it is not in it.", file=sys.stderr)
    return 0


async def restore(arguments: argparse.Namespace) -> int:
    """The registry as it was; refused beside a running service."""
    settings = await settings_of(arguments)
    url, key_file = settings.database.url, settings.security.key_file

    def work() -> str:
        was = restore_backup(url, arguments.file, key_file=key_file, replace=arguments.replace)
        schema = schema_at(url)
        advice = "" if schema.fits else f"; run `camreach migrate` to reach {schema.needed}"
        return f"restored as of {was.made_at:%Y-%m-%d %H:%M:%S} UTC, schema {was.schema}{advice}"

    print(await _in_thread(work))
    if not await asyncio.to_thread(key_file.exists):
        print(f"Put the key file back too: {key_file} is not there.", file=sys.stderr)
    return 0


async def reseal(arguments: argparse.Namespace) -> int:
    """1 when some logins do not open: the old keys must stay then."""
    async with (
        open_kept_registry(await settings_of(arguments)) as (database, sealer),
        database.write() as session,
    ):
        done = await reseal_all(session, sealer)
        detail = {"count": done.count, "closed": list(done.closed)}
        await record(session, WHO, "logins_resealed", "", detail, SystemClock().now())
    print(f"{done.count} logins are sealed with the first key of the file")
    for code in done.closed:
        print(f"credential {code!r} opens with no key of the file", file=sys.stderr)
    return COULD_NOT if done.closed else 0


async def doctor(arguments: argparse.Namespace) -> int:
    """One line each; 1 when one of them fails."""
    try:
        settings = await settings_of(arguments)
    except ConfigError as error:
        for line in str(error).splitlines():
            print(fail("settings", line, "correct the file, or the CAMREACH_ variable"))
        return COULD_NOT
    failed = False
    async for checked in examine(settings):
        print(checked, flush=True)
        failed |= checked.grade is Grade.FAIL
    return COULD_NOT if failed else 0


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except (BackupRefused, MigrationRefused) as error:
        raise CommandError(str(error)) from error
    except DatabaseTrouble as error:
        raise CommandError(first_line(error)) from error


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
