"""Key file, database, and whether what it lists can be reached at all from here.

It connects to no camera.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

from monitor.config import Network
from monitor.doctor.checked import Checked, fail, ok, warn
from monitor.doors.policy import NetworkPolicy
from registry.checkup import Checkup
from registry.migrations import Schema

MOST_NAMES = 200  # asked of DNS in one run
SHOWN = 3
_RESOLVE_S = 5.0

Addresses = Mapping[str, tuple[str, ...]]  # of each host; empty where it has none


def check_key_file(path: Path) -> Checked:
    about = f"key file {path}"
    try:
        seen = path.stat()
    except FileNotFoundError:
        return warn(
            about,
            "does not exist",
            "restore it from your backup; a first `camreach serve` makes one",
        )
    except OSError as error:
        return fail(about, str(error.strerror), f"chown camreach: {path}")
    mode = stat.S_IMODE(seen.st_mode)
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        return fail(about, f"mode {mode:04o}, others could read it", f"chmod 600 {path}")
    return ok(about, f"mode {mode:04o}")


def check_owner(database: Path | None) -> Checked | None:
    """Whoever opens a SQLite file leaves files beside it that belong to him."""
    if database is None or not database.exists() or database.stat().st_uid == os.geteuid():
        return None
    return fail(
        "user",
        f"{database} belongs to user {database.stat().st_uid}, this is user {os.geteuid()}",
        f"sudo -u '#{database.stat().st_uid}' camreach doctor",
    )


def check_schema(schema: Schema) -> Checked:
    about = "database schema"
    if schema.fits:
        return ok(about, schema.needed)
    if schema.found is None:
        return warn(about, f"none yet, this camreach needs {schema.needed}", "camreach migrate")
    said = f"{schema.found}, this camreach needs {schema.needed}"
    return warn(about, said, "camreach backup FILE, then camreach migrate")


def check_damage(checkup: Checkup) -> Checked:
    about = "database"
    if checkup.damage is not None:
        return fail(about, f"damaged: {checkup.damage}", "camreach restore FILE --replace")
    return ok(about, "opens and is sound")


def check_logins(checkup: Checkup) -> Checked:
    about = "camera logins"
    closed = checkup.closed_logins
    if closed:
        return fail(
            about,
            f"{len(closed)} of {checkup.logins} do not open with the key file: {_some(closed)}",
            "put the key they were sealed with below the others in the key file, "
            "or import those logins again",
        )
    return ok(about, f"all {checkup.logins} open")


def check_names(addresses: Addresses) -> Checked:
    about = "DNS"
    names = [host for host in addresses if not _is_address(host)]
    silent = [name for name in names if not addresses[name]]
    if silent:
        return fail(
            about,
            f"{len(silent)} of {len(names)} names have no address: {_some(silent)}",
            "correct them in the registry, or /etc/resolv.conf",
        )
    return ok(about, f"all {len(names)} names resolve" if names else "no feed is given by name")


def check_networks(checkup: Checkup, addresses: Addresses, allowed: Sequence[Network]) -> Checked:
    about = "probe.allow_networks"
    if not allowed:
        return fail(
            about, "empty: nothing is ever looked at", 'name networks, such as ["198.18.0.0/15"]'
        )
    policy = NetworkPolicy(tuple(allowed))
    outside = [
        host
        for host, found in addresses.items()
        if found and not any(policy.allows(address) for address in found)
    ]
    if outside:
        feeds = sum(checkup.hosts[host] for host in outside)
        return fail(
            about,
            f"{feeds} feeds on {len(outside)} hosts lie outside: {_some(outside)}",
            "add their networks, or correct the addresses in the registry",
        )
    return ok(about, f"holds all {len(addresses)} hosts of the registry that were asked")


async def resolve(hosts: Mapping[str, int]) -> Addresses:
    """Addresses as they are; of names, those that serve the most feeds are asked first."""
    names = [host for host in sorted(hosts, key=lambda h: -hosts[h]) if not _is_address(host)]
    asked = names[:MOST_NAMES]
    found = await asyncio.gather(*map(_resolve, asked))
    return {
        **{host: (host,) for host in hosts if _is_address(host)},
        **dict(zip(asked, found, strict=True)),
    }


async def _resolve(name: str) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(_RESOLVE_S):
            found = await asyncio.get_running_loop().getaddrinfo(name, None)
    except (OSError, TimeoutError):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(repr(name) for name in names[:SHOWN]) + more
