"""The certificate that the service shows, replaced while it runs."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from pathlib import Path

import pytest

from monitor.certificate import EVERY_S, followed, server_context
from monitor.config import ConfigError
from tests.fakes.certificates import certificate
from tests.fakes.clock import FakeClock


async def shown(context: ssl.SSLContext) -> bytes:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return found


async def test_a_renewed_certificate_is_shown_and_a_spoilt_one_is_not(tmp_path: Path):
    old = await asyncio.to_thread(certificate, tmp_path, "old")
    new = await asyncio.to_thread(certificate, tmp_path, "new")
    file, clock = tmp_path / "shown.pem", WatchedClock()
    shutil.copy(old.path, file)
    context = await asyncio.to_thread(server_context, file, None)

    async with followed(context, file, None, clock):
        await clock.slept.acquire()
        for content, expected in ((new.path.read_bytes(), new), (b"spoilt", new)):
            file.with_suffix(".next").write_bytes(content)
            file.with_suffix(".next").rename(file)
            await asyncio.sleep(0)  # until it sleeps
            clock.jump(EVERY_S)
            await clock.slept.acquire()
            assert await shown(context) == expected.der


class WatchedClock(FakeClock):
    """Says when somebody sleeps, so that a test knows that the file was looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = asyncio.Semaphore(0)

    async def sleep(self, seconds: float) -> None:
        self.slept.release()
        await super().sleep(seconds)


async def test_a_certificate_that_cannot_be_read_is_named_at_the_start(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"service\.tls_certificate: .*gone\.pem"):
        await asyncio.to_thread(server_context, tmp_path / "gone.pem", None)
