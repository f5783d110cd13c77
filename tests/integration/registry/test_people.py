"""Tokens, browser sessions and the audit log in a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from registry.models import ApiToken, AuditEntry, WebSession
from registry.security.audit import all_entries, record
from registry.security.sessions import close_session, open_session, verify_session
from registry.security.tokens import create_token, list_tokens, revoke_token, verify_token
from registry.vocabulary import Role


@pytest.fixture
def issue(database, clock):
    async def create(**more):
        async with database.write() as session:
            return await create_token(
                session, name="duty room", role=Role.OPERATOR, now=clock.now(), **more
            )

    return create


@pytest.fixture
def holder(database, clock):
    async def verify(text: str):
        async with database.read() as session:
            return await verify_token(session, text, clock.now())

    return verify


async def test_a_token_says_who_asks(issue, holder):
    issued = await issue()

    principal = await holder(issued.text)

    assert (principal.who, principal.role, principal.key_id) == (
        "duty room",
        Role.OPERATOR,
        issued.key_id,
    )


async def test_the_secret_of_a_token_is_nowhere(issue, database):
    issued = await issue()
    secret = issued.text.partition(".")[2]

    async with database.read() as session:
        (row,) = await list_tokens(session)
    assert secret not in str(
        {column.name: getattr(row, column.name) for column in ApiToken.__table__.c}
    )
    assert secret not in repr(issued)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text.partition(".")[0],
        lambda text: text.partition(".")[0] + ".",
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: "0" * 12 + "." + text.partition(".")[2],
        lambda text: text * 1000,
        lambda text: "\ud800." + text,
        lambda text: text.upper(),
    ],
)
async def test_anything_else_is_nobodys(issue, holder, spoil):
    issued = await issue()

    assert await holder(spoil(issued.text)) is None


async def test_a_token_ends_at_its_expiry(issue, holder, clock):
    issued = await issue(expires_at=clock.now() + timedelta(hours=1))
    assert await holder(issued.text) is not None

    await clock.advance(3600)

    assert await holder(issued.text) is None


async def test_a_revoked_token_takes_its_browser_sessions_with_it(issue, holder, database, clock):
    issued = await issue()
    principal = await holder(issued.text)
    async with database.write() as session:
        cookie = await open_session(session, principal, clock.now(), hours=12)
    async with database.write() as session:
        assert await revoke_token(session, issued.key_id, clock.now())
        assert not await revoke_token(session, issued.key_id, clock.now())

    assert await holder(issued.text) is None
    async with database.read() as session:
        assert await verify_session(session, cookie, clock.now()) is None


async def test_a_browser_session_lasts_its_hours_and_ends_when_closed(
    issue, holder, database, clock
):
    principal = await holder((await issue()).text)
    async with database.write() as session:
        first = await open_session(session, principal, clock.now(), hours=12)
        second = await open_session(session, principal, clock.now(), hours=1)
    await clock.advance(3600)

    async with database.write() as session:
        found = await verify_session(session, first, clock.now())
        assert found is not None
        assert found == replace(principal, session_id=found.session_id)
        assert await verify_session(session, second, clock.now()) is None
        assert await verify_session(session, first + "x", clock.now()) is None
        await close_session(session, first)
        assert await verify_session(session, first, clock.now()) is None


async def test_sessions_that_ended_are_swept_away_and_cookies_are_not_kept(
    issue, holder, database, clock
):
    principal = await holder((await issue()).text)
    async with database.write() as session:
        await open_session(session, principal, clock.now(), hours=1)
    await clock.advance(3600)
    async with database.write() as session:
        cookie = await open_session(session, principal, clock.now(), hours=1)

    async with database.read() as session:
        (row,) = (await session.scalars(sa.select(WebSession))).all()
    assert row.cookie_sha256 != cookie


async def test_an_audit_entry_keeps_what_was_done_and_no_secret(database, clock):
    async with database.write() as session:
        await record(
            session,
            "x" * 500,
            "feed.changed",
            "cam-1/main",
            {"url": "rtsp://u:hidden@192.0.2.1/", "password": "hidden", "n": 1},
            clock.now(),
        )

    async with database.read() as session:
        entry = (await session.scalars(sa.select(AuditEntry))).one()
    assert (entry.at, entry.subject) == (clock.now(), "cam-1/main")
    assert "hidden" not in str(entry.detail)
    assert entry.detail["n"] == 1


@pytest.mark.parametrize("statement", ["update audit set who = 'me'", "delete from audit"])
async def test_the_database_itself_refuses_to_touch_the_audit(database, clock, statement):
    async with database.write() as session:
        await record(session, "duty", "frame.viewed", "cam-1/main", {}, clock.now())

    with pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        async with database.write() as session:
            await session.execute(sa.text(statement))

    async with database.read() as session:
        assert [entry["who"] async for entry in all_entries(session)] == ["duty"]
