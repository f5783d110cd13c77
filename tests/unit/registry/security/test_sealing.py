"""The key file, and logins under it."""

from __future__ import annotations

import stat

import pytest

from registry.security.sealing import Sealer, SealingError, create_key_file
from registry.targets import Login

LOGIN = Login("admin", "pa ss:@/#", {"secret": "t0ken"})


@pytest.fixture
def key_file(tmp_path):
    create_key_file(tmp_path / "key")
    return tmp_path / "key"


def test_a_new_key_file_is_its_owners_only_and_is_never_replaced(key_file):
    before = key_file.read_bytes()

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    with pytest.raises(SealingError, match="exists already"):
        create_key_file(key_file)
    assert key_file.read_bytes() == before


def test_a_login_opens_as_it_was_sealed(key_file):
    sealer = Sealer.from_file(key_file)

    opened = sealer.unseal(sealer.seal(LOGIN), hosts=["10.0.0.1"], allow_basic=True)

    assert (opened.username, opened.password, opened.secrets) == (
        LOGIN.username,
        LOGIN.password,
        LOGIN.secrets,
    )
    assert (opened.hosts, opened.allow_basic) == (("10.0.0.1",), True)


def test_nothing_of_a_login_shows_in_what_is_kept_or_printed(key_file):
    sealer = Sealer.from_file(key_file)
    sealed = sealer.seal(LOGIN)
    opened = sealer.unseal(sealed)

    for text in (sealed.decode(), repr(opened), repr(sealer), opened.fingerprint):
        assert "admin" not in text
        assert "t0ken" not in text


def test_a_fingerprint_tells_two_logins_apart_and_depends_on_the_key(key_file, tmp_path):
    create_key_file(tmp_path / "other")
    sealer, other = Sealer.from_file(key_file), Sealer.from_file(tmp_path / "other")

    assert sealer.fingerprint(LOGIN) == sealer.fingerprint(LOGIN)
    assert sealer.fingerprint(LOGIN) != sealer.fingerprint(Login("admin", "other"))
    assert sealer.fingerprint(LOGIN) != other.fingerprint(LOGIN)


def test_a_new_key_on_top_opens_the_old_seals_and_keeps_the_fingerprints(key_file, tmp_path):
    old = Sealer.from_file(key_file)
    sealed = old.seal(LOGIN)
    create_key_file(tmp_path / "new")
    key_file.write_bytes((tmp_path / "new").read_bytes() + key_file.read_bytes())

    rotated = Sealer.from_file(key_file)
    resealed = rotated.reseal(sealed)

    assert rotated.unseal(sealed).password == LOGIN.password
    assert rotated.fingerprint(LOGIN) == old.fingerprint(LOGIN)
    assert Sealer.from_file(tmp_path / "new").unseal(resealed).password == LOGIN.password


def test_whoever_runs_follows_the_key_file_without_a_restart(key_file, tmp_path):
    running = Sealer.from_file(key_file)
    sealed, told = running.seal(LOGIN), running.fingerprint(LOGIN)
    create_key_file(tmp_path / "new")
    new = (tmp_path / "new").read_bytes()
    key_file.write_bytes(new + key_file.read_bytes())
    resealed = Sealer.from_file(key_file).reseal(sealed)

    assert [running.follow(), running.follow()] == [True, False]
    assert running.unseal(resealed).password == LOGIN.password
    key_file.write_bytes(b"")  # somebody is writing it
    with pytest.raises(SealingError, match="holds no key"):
        running.follow()
    assert running.unseal(resealed).password == LOGIN.password
    key_file.write_bytes(new)  # the old key is gone
    assert running.follow()
    sealed_since = running.seal(LOGIN)

    assert Sealer.from_file(tmp_path / "new").unseal(sealed_since).password == LOGIN.password
    assert running.fingerprint(LOGIN) == told
    with pytest.raises(SealingError, match="does not open"):
        running.unseal(sealed)


def test_a_seal_of_another_key_does_not_open(key_file, tmp_path):
    create_key_file(tmp_path / "other")
    sealed = Sealer.from_file(tmp_path / "other").seal(LOGIN)

    with pytest.raises(SealingError, match="does not open"):
        Sealer.from_file(key_file).unseal(sealed)
    with pytest.raises(SealingError, match="does not open"):
        Sealer.from_file(key_file).reseal(sealed)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o666])
def test_a_key_file_that_others_could_read_or_change_is_refused(key_file, mode):
    key_file.chmod(mode)

    with pytest.raises(SealingError, match=f"{mode:04o}"):
        Sealer.from_file(key_file)


def test_a_key_file_that_is_missing_or_no_key_is_named(tmp_path):
    with pytest.raises(SealingError, match="does not exist"):
        Sealer.from_file(tmp_path / "key")
    (tmp_path / "key").touch(mode=0o600)
    with pytest.raises(SealingError, match="holds no key"):
        Sealer.from_file(tmp_path / "key")
    (tmp_path / "key").write_text("hello")
    with pytest.raises(SealingError, match="32 bytes"):
        Sealer.from_file(tmp_path / "key")
    with pytest.raises(SealingError, match="not a regular file"):
        Sealer.from_file(tmp_path)
