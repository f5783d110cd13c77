"""Clips on disk: a file each, keyed by content, written whole or not at all; and all of them.

It must not import video libraries: what is missing is made by child processes.
"""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from threading import Lock
from types import MappingProxyType
from typing import IO, cast

from monitor.simulator.clips import FORMAT, FULL, AccessUnit, Catalogue, Clip, ClipLibrary, ClipSpec

_LENGTH = struct.Struct("!I")

Progress = Callable[[int, int], None]  # clips ready, clips in all


class ClipNotMadeError(Exception):
    """The child that makes clips ended before its work was done; its stderr says why."""


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "camreach"


def load_library(
    catalogue: Catalogue = FULL, folder: Path | None = None, progress: Progress | None = None
) -> ClipLibrary:
    """Load every clip, making those that the folder lacks. Blocks: run it in a thread."""
    folder = folder or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    specs = list(catalogue.specs())
    loaded: dict[ClipSpec, Clip] = {}
    counting = Lock()

    def keep(spec: ClipSpec, clip: Clip) -> None:
        with counting:
            loaded[spec] = clip
            if progress is not None:
                progress(len(loaded), len(specs))

    missing = []
    for spec in specs:
        clip = load(spec, folder)
        if clip is None:
            missing.append(spec)
        else:
            keep(spec, clip)
    _make(missing, folder, keep)
    return ClipLibrary(catalogue, MappingProxyType({spec: loaded[spec] for spec in specs}))


def load(spec: ClipSpec, folder: Path) -> Clip | None:
    """None when it is not there, or damaged."""
    try:
        return _unpack(spec, (folder / spec.file_name).read_bytes())
    except (FileNotFoundError, _DamagedClipError):
        return None


def save(clip: Clip, folder: Path) -> None:
    """Two first starts at once must not see each other's half-written clip."""
    path = folder / clip.spec.file_name
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_bytes(_pack(clip))
    draft.replace(path)


def _make(specs: Sequence[ClipSpec], folder: Path, keep: Callable[[ClipSpec, Clip], None]) -> None:
    """One child per core: painting holds the interpreter's lock, so threads would queue for it."""
    waiting = iter(specs)
    children = min(os.cpu_count() or 1, len(specs))
    with ThreadPoolExecutor(max_workers=max(1, children)) as pool:
        drivers = [pool.submit(_drive_child, waiting, folder, keep) for _ in range(children)]
        for driver in drivers:
            driver.result()


def _drive_child(
    waiting: Iterator[ClipSpec], folder: Path, keep: Callable[[ClipSpec, Clip], None]
) -> None:
    command = [sys.executable, "-m", "monitor.simulator.making", str(folder)]
    with subprocess.Popen(command, text=True, stdin=PIPE, stdout=PIPE) as child:  # noqa: S603 - our own
        said = cast(IO[str], child.stdout)
        for spec in waiting:  # shared by the drivers: each takes the next one
            print(spec.to_json(), file=child.stdin, flush=True)
            answer = said.readline().strip()
            clip = load(spec, folder)
            if answer != spec.file_name or clip is None:
                raise ClipNotMadeError(f"asked for {spec.file_name!r}, got {answer!r}")
            keep(spec, clip)


class _DamagedClipError(Exception):
    pass


def _pack(clip: Clip) -> bytes:
    """Format line, digest, counts; then the parameter sets, then each unit as a flag and parts."""
    parts: list[bytes] = [_LENGTH.pack(len(clip.parameter_sets)), _LENGTH.pack(len(clip.units))]
    for nal in clip.parameter_sets:
        parts += (_LENGTH.pack(len(nal)), nal)
    for unit in clip.units:
        parts.append(struct.pack("!BH", unit.keyframe, len(unit.payloads)))
        for part in unit.payloads:
            parts += (_LENGTH.pack(len(part)), part)
    body = b"".join(parts)
    return FORMAT + hashlib.blake2b(body, digest_size=16).digest() + body


def _unpack(spec: ClipSpec, data: bytes) -> Clip:
    start = len(FORMAT) + 16
    body = data[start:]
    digest = hashlib.blake2b(body, digest_size=16).digest()
    if data[:start] != FORMAT + digest:
        raise _DamagedClipError(spec.file_name)
    sets, units = struct.unpack_from("!II", body)
    position = 8

    def take() -> bytes:
        nonlocal position
        (length,) = _LENGTH.unpack_from(body, position)
        position += 4 + length
        return body[position - length : position]

    parameter_sets = tuple(take() for _ in range(sets))
    loaded: list[AccessUnit] = []
    for _ in range(units):
        keyframe, count = struct.unpack_from("!BH", body, position)
        position += 3
        loaded.append(AccessUnit(tuple(take() for _ in range(count)), bool(keyframe)))
    return Clip(spec, parameter_sets, tuple(loaded))
