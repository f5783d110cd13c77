"""The doctor's round, in the order in which one thing needs the other. It starts no service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from monitor.config import Settings
from monitor.doctor import inventory, machine
from monitor.doctor.checked import Checked, fail
from registry.checkup import check_up
from registry.clock import SystemClock
from registry.database import Database, DatabaseTrouble, file_of, first_line
from registry.migrations import MigrationRefused, Schema, schema_at
from registry.security.sealing import Sealer, SealingError

START_SERVER = "start the server, or correct database.url"
RESTORE = "camreach restore FILE --replace"


async def examine(settings: Settings) -> AsyncIterator[Checked]:
    """Each line as soon as it is known."""
    for line in await asyncio.to_thread(_examine_machine, settings):
        yield line
    yield await machine.check_port(settings.service)
    yield await machine.check_decoder()
    yield await asyncio.to_thread(inventory.check_key_file, settings.security.key_file)
    stranger = await asyncio.to_thread(inventory.check_owner, file_of(settings.database.url))
    if stranger is not None:
        yield stranger
        return
    async for line in _examine_registry(settings):
        yield line


def _examine_machine(settings: Settings) -> list[Checked]:
    file, key_file = file_of(settings.database.url), settings.security.key_file
    folders = {key_file.parent, *([file.parent] if file else [])}
    return [
        *(machine.check_disk(folder) for folder in sorted(folders)),
        machine.check_open_files(settings.probe.concurrency),
    ]


async def _examine_registry(settings: Settings) -> AsyncIterator[Checked]:
    schema = await asyncio.to_thread(_schema, settings.database.url)
    if isinstance(schema, Checked):
        yield schema
        return
    yield inventory.check_schema(schema)
    if not schema.fits:
        return
    try:
        sealer = await asyncio.to_thread(Sealer.from_file, settings.security.key_file)
    except SealingError as error:
        yield fail("camera logins", str(error), "correct the key file first, then ask again")
        return
    async for line in _examine_contents(settings, sealer):
        yield line


async def _examine_contents(settings: Settings, sealer: Sealer) -> AsyncIterator[Checked]:
    database = Database(settings.database.url)
    try:
        checkup = await check_up(database, sealer)
    except DatabaseTrouble as error:
        fix = RESTORE if file_of(settings.database.url) else START_SERVER
        yield fail("database", first_line(error), fix)
        return
    finally:
        await database.close()
    yield inventory.check_damage(checkup)
    now = SystemClock().now()
    yield await asyncio.to_thread(machine.check_clock, now, checkup.last_beat)
    yield inventory.check_logins(checkup)
    addresses = await inventory.resolve(checkup.hosts)
    yield inventory.check_names(addresses)
    yield inventory.check_networks(checkup, addresses, settings.probe.allow_networks)


def _schema(url: str) -> Schema | Checked:
    try:
        return schema_at(url)
    except MigrationRefused as error:
        return fail("database schema", str(error), "install the camreach that wrote it")
    except DatabaseTrouble as error:
        fix = RESTORE if file_of(url) else START_SERVER
        return fail("database", f"cannot be opened: {first_line(error)}", fix)
