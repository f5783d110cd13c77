"""The certificate the service shows: read at the start, read again when its file changes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from monitor.config import ConfigError
from registry.clock import Clock

EVERY_S: Final = 60.0
log = structlog.get_logger()

_Stamp = tuple[int, int]


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Blocks. TLS 1.2 and above: Python's default, but Debian's leaves it to OpenSSL's file."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"service.tls_certificate: {certificate}: {error}") from error
    return context


@asynccontextmanager
async def followed(
    context: ssl.SSLContext, certificate: Path, key: Path | None, clock: Clock
) -> AsyncIterator[None]:
    """New connections get the new certificate; one that cannot be read leaves the old in force."""

    async def follow() -> None:
        seen = await asyncio.to_thread(_stamps, certificate, key)
        while True:
            await clock.sleep(EVERY_S)
            found = await asyncio.to_thread(_stamps, certificate, key)
            if found != seen and await asyncio.to_thread(_reload, context, certificate, key):
                seen = found

    following = asyncio.create_task(follow(), name="certificate")
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait([following])


def _stamps(certificate: Path, key: Path | None) -> list[_Stamp | None]:
    return [_stamp(path) for path in (certificate, key) if path is not None]


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _reload(context: ssl.SSLContext, certificate: Path, key: Path | None) -> bool:
    """Tried apart first: a pair that does not fit would leave half of itself in the context."""
    try:
        server_context(certificate, key)
        context.load_cert_chain(certificate, key)
    except (ConfigError, OSError) as error:
        log.warning("certificate_not_reloaded", why=str(error))
        return False
    log.info("certificate_reloaded", path=str(certificate))
    return True
