"""The fleet as a whole: addresses, size, and the process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor.simulator.behaviour import Behaviour, SimulatedCamera, SimulatedLogin
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.fleet import Fleet
from monitor.simulator.plan import Clips, FleetPlan
from monitor.simulator.process import FleetProcess, FleetProcessError
from tests.integration.simulator.client import Client, Picture

LOOPBACK = ip_network("127.0.0.0/8")


def listening(pid: int | str = "self") -> set[tuple[str, int]]:
    """Where this process listens, as the kernel says."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(entry) if entry.is_symlink() else ""
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                address, port = words[1].split(":")
                raw = bytes.fromhex(address)
                host = socket.inet_ntoa(raw[::-1]) if len(raw) == 4 else "::"
                found.add((host, int(port, 16)))
    return found


def cameras(count: int) -> list[SimulatedCamera]:
    return [SimulatedCamera(code=f"CAM-{n}", reply_delay_s=0.0) for n in range(count)]


async def test_three_hundred_cameras_play_at_once_from_one_process(library: ClipLibrary) -> None:
    async def one_look(url: str) -> list[Picture]:
        async with await Client.connect(url) as c:
            await c.play()
            pictures = await c.pictures(5)
            await c.ask("TEARDOWN")
            return pictures

    async with Fleet(cameras(300), library=library) as fleet:
        urls = fleet.urls()
        looks = await asyncio.gather(*(one_look(url) for url in urls.values()))
        stats = fleet.stats()
        bound = await asyncio.to_thread(listening)

    hosts = {urlsplit(url).hostname for url in urls.values()}
    assert len(hosts) == 300
    assert all(len(pictures) == 5 for pictures in looks)
    assert len({pictures[0].coded for pictures in looks}) > 100
    assert (stats.totals.sessions_torn_down, stats.sessions_open) == (300, 0)
    assert {(host, urlsplit(urls["CAM-0"]).port) for host in hosts} <= bound
    assert all(ip_address(host) in LOOPBACK for host, _ in bound)


async def test_one_address_serves_the_fleet_on_many_ports(library: ClipLibrary) -> None:
    async with Fleet(cameras(3), library=library, one_address=True) as fleet:
        places = [urlsplit(url) for url in fleet.urls().values()]
        async with await Client.connect(fleet.url("CAM-2")) as c:
            assert (await c.ask("DESCRIBE")).status == 200

    assert {place.hostname for place in places} == {"127.0.0.1"}
    assert len({place.port for place in places}) == 3


async def test_nothing_is_left_open_after_the_fleet(library: ClipLibrary) -> None:
    before = await asyncio.to_thread(listening)
    async with Fleet(cameras(5), library=library) as fleet:
        client = await Client.connect(fleet.url("CAM-1"))
        await client.play()
    ended = await client.is_ended()
    client.close()
    after = await asyncio.to_thread(listening)

    assert ended
    assert after == before


@pytest.mark.parametrize(
    ("cams", "said"),
    [
        ([SimulatedCamera(code="A"), SimulatedCamera(code="A")], "same code"),
        (
            [SimulatedCamera(code="A"), SimulatedCamera(code="B", recorder="A")],
            "'A' is the code of a camera and of a recorder",
        ),
        (
            [
                SimulatedCamera(code="A", recorder="NVR", behaviour=Behaviour.REFUSES),
                SimulatedCamera(code="B", recorder="NVR"),
            ],
            "'A' is one channel of 'NVR'",
        ),
        (
            [
                SimulatedCamera(code="A", recorder="NVR", tls=True),
                SimulatedCamera(code="B", recorder="NVR"),
            ],
            "'NVR' has channels with TLS and without",
        ),
    ],
)
def test_impossible_fleet_is_an_error_at_once(cams: list[SimulatedCamera], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Fleet(cams)


def plan(*cams: SimulatedCamera, **more: object) -> FleetPlan:
    return FleetPlan(cameras=cams, port=0, clips=Clips.SHORT, **more)  # type: ignore[arg-type]


@pytest.mark.usefixtures("library")
async def test_fleet_in_its_own_process_is_switched_and_counted() -> None:
    progress: list[tuple[int, int]] = []
    camera = SimulatedCamera(code="CAM", reply_delay_s=0.0, login=SimulatedLogin("u", "p"))
    recorded = SimulatedCamera(code="CH", recorder="NVR", reply_delay_s=0.0)
    async with FleetProcess(plan(camera, recorded), lambda *at: progress.append(at)) as fleet:
        async with await Client.connect(fleet.urls["CH"]) as c:
            await c.play()
            pictures = await c.pictures(2)
            await c.ask("TEARDOWN")
        async with await Client.connect(fleet.urls["CAM"]) as c:
            unsigned = await c.ask("DESCRIBE")
        await fleet.set_behaviour("CAM", Behaviour.REFUSES)
        with pytest.raises(ConnectionRefusedError):
            await Client.connect(fleet.urls["CAM"])
        await fleet.set_behaviour("CAM", Behaviour.NOT_FOUND)
        async with await Client.connect(fleet.urls["CAM"]) as c:
            assert (await c.ask("OPTIONS")).status == 200
        stats = await fleet.stats()
        with pytest.raises(FleetProcessError, match="no simulated camera or recorder 'X'"):
            await fleet.set_behaviour("X", Behaviour.LIVE)
        bound = await asyncio.to_thread(listening, fleet.pid)

    assert progress[-1][0] == progress[-1][1]
    assert len(pictures) == 2
    assert unsigned.status == 401
    assert stats.cameras["CH"].sessions_torn_down == 1
    assert stats.cameras["CAM"].signed_requests == 0
    assert bound
    assert all(ip_address(host) in LOOPBACK for host, _ in bound)


@pytest.mark.usefixtures("library")
async def test_child_dies_with_its_parent() -> None:
    program = (
        "import asyncio\n"
        "from monitor.simulator.behaviour import SimulatedCamera\n"
        "from monitor.simulator.plan import Clips, FleetPlan\n"
        "from monitor.simulator.process import FleetProcess\n"
        "async def main():\n"
        "    plan = FleetPlan(cameras=(SimulatedCamera(code='C'),), port=0, clips=Clips.SHORT)\n"
        "    async with FleetProcess(plan) as fleet:\n"
        "        print(fleet.pid, fleet.urls['C'], flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE)
    assert parent.stdout is not None
    pid, url = (await parent.stdout.readline()).decode().split()
    async with await Client.connect(url) as c:
        assert (await c.ask("OPTIONS")).status == 200

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    assert await parent.stdout.read() == b""
    while not await asyncio.to_thread(is_dead, pid):  # noqa: ASYNC110 - not our child
        await asyncio.sleep(0.05)
    with pytest.raises(ConnectionRefusedError):
        await Client.connect(url)


def is_dead(pid: str) -> bool:
    """Gone, or a zombie: in a container there may be no init that asks for its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.usefixtures("library")
async def test_unreadable_plan_ends_the_child_with_an_error() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor.simulator",
        stdin=PIPE, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip

    out, err = await child.communicate(b'{"cameras": [{"code": "C", "behaviour": "sings"}]}\n')

    assert (child.returncode, out) == (2, b"")
    assert b"'sings' is not a valid Behaviour" in err
    assert b"Traceback" not in err
