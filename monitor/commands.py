"""What the commands do: open what they need, call the room, print. Errors are said in one line."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from monitor.app import open_house
from monitor.config import Settings, load
from monitor.cost import cost_in_words, cost_of
from monitor.doors.once import exit_code, look_to_json, look_to_text, target_of_url
from monitor.heap import settle
from monitor.once import look_once
from monitor.shutdown import stop_signal
from monitor.wiring.registry import has_registry, open_kept_registry, open_registry
from registry import migrations
from registry.clock import SystemClock
from registry.database import DatabaseTrouble, first_line
from registry.estate import ensure_vantage, load_estate
from registry.sample import sample_csv
from registry.security.audit import record
from registry.security.limits import ReachRefused
from registry.security.reach import Reach
from registry.security.tokens import create_token as new_token
from registry.security.tokens import list_tokens as all_tokens
from registry.security.tokens import revoke_token as end_token
from registry.vocabulary import Depth

CONFIG_VARIABLE = "CAMREACH_CONFIG"
DEFAULT_CONFIG = Path("configs/camreach.toml")
COULD_NOT = 1
LONGEST_PASSWORD_FILE = 4096
WHO = "command line"  # in the audit log


class CommandError(Exception):
    """The command cannot be carried out as it was typed."""


async def serve(arguments: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT; 1 when the monitor ended by itself."""
    async with open_house(await settings_of(arguments)) as house:
        settle()
        print(f"camreach: listening on {house.url}", file=sys.stderr)
        stopped = stop_signal()
        await asyncio.wait([stopped, house.watching], return_when=asyncio.FIRST_COMPLETED)
        return 0 if stopped.done() else COULD_NOT


async def probe(arguments: argparse.Namespace) -> int:
    """One look at what the person typed."""
    if arguments.username is not None and arguments.password_file is None:
        raise CommandError("--username goes with --password-file: nothing is signed without one")
    try:
        target = target_of_url(
            arguments.url,
            username=arguments.username,
            password=await asyncio.to_thread(_password, arguments.password_file),
            transport=arguments.transport,
            allow_basic=arguments.allow_basic,
            tls_policy=arguments.tls,
        )
    except ValueError as error:
        raise CommandError(str(error)) from error
    depth = Depth.LIVENESS
    if arguments.picture:
        depth = Depth.PICTURE
    elif arguments.measure:
        depth = Depth.MEASURE
    look = await look_once(target, depth, arguments.timeout)
    if arguments.json:
        print(json.dumps(look_to_json(target, look), ensure_ascii=False))
    else:
        print(look_to_text(target, look))
    return exit_code(look)


async def sample(_arguments: argparse.Namespace) -> int:
    sys.stdout.write(sample_csv())
    return 0


async def create_token(arguments: argparse.Namespace) -> int:
    """The token itself goes to standard output, once; everything else to standard error."""
    now = SystemClock().now()
    expires = now + timedelta(days=arguments.days) if arguments.days else None
    reach = Reach(tuple(arguments.area), tuple(arguments.center), arguments.contractor)
    name, role = arguments.name, arguments.role
    detail = {"name": name, "role": role, "reach": asdict(reach)}
    async with open_registry(await settings_of(arguments)) as (database, _):
        try:
            async with database.write() as session:
                issued = await new_token(
                    session, name=name, role=role, now=now, expires_at=expires, reach=reach
                )
                await record(session, WHO, "token.created", issued.key_id, detail, now)
        except ReachRefused as error:
            raise CommandError(str(error)) from error
    print("Keep it: it is shown only now.", file=sys.stderr)
    print(issued.text)
    return 0


async def list_tokens(arguments: argparse.Namespace) -> int:
    async with (
        open_kept_registry(await settings_of(arguments)) as (database, _),
        database.read() as session,
    ):
        for token in await all_tokens(session):
            end = token.revoked_at or token.expires_at
            word = "revoked" if token.revoked_at else "until" if end else "for ever"
            print(token.key_id, token.role, token.name, word, end or "")
    return 0


async def revoke_token(arguments: argparse.Namespace) -> int:
    async with open_kept_registry(await settings_of(arguments)) as (database, _):
        now = SystemClock().now()
        async with database.write() as session:
            found = await end_token(session, arguments.key_id, now)
            await record(session, WHO, "token.revoked", arguments.key_id, {"found": found}, now)
    if not found:
        raise CommandError(f"token {arguments.key_id!r}: there is none in force by that id")
    return 0


async def migrate(arguments: argparse.Namespace) -> int:
    settings = await settings_of(arguments)
    try:
        migrated = await asyncio.to_thread(migrations.migrate, settings.database.url)
    except migrations.MigrationRefused as error:
        raise CommandError(str(error)) from error
    except DatabaseTrouble as error:
        raise CommandError(f"database.url: {first_line(error)}") from error
    print(f"schema {migrated.before or 'none'} -> {migrated.after}")
    if migrated.copy:
        print(f"the database as it was is kept in {migrated.copy}")
    return 0


async def check_config(arguments: argparse.Namespace) -> int:
    """Errors of the settings are raised on the way; then what they cost."""
    settings = await settings_of(arguments)
    ready = COULD_NOT if not settings.probe.allow_networks else 0
    if not await has_registry(settings):
        print("the settings are sound; what they cost is said once cameras are imported")
        return ready
    vantage = settings.probe.vantage
    async with open_registry(settings) as (database, sealer), database.write() as session:
        await ensure_vantage(session, vantage, vantage, center=settings.probe.center)
        estate = await load_estate(session, vantage, sealer)
    print(cost_in_words(cost_of(tuple(estate.targets.values()), settings), settings))
    if not settings.probe.allow_networks:
        print("probe.allow_networks is empty: `serve` will not start")
    return ready


async def settings_of(arguments: argparse.Namespace) -> Settings:
    return await asyncio.to_thread(_load, arguments.config)


def _load(path: Path | None) -> Settings:
    if path is None and (named := os.environ.get(CONFIG_VARIABLE)):
        path = Path(named)
    if path is None and DEFAULT_CONFIG.is_file():
        path = DEFAULT_CONFIG
    return load(path)


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    return read_file(path)[:LONGEST_PASSWORD_FILE].decode().rstrip("\r\n")


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
