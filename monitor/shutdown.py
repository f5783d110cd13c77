"""Turns the signals that end a service into something to wait for."""

from __future__ import annotations

import asyncio
import signal


def stop_signal() -> asyncio.Future[None]:
    """Done at SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopped
