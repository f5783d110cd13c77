"""Oneself, people, tokens and the audit log as pages: who sees them, and what is never on them."""

from __future__ import annotations

from registry.security.accounts import create_account
from registry.security.reach import EVERYTHING, Reach
from registry.serving import SERVING, Serving
from registry.vocabulary import Role
from tests.fakes.service import Service

MARKUP = "<img src=x onerror=alert(1)>"
ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}
PASSWORD = "correct horse battery staple"


def serving_of(service: Service) -> Serving:
    application = service.client.app
    assert application is not None
    return application[SERVING]


async def account(service: Service, name: str, role: Role, reach: Reach = EVERYTHING) -> None:
    hashed = await serving_of(service).passwords.hashed(PASSWORD)
    async with service.database.write() as session:
        await create_account(
            session,
            name=name,
            password_hash=hashed,
            role=role,
            now=service.clock.now(),
            reach=reach,
        )


async def sign_in(service: Service, name: str) -> None:
    answer = await service.client.post(
        "/login",
        data={"name": name, "password": PASSWORD, "next": "/"},
        headers={"Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    )
    assert answer.status == 303


async def text_of(service: Service, path: str, status: int = 200) -> str:
    answer = await service.client.get(path, headers=ENGLISH)
    assert answer.status == status
    return await answer.text()


async def test_everybody_sees_what_he_may_and_where_he_is_signed_in(service: Service):
    await account(service, "Айгуль", Role.VIEWER, Reach(areas=("zhetisu/aksu",)))
    await sign_in(service, "Айгуль")

    said = await text_of(service, "/me")

    assert "Айгуль · viewer" in said
    assert "zhetisu/aksu" in said
    assert "<strong>here</strong>" in said
    assert 'data-api="/api/v1/me/password"' in said


async def test_a_token_has_no_password_and_no_sessions(service: Service):
    await service.log_in(Role.VIEWER)

    said = await text_of(service, "/me")

    assert "You are signed in with a token" in said
    assert "without limits" in said
    assert "/api/v1/me/password" not in said


async def test_people_and_tokens_are_shown_without_their_secrets(service: Service):
    await account(service, "Айгуль", Role.OPERATOR, Reach(centers=("ou",)))
    await service.issue(Role.VIEWER)
    await sign_in(service, "Айгуль")
    await service.log_in(Role.ADMIN)

    said = await text_of(service, "/people")

    assert "Айгуль" in said
    assert "1 session<" in said
    assert 'data-api="/api/v1/accounts/%D0%90%D0%B9%D0%B3%D1%83%D0%BB%D1%8C"' in said
    assert "argon2" not in said
    for token in service.tokens.values():
        assert token.partition(".")[0] in said
        assert token.partition(".")[2] not in said


async def test_the_audit_log_tells_who_did_what_from_where(service: Service):
    await service.log_in(Role.ADMIN)

    everything = await text_of(service, "/audit")
    nothing = await text_of(service, "/audit?action=login.bad&until=2026-11-23")

    assert ">session opened</a>" in everything
    assert "127.0.0.1" in everything
    assert "UTC+5" in everything
    assert "Nothing fits these filters." in nothing
    await text_of(service, "/audit?since=yesterday", 422)
    await text_of(service, "/audit?cursor=x", 422)


async def test_only_an_admin_without_limits_is_offered_people_and_audit(service: Service):
    limited = await service.issue(Role.ADMIN, Reach(areas=("zhetisu",)))
    await service.log_in(Role.OPERATOR)

    for path in ("/people", "/audit"):
        assert f'href="{path}"' not in await text_of(service, "/me")
        await text_of(service, path, 403)
    service.client.session.cookie_jar.clear()
    for path in ("/people", "/audit"):
        assert (await service.client.get(path, headers=limited)).status == 403


async def test_a_name_is_text_and_never_markup(service: Service):
    await account(service, MARKUP, Role.ADMIN)
    await sign_in(service, MARKUP)

    for path in ("/me", "/people", "/audit"):
        assert MARKUP not in await text_of(service, path)
