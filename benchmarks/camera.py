"""Simulated cameras with a real camera's picture sizes, in a process whose cost is not counted.

`python -m benchmarks.camera N FORM` serves until its stdin ends. It must not outlive its parent.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import uvloop

from monitor.simulator.behaviour import SimulatedCamera, SimulatedLogin
from monitor.simulator.cache import cache_folder, load, save
from monitor.simulator.clips import FULL, Clip, ClipLibrary, ClipSpec, Scene
from monitor.simulator.fleet import Fleet
from monitor.simulator.making import make_clip
from registry.vocabulary import Codec

LOGIN = SimulatedLogin("camreach", "simulated-fleet")


class Form(StrEnum):
    """1080p at 25 pictures a second, one GOP a second; `small` is for tests of the benchmark."""

    FULL = "full"  # H.264 Main profile
    BASELINE = "baseline"  # without its entropy coding and loop filter: decoded in half the time
    SMALL = "small"


_FULL = ClipSpec(
    scene=Scene.CROSSING_DUSK,
    codec=Codec.H264,
    seconds=7,
    width=1920,
    height=1080,
    frames_per_second=25,
    quality=23,
    main_profile=True,
)
# What the large ones come to: IDR about 150 KB, other pictures about 10 KB, 3 Mbit/s.
_SPECS = {
    Form.FULL: _FULL,
    Form.BASELINE: replace(_FULL, main_profile=False),
    Form.SMALL: ClipSpec(
        scene=Scene.STREET_DAY,
        codec=Codec.H264,
        seconds=2,
        width=320,
        height=180,
        frames_per_second=25,
    ),
}


@dataclass(frozen=True, slots=True)
class Cameras:
    """What the parent has to know of them."""

    open: tuple[str, ...]  # URLs of those that ask for no login
    signed: tuple[str, ...]  # and of those with Digest; the login is not in them
    keyframe_bytes: int
    delta_bytes: int


class _OneClip(ClipLibrary):
    """The same clip for every camera."""

    def live(self, codec: Codec, pick: int) -> Clip:
        return next(iter(self.clips.values()))


@asynccontextmanager
async def cameras(count: int, form: Form = Form.FULL) -> AsyncIterator[Cameras]:
    """So many without a login, as many with Digest; they reply without delay."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.camera", str(count), form.value, stdin=PIPE, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        said = json.loads(await process.stdout.readline())
        yield Cameras(**(said | {name: tuple(said[name]) for name in ("open", "signed")}))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _serve(count: int, form: Form) -> None:
    clip = _clip(_SPECS[form])
    library = _OneClip(FULL, MappingProxyType({clip.spec: clip}))
    opened = [f"open-{number}" for number in range(count)]
    signed = [f"signed-{number}" for number in range(count)]
    fleet = Fleet(
        [
            *(SimulatedCamera(code=code, reply_delay_s=0.0) for code in opened),
            *(SimulatedCamera(code=code, reply_delay_s=0.0, login=LOGIN) for code in signed),
        ],
        library=library,
    )
    async with fleet:
        keyframe_bytes, delta_bytes = _typical_sizes(clip)
        served = Cameras(
            tuple(map(fleet.url, opened)),
            tuple(map(fleet.url, signed)),
            keyframe_bytes,
            delta_bytes,
        )
        print(json.dumps(asdict(served)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _clip(spec: ClipSpec) -> Clip:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    clip = load(spec, folder)
    if clip is None:
        clip = make_clip(spec)
        save(clip, folder)
    return clip


def _typical_sizes(clip: Clip) -> tuple[int, int]:
    sizes: dict[bool, list[int]] = {True: [], False: []}
    for unit in clip.units:
        sizes[unit.keyframe].append(sum(map(len, unit.payloads)))
    return round(statistics.median(sizes[True])), round(statistics.median(sizes[False]))


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), Form(sys.argv[2])))
