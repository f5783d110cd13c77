"""Commands about people: accounts, and the audit log as JSON. A password is never shown."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from monitor.commands import WHO, CommandError, settings_of
from monitor.wiring.registry import open_registry
from registry.clock import SystemClock
from registry.security.accounts import (
    ROLES,
    AccountExists,
    create_account,
    end_sessions,
    find_account,
    set_password,
)
from registry.security.audit import all_entries, record
from registry.security.limits import ReachRefused
from registry.security.passwords import MAX_CHARS, PasswordRefused, Passwords, require_good
from registry.security.reach import Reach
from registry.vocabulary import Role

_LONGEST_FILE: Final = 4 * MAX_CHARS


def add_to(
    subparsers: Any,
    add_config: Callable[[argparse.ArgumentParser], None],
    add_reach: Callable[[argparse.ArgumentParser], None],
) -> None:
    parser = subparsers.add_parser("account", help="people who sign in with a password")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser("create", help="let somebody sign in; the password is asked for")
    make.add_argument("name", metavar="NAME")
    make.add_argument("--role", type=Role, choices=ROLES, default=Role.VIEWER)
    make.add_argument("--password-file", type=Path, metavar="F", help="its first line")
    add_reach(make)
    make.set_defaults(command=create)
    change = actions.add_parser("password", help="set a new password; its sessions end")
    change.add_argument("name", metavar="NAME")
    change.add_argument("--password-file", type=Path, metavar="F", help="its first line")
    change.set_defaults(command=change_password)
    audit = subparsers.add_parser("audit", help="the audit log")
    export = audit.add_subparsers(required=True, metavar="ACTION").add_parser(
        "export", help="all of it as lines of JSON, the oldest first"
    )
    export.set_defaults(command=export_audit)
    for each in (make, change, export):
        add_config(each)


async def create(arguments: argparse.Namespace) -> int:
    name, role = arguments.name.strip(), arguments.role
    reach = Reach(tuple(arguments.area), tuple(arguments.center), arguments.contractor)
    hashed = await _hashed(arguments, name)
    async with open_registry(await settings_of(arguments)) as (database, _):
        now = SystemClock().now()
        try:
            async with database.write() as session:
                await create_account(
                    session, name=name, password_hash=hashed, role=role, now=now, reach=reach
                )
                detail = {"role": role, "reach": asdict(reach)}
                await record(session, WHO, "account.created", name, detail, now)
        except (AccountExists, ReachRefused) as error:
            raise CommandError(str(error)) from error
    print(f"account {name!r} may sign in as {role.value}", file=sys.stderr)
    return 0


async def change_password(arguments: argparse.Namespace) -> int:
    name = arguments.name.strip()
    hashed = await _hashed(arguments, name)
    async with open_registry(await settings_of(arguments)) as (database, _):
        now = SystemClock().now()
        async with database.write() as session:
            account = await find_account(session, name)
            if account is None:
                raise CommandError(f"there is no account {name!r}")
            set_password(account, hashed, now)
            ended = await end_sessions(session, account.id)
            await record(session, WHO, "account.changed", account.name, {"ended": ended}, now)
    return 0


async def export_audit(arguments: argparse.Namespace) -> int:
    async with open_registry(await settings_of(arguments)) as (database, _):
        async with database.write() as session:
            await record(session, WHO, "audit.exported", "", {}, SystemClock().now())
        async with database.read() as session:
            async for entry in all_entries(session):
                sys.stdout.write(f"{json.dumps(entry, ensure_ascii=False)}\n")
    return 0


async def _hashed(arguments: argparse.Namespace, name: str) -> str:
    password = await asyncio.to_thread(_password, arguments.password_file)
    try:
        require_good(password, name)
    except PasswordRefused as error:
        raise CommandError(f"password: {error}") from error
    return await Passwords().hashed(password)


def _password(path: Path | None) -> str:
    if path is not None:
        try:
            with path.open(encoding="utf-8") as file:
                return file.readline(_LONGEST_FILE).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from error
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandError("the two passwords differ")
    return password
