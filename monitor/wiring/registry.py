"""The registry opened for use: migrated, with its key, held by one service. It looks at nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from monitor.config import ConfigError, Settings
from registry.database import Database, DatabaseTrouble, DatabaseUnusable, first_line, shown
from registry.holding import HeldElsewhere, held
from registry.migrations import MigrationRefused, make_ready, schema_at
from registry.security.credentials import count_credentials
from registry.security.sealing import Sealer, SealingError, create_key_file

log = structlog.get_logger()


@asynccontextmanager
async def open_registry(settings: Settings) -> AsyncIterator[tuple[Database, Sealer]]:
    """The registry alone, for commands that look at nothing; made where there is none."""
    async with AsyncExitStack() as stack:
        yield await opened(settings, stack)


@asynccontextmanager
async def open_kept_registry(settings: Settings) -> AsyncIterator[tuple[Database, Sealer]]:
    """The registry that is there: reading must not make an empty one and a key."""
    if not await has_registry(settings):
        raise ConfigError(
            f"database.url: there is no registry yet at {shown(settings.database.url)}; "
            "`camreach import` or `camreach serve` makes one"
        )
    async with open_registry(settings) as opened:
        yield opened


async def has_registry(settings: Settings) -> bool:
    try:
        return (await asyncio.to_thread(schema_at, settings.database.url)).found is not None
    except (OSError, MigrationRefused, *DatabaseUnusable) as error:
        raise ConfigError(f"database.url: {first_line(error)}") from error


async def hold(settings: Settings, stack: AsyncExitStack) -> None:
    try:
        await stack.enter_async_context(held(settings.database.url))
    except (HeldElsewhere, *DatabaseTrouble, *DatabaseUnusable) as error:
        raise ConfigError(first_line(error)) from error


async def opened(settings: Settings, stack: AsyncExitStack) -> tuple[Database, Sealer]:
    await asyncio.to_thread(_migrate, settings)
    database = Database(settings.database.url)
    stack.push_async_callback(database.close)
    async with database.read() as session:
        logins = await count_credentials(session)
    sealer = await asyncio.to_thread(_key_to, settings.security.key_file, logins)
    return database, sealer


def _migrate(settings: Settings) -> None:
    """The database at this version's schema, made if there is none."""
    try:
        settings.security.key_file.parent.mkdir(parents=True, exist_ok=True)  # by default the same
        migrated = make_ready(settings.database.url)
    except (OSError, MigrationRefused, *DatabaseUnusable) as error:
        raise ConfigError(f"database.url: {first_line(error)}") from error
    if migrated.before != migrated.after:
        log.info("database_migrated", before=migrated.before, after=migrated.after)


def _key_to(key_file: Path, logins: int) -> Sealer:
    """The key to the camera logins; a new one is made only while there are none to open."""
    try:
        if not key_file.exists():
            if logins:
                raise ConfigError(
                    f"security.key_file: {key_file} is missing and {logins} camera logins are "
                    "sealed with it: put it back, a new key would not open them"
                )
            create_key_file(key_file)
            log.info("key_file_created", path=str(key_file), keep="it opens the camera logins")
        return Sealer.from_file(key_file)
    except (OSError, SealingError) as error:
        raise ConfigError(f"security.key_file: {error}") from error
