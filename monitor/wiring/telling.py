"""The service's ways to tell what it knows: its address, its certificate, its pages and metrics.

It looks at nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

from aiohttp import web

from monitor.certificate import followed, server_context
from monitor.config import ConfigError, Contacts, Service, Settings
from monitor.http import Health, Telling, build_app
from monitor.version import VERSION
from monitor.wiring.looking import Looking
from registry.clock import SystemClock
from registry.database import Database
from registry.device_contacts import SilenceLimits
from registry.security.sealing import Sealer
from registry.serving import Serving


@contextlib.contextmanager
def bound(service: Service) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server(
            (service.host, service.port),
            family=socket.AF_INET6 if ":" in service.host else socket.AF_INET,
        )
    except (OSError, OverflowError) as error:
        place = f"{service.host} port {service.port}"
        raise ConfigError(f"cannot listen on {place}: {error}") from error
    with listener:
        yield listener


@asynccontextmanager
async def told(
    settings: Settings, serving: Serving, looking: Looking, listener: socket.socket
) -> AsyncIterator[str]:
    """Pages, API and metrics, for as long as the context is open; gives their URL."""
    service = settings.service
    telling = Telling(
        looking.knowledge,
        looking.exposition,
        looking.metrics,
        Health(looking.watch.wrong, looking.watch.missing),
        settings.metrics,
        service.behind_proxy,
    )
    async with (
        _tls(service, looking.clock) as context,
        _listening(build_app(serving, telling), listener, context) as url,
    ):
        yield url


def serving_of(
    settings: Settings, database: Database, sealer: Sealer, vantage_id: int, looking: Looking
) -> Serving:
    service = settings.service
    return Serving(
        database=database,
        live=looking.view,
        clock=looking.clock,
        vantage_id=vantage_id,
        session_hours=service.session_hours,
        secure_cookie=not service.is_loopback or service.behind_proxy,
        version=VERSION,
        silence=_silence(settings.contacts),
        sealer=sealer,
        map_tiles=service.map_tiles,
    )


def _silence(contacts: Contacts) -> SilenceLimits:
    return SilenceLimits(
        silent=timedelta(hours=contacts.silent_hours),
        long_silent=timedelta(hours=contacts.long_silent_hours),
        lost=timedelta(hours=contacts.lost_hours),
    )


@asynccontextmanager
async def _listening(
    app: web.Application, listener: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.SockSite(runner, listener, ssl_context=context)
        await site.start()
        host, port = runner.addresses[0][:2]
        scheme = "http" if context is None else "https"
        yield f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _tls(service: Service, clock: SystemClock) -> AsyncIterator[ssl.SSLContext | None]:
    if service.tls_certificate is None:
        yield None
        return
    files = service.tls_certificate, service.tls_key
    context = await asyncio.to_thread(server_context, *files)
    async with followed(context, *files, clock):
        yield context
