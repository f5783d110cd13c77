"""The fleet: thousands of simulated cameras on loopback addresses in one process.

It must not bind anything but loopback.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import ssl
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from monitor.simulator.behaviour import Behaviour, SimulatedCamera, SimulatedRecorder
from monitor.simulator.cache import Progress, load_library
from monitor.simulator.channel import Channel
from monitor.simulator.clips import FULL, Catalogue, ClipLibrary
from monitor.simulator.connection import Connection
from monitor.simulator.counts import Counts, FleetStats, SignedRequest
from monitor.simulator.host import Host
from monitor.simulator.tls import own_certificate

DEFAULT_PORT = 8554
_FILES_FOR_CLIENTS = 2048
_PORT_TRIES = 10
_KEPT_SIGNED_REQUESTS = 10_000
_SINGLE = SimulatedRecorder(code="", session_limit=8)


class Fleet:
    """Serves while its `async with` block runs. Port 0 takes a free one, the same for all hosts."""

    def __init__(
        self,
        cameras: Sequence[SimulatedCamera],
        *,
        recorders: Iterable[SimulatedRecorder] = (),
        port: int = 0,
        catalogue: Catalogue = FULL,
        library: ClipLibrary | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
        one_address: bool = False,
    ) -> None:
        self._cameras = tuple(cameras)
        _check(self._cameras)
        self._recorders = {recorder.code: recorder for recorder in recorders}
        self._port = port
        self._library = library
        self._load = partial(load_library, catalogue, cache, progress)
        self._one_address = one_address
        self._tls: ssl.SSLContext | None = None
        self._signed: deque[SignedRequest] = deque(maxlen=_KEPT_SIGNED_REQUESTS)
        self._hosts: dict[str, Host] = {}
        self._places: dict[str, tuple[Host, Channel]] = {}

    async def __aenter__(self) -> Self:
        if self._library is None:
            self._library = await asyncio.to_thread(self._load)
        if any(camera.tls for camera in self._cameras):
            self._tls = await asyncio.to_thread(own_certificate)
        self._furnish(self._library)
        _allow_open_files(len(self._hosts) + _FILES_FOR_CLIENTS)
        try:
            self._bind()
            for host in self._hosts.values():
                await self._open_or_refuse(host)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()
        await asyncio.sleep(0)  # aborted connections report their end in the loop's next round

    def url(self, code: str) -> str:
        host, channel = self._places[code]
        address, port = host.address
        return f"rtsp{'s' if channel.camera.tls else ''}://{address}:{port}{channel.path}"

    def urls(self) -> dict[str, str]:
        return {code: self.url(code) for code in self._places}

    def behaviour(self, code: str) -> Behaviour:
        return self._places[code][1].behaviour

    async def set_behaviour(self, code: str, behaviour: Behaviour) -> None:
        """Change one camera, or every channel of a recorder when `code` names one."""
        now_s = asyncio.get_running_loop().time()
        host, channels = self._named(code)
        if behaviour.is_of_the_box and len(channels) < len(host.channels):
            raise ValueError(_alone(behaviour, code, host.name))
        for channel in channels:
            channel.behave(behaviour, now_s)
            for connection in tuple(host.connections.values()):
                connection.behave(channel, now_s)
        await self._open_or_refuse(host)

    def stats(self) -> FleetStats:
        cameras = {code: replace(channel.counts) for code, (_, channel) in self._places.items()}
        return FleetStats(
            connections_open=sum(len(host.connections) for host in self._hosts.values()),
            sessions_open=sum(host.sessions for host in self._hosts.values()),
            totals=sum(cameras.values(), Counts()),
            cameras=MappingProxyType(cameras),
        )

    def signed_requests(self, code: str | None = None) -> tuple[SignedRequest, ...]:
        """The last requests that carried an Authorization header, oldest first."""
        return tuple(r for r in self._signed if code is None or r.code == code)

    def _named(self, code: str) -> tuple[Host, tuple[Channel, ...]]:
        if code in self._places:
            host, channel = self._places[code]
            return host, (channel,)
        if code in self._recorders and code in self._hosts:
            return self._hosts[code], tuple(self._hosts[code].channels.values())
        raise KeyError(f"no simulated camera or recorder {code!r}")

    def _furnish(self, library: ClipLibrary) -> None:
        for name, cameras in _boxes(self._cameras).items():
            single = cameras[0].recorder is None
            paths = ["/stream"] if single else [f"/channel/{n + 1}" for n in range(len(cameras))]
            channels = {
                path: Channel(camera, library, path)
                for path, camera in zip(paths, cameras, strict=True)
            }
            limits = _SINGLE if single else self._recorders.setdefault(
                name, SimulatedRecorder(code=name)
            )  # fmt: skip
            host = Host(name, channels, limits, self._signed)
            self._hosts[name] = host
            self._places |= {c.camera.code: (host, c) for c in channels.values()}

    def _bind(self) -> None:
        """All hosts on one port, each with its own address; or on one address with a port each."""
        for attempt in range(_PORT_TRIES):
            try:
                self._bind_all(self._port)
            except OSError as error:
                self._close()
                if error.errno == errno.EADDRNOTAVAIL and not self._one_address:
                    self._one_address = True
                elif error.errno != errno.EADDRINUSE or self._port or attempt == _PORT_TRIES - 1:
                    raise
            else:
                return

    def _bind_all(self, port: int) -> None:
        for host, address in zip(self._hosts.values(), _addresses(), strict=False):
            if self._one_address:
                host.bind("127.0.0.1", port)
                port = port + 1 if self._port else 0
            else:
                host.bind(address, port)
                port = host.address[1]

    async def _open_or_refuse(self, host: Host) -> None:
        if host.refuses:
            host.stop_listening()
        else:
            await host.listen(partial(Connection, host), self._tls if host.speaks_tls else None)

    def _close(self) -> None:
        for host in self._hosts.values():
            host.close()


def _boxes(cameras: Iterable[SimulatedCamera]) -> dict[str, list[SimulatedCamera]]:
    boxes: dict[str, list[SimulatedCamera]] = {}
    for camera in cameras:
        boxes.setdefault(camera.recorder or camera.code, []).append(camera)
    return boxes


def _check(cameras: Sequence[SimulatedCamera]) -> None:
    codes = {camera.code for camera in cameras}
    if len(codes) != len(cameras):
        raise ValueError("two simulated cameras have the same code")
    for name, channels in _boxes(cameras).items():
        if name in codes and len(channels) > 1:
            raise ValueError(f"{name!r} is the code of a camera and of a recorder")
        if len({c.tls for c in channels}) > 1:
            raise ValueError(f"{name!r} has channels with TLS and without on its one port")
        for camera in channels:
            if camera.behaviour.is_of_the_box and len({c.behaviour for c in channels}) > 1:
                raise ValueError(_alone(camera.behaviour, camera.code, name))


def _alone(behaviour: Behaviour, code: str, recorder: str) -> str:
    can = f"only the whole recorder can behave as {behaviour.value!r}"
    return f"{code!r} is one channel of {recorder!r}: {can}"


def _addresses() -> Iterator[str]:
    """127.77.1.1 and on: no network or broadcast address among them."""
    for second in range(77, 127):
        for third in range(1, 255):
            yield from (f"127.{second}.{third}.{fourth}" for fourth in range(1, 255))


def _allow_open_files(needed: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise OSError(errno.EMFILE, f"the fleet needs {needed} open files, the limit is {hard}")
    if soft != resource.RLIM_INFINITY and needed > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
