"""Which passwords are good enough, and that one matches itself and nothing else."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from registry.security.delays import FREE_FOR_ACCOUNT, LONGEST_S, delay_s
from registry.security.passwords import (
    MOST_WAITING,
    Crowded,
    PasswordRefused,
    Passwords,
    require_good,
)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "5 characters, expected 12"),
        ("x" * 201, "201 characters"),
        ("my-Aigerim-2026", "name of the account"),
        ("abababababab", "repeats itself"),
    ],
)
def test_a_poor_password_is_refused_without_being_quoted(password: str, why: str):
    with pytest.raises(PasswordRefused, match=why) as refused:
        require_good(password, "aigerim")

    assert password not in str(refused.value)


async def test_a_password_matches_itself_however_it_was_composed_and_nothing_else():
    passwords = Passwords()
    kept = await passwords.hashed("Чай с молоком 7")

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches(kept, "Чай с молоком 7")
    assert not await passwords.matches(kept, "Чай с молоком 8")
    assert not await passwords.matches(None, "Чай с молоком 7")


async def test_so_many_wait_for_their_turn_and_no_more():
    passwords = Passwords()
    async with contextlib.AsyncExitStack() as held:
        await held.enter_async_context(passwords.turn())
        waiting = [asyncio.create_task(_take(passwords)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Crowded):
            await _take(passwords)
    await asyncio.gather(*waiting)

    await _take(passwords)


async def _take(passwords: Passwords) -> None:
    async with passwords.turn():
        pass


def test_waiting_grows_and_ends():
    waits = [delay_s(failures, FREE_FOR_ACCOUNT) for failures in range(30)]

    assert waits[:8] == [0, 0, 0, 0, 0, 30, 60, 120]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_S
