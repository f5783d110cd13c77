"""Logins encrypted with a key file. They are opened to be sent to a camera, never to be shown."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from registry.targets import Login

MAX_KEY_FILE_BYTES = 4096


class SealingError(Exception):
    """A key file that cannot be used, or a login that it does not open."""


def create_key_file(path: Path) -> None:
    """Write a new key, readable by its owner only; an existing file is never replaced."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SealingError(f"key file {str(path)!r} exists already and is not replaced") from error
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())


class Sealer:
    """Seals with the first key of the file, opens with any: a new key goes on top of the old.

    Whoever runs for long lets it `follow` the file. Fingerprints stay as they are until the next
    start: many remember them.
    """

    def __init__(self, keys: Sequence[bytes], file: Path | None = None) -> None:
        self._fernet = _opener(keys)
        self._file, self._read = file, _stamp_of(file)
        # The oldest key, so that fingerprints survive a new key on top.
        self._fingerprint_key = hashlib.sha256(b"camreach login fingerprint" + keys[-1]).digest()

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        return cls(_read_keys(path), path)

    def seal(self, login: Login) -> bytes:
        """Username, password and further secrets; where it may be sent stays in the clear."""
        return self._fernet.encrypt(_plain(login))

    def unseal(
        self, sealed: bytes, *, hosts: Sequence[str] = (), allow_basic: bool = False
    ) -> Login:
        try:
            username, password, secrets = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError) as error:
            raise SealingError("a sealed login does not open with this key file") from error
        login = Login(username, password, secrets)
        return Login(
            username, password, secrets, tuple(hosts), allow_basic, self.fingerprint(login)
        )

    def follow(self) -> bool:
        """Whether the file changed since it was read: its keys are in force from now on. Call it
        from a thread. Raises SealingError where the file cannot be used; the keys stay then.
        """
        stamp = _stamp_of(self._file)
        if self._file is None or stamp == self._read:
            return False
        self._fernet, self._read = _opener(_read_keys(self._file)), stamp
        return True

    def reseal(self, sealed: bytes) -> bytes:
        """The same login under the first key, after a new one was put on top."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise SealingError("a sealed login does not open with this key file") from error

    def fingerprint(self, login: Login) -> str:
        """Equal for equal logins, and of no use to anybody without the key file."""
        return hmac.new(self._fingerprint_key, _plain(login), hashlib.sha256).hexdigest()[:32]

    def __repr__(self) -> str:
        return "Sealer()"


def _opener(keys: Sequence[bytes]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise SealingError("a key is not 32 bytes in URL-safe base64") from error


def _stamp_of(file: Path | None) -> tuple[int, ...]:
    """Changes with the file; empty where there is none, which is told when it is read."""
    try:
        said = file.stat() if file is not None else None
    except OSError:
        said = None
    return (said.st_mtime_ns, said.st_ino, said.st_size) if said else ()


def _plain(login: Login) -> bytes:
    secrets = dict(sorted(login.secrets.items()))
    return json.dumps([login.username, login.password, secrets], ensure_ascii=False).encode()


def _read_keys(path: Path) -> list[bytes]:
    try:
        _refuse_readable(path, path.stat().st_mode)
        with path.open("rb") as file:
            keys = file.read(MAX_KEY_FILE_BYTES).split()
    except FileNotFoundError as error:
        raise SealingError(f"key file {str(path)!r} does not exist") from error
    except OSError as error:
        raise SealingError(f"key file {str(path)!r} cannot be read: {error.strerror}") from error
    if not keys:
        raise SealingError(f"key file {str(path)!r} holds no key")
    return keys


def _refuse_readable(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise SealingError(f"key file {str(path)!r} is not a regular file")
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise SealingError(
            f"key file {str(path)!r} has mode {stat.S_IMODE(mode):04o}, expected 0600 or 0640: "
            "others could read or change it"
        )
