"""The file a backup is: a tar with a manifest first. It knows no database."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
KEY = "camreach.key"
MAX_MANIFEST_BYTES = 64 * 1024
_CHUNK = 1 << 20


class BackupRefused(Exception):
    """A backup that cannot be made or put back; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup, as it was put in."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    camreach: str  # the version that made it
    database: str  # sqlite or postgresql: one is not put back into the other
    schema: str
    made_at: datetime
    parts: Mapping[str, Part]

    @property
    def has_key(self) -> bool:
        return KEY in self.parts


def part_of(path: Path) -> Part:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        return Part(file.tell(), digest.hexdigest())


def write_archive(target: Path, manifest: Manifest, files: Iterable[Path]) -> None:
    """Readable by its owner only, on the disk when this returns, and never half there."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                _add_manifest(tar, manifest)
                for path in files:
                    tar.add(path, arcname=path.name, recursive=False, filter=_nobodys)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(target.parent)


def read_manifest(source: Path) -> Manifest:
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST or not first.isreg():
                raise BackupRefused(f"{source}: not a backup of camreach: no manifest at its start")
            if first.size > MAX_MANIFEST_BYTES:
                raise BackupRefused(f"{source}: a manifest of {first.size} bytes is none of ours")
            return _parsed(source, _content(tar, first))
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupRefused(f"{source}: cannot be read: {error}") from error


def unpack(source: Path, manifest: Manifest, folder: Path) -> None:
    """The parts that the manifest names, each checked against it, into `folder`; nothing else."""
    found = set()
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for member in tar:
                expected = manifest.parts.get(member.name)
                if expected is None or not member.isreg() or member.name in found:
                    continue
                _unpack_one(tar, member, expected, folder / member.name)
                found.add(member.name)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupRefused(f"{source}: cannot be unpacked: {error}") from error
    if missing := sorted(set(manifest.parts) - found):
        raise BackupRefused(f"{source}: {missing} named in the manifest is not in it")


def sync_folder(folder: Path) -> None:
    """So that a rename in it survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, expected: Part, to: Path) -> None:
    stream = tar.extractfile(member)
    if stream is None or member.size != expected.bytes:
        raise BackupRefused(f"{member.name}: {member.size} bytes, expected {expected.bytes}")
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(_CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if (seen := part_of(to).sha256) != expected.sha256:
        raise BackupRefused(f"{member.name}: checksum {seen}, expected {expected.sha256}: damaged")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read() if stream else b""


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    said = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    text = json.dumps(said, indent=2).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode, member.mtime = len(text), 0o600, int(manifest.made_at.timestamp())
    tar.addfile(member, BytesIO(text))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever unpacks it by hand becomes its owner, and nobody else may read it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _parsed(source: Path, text: bytes) -> Manifest:
    try:
        said: dict[str, Any] = json.loads(text)
        if said["format"] != FORMAT:
            raise BackupRefused(
                f"{source}: backup format {said['format']!r}, expected {FORMAT}: "
                "it was made by another camreach; install that one"
            )
        return Manifest(
            camreach=str(said["camreach"]),
            database=str(said["database"]),
            schema=str(said["schema"]),
            made_at=datetime.fromisoformat(said["made_at"]).astimezone(UTC),
            parts={
                _plain_name(name): Part(int(part["bytes"]), str(part["sha256"]))
                for name, part in said["parts"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupRefused(f"{source}: its manifest does not read: {error!r}") from error


def _plain_name(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"a part is called {name!r}")
    return name
