"""One decoder child as the parent holds it: started, asked, killed. It judges no answer."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.picture import wire
from monitor.picture.room import Room

# -I: neither the environment nor the working folder decides what the child imports. It gets our own
# path, so that a source checkout works as an installed wheel does.
_BOOT = (
    "import sys; sys.path[:] = sys.argv[5:]; from monitor.picture.worker import main;"
    " main(*map(int, sys.argv[1:5]))"
)
_DYING_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the pool and of each child."""

    memory_bytes: int = 768 * 1024 * 1024  # beyond what the warm child maps: 8K and its decoder
    cpu_s: int = 600  # for `recycle_after` keyframes, far above the dearest honest ones
    recycle_after: int = 500  # keyframes; what leaks in a decoder leaks for minutes only
    queue: int = 128  # waiting keyframes: the pool's whole memory besides the children
    start_s: float = 30.0


class ChildLost(Exception):
    """The child died, hung or spoke nonsense; it must be killed."""


class DecoderChild:
    """Born warm and confined by `start`; asked one job at a time."""

    def __init__(
        self, process: Process, to_child: StreamWriter, from_child: StreamReader, room: Room
    ) -> None:
        self._process = process
        self._room = room
        self._to_child = to_child
        self._from_child = from_child
        self.unconfined: str | None = None
        self.jobs = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def start(cls, limits: Limits) -> DecoderChild:
        """A warm, confined child; ChildLost when it does not get that far."""
        room = Room()
        try:
            child = cls(*await _spawn(limits, room.fd), room)
        except BaseException:
            room.close()
            raise
        try:
            async with asyncio.timeout(limits.start_s):
                await child._greet()
        except TimeoutError as error:
            await child.kill()
            raise ChildLost(f"decoder child was not warm within {limits.start_s} s") from error
        except BaseException:
            await child.kill()
            raise
        return child

    async def _greet(self) -> None:
        try:
            self.unconfined = wire.read_ready(*await self._read(0)).unconfined
        except wire.BadMessage as error:
            raise ChildLost(str(error)) from error
        except ChildLost as error:
            raise ChildLost(f"{error}: {await self._last_words()}") from error

    async def _last_words(self) -> str:
        """What the interpreter printed before it ended, such as an import that failed."""
        text = await self._process.stderr.read() if self._process.stderr else b""
        return wire.words(text.decode(errors="replace").strip().rpartition("\n")[2])

    async def ask(self, job: wire.Job) -> wire.Seen | wire.Refused:
        """The answer to one job. After any exception the pipe is out of step: kill the child."""
        self.jobs += 1
        try:
            self._room.lay(job.data)
            self._to_child.write(wire.pack_job(job))
            await self._to_child.drain()
            return wire.read_answer(*await self._read(wire.MAX_SNAPSHOT_BYTES), job.number)
        except wire.BadMessage as error:
            raise ChildLost(f"decoder child answered nonsense: {error}") from error
        except ConnectionError as error:
            raise ChildLost(await self._how_it_ended()) from error

    async def _read(self, max_blob_bytes: int) -> tuple[bytes, bytes]:
        read = self._from_child.readexactly
        try:
            text_bytes, blob_bytes = wire.sizes(await read(wire.HEADER_BYTES), max_blob_bytes)
            return await read(text_bytes), await read(blob_bytes)
        except asyncio.IncompleteReadError as error:
            raise ChildLost(await self._how_it_ended()) from error

    async def _how_it_ended(self) -> str:
        """Called when the pipe broke: the child is as good as dead, and its own end is the news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DYING_S):
                await self._process.wait()
        await self.kill()
        code = self._process.returncode
        if code is not None and code < 0:
            return f"decoder child died of {signal.Signals(-code).name}"
        return f"decoder child ended with exit code {code}"

    async def kill(self) -> None:
        """Gone and reaped when this returns or is cancelled: SIGKILL takes moments."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        reaped = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.shield(reaped)
        except asyncio.CancelledError:
            await reaped
            raise
        finally:
            self._room.close()


async def _spawn(limits: Limits, room: int) -> tuple[Process, StreamWriter, StreamReader]:
    numbers = (os.getpid(), limits.memory_bytes, limits.cpu_s, room)
    path = [*filter(os.path.isabs, sys.path), str(Path(__file__).parents[2])]
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _BOOT, *map(str, numbers), *path),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,  # why it could not start; the warm child turns it to nowhere
            pass_fds=(room,),
            env={},
            cwd="/",
            start_new_session=True,  # Ctrl-C at the terminal is the parent's to handle
        )
    except OSError as error:
        raise ChildLost(f"decoder child did not start: {error.strerror}") from error
    if process.stdin is None or process.stdout is None:
        raise ChildLost("decoder child has no pipe")
    return process, process.stdin, process.stdout
