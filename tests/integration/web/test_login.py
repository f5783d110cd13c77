"""In and out: a token becomes a session, guessing is slow, nothing leads off the site."""

from __future__ import annotations

import pytest

from registry.vocabulary import Role
from tests.fakes.service import Service

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


async def try_token(service: Service, token: str, next_: str = "/") -> tuple[int, str]:
    answer = await service.client.post(
        "/login", data={"token": token, "next": next_}, headers=OURS, allow_redirects=False
    )
    return answer.status, answer.headers.get("Location", "")


async def test_without_a_session_a_page_leads_to_the_login_and_back(service: Service):
    headers = {"Accept": "text/html"}
    answer = await service.client.get("/?state=unknown", headers=headers, allow_redirects=False)

    assert answer.status == 303
    assert answer.headers["Location"] == "/login?next=/?state%3Dunknown"
    token = service.tokens[Role.VIEWER]
    assert await try_token(service, token, "/?state=unknown") == (303, "/?state=unknown")
    assert (await service.client.get("/", headers=headers)).status == 200


async def test_a_script_without_a_session_gets_a_plain_401(service: Service):
    for path in ("/wall", "/events", "/cameras/A1/now"):
        answer = await service.client.get(path, allow_redirects=False)
        assert answer.status == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(service: Service):
    answer = await service.client.post(
        "/login",
        data={"token": service.tokens[Role.VIEWER]},
        headers=OURS,
        allow_redirects=False,
    )

    cookie = answer.cookies["camreach_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert int(cookie["max-age"]) == 12 * 3600
    assert service.tokens[Role.VIEWER] not in cookie.value


async def test_a_session_ends_with_logging_out_and_with_its_time(service: Service):
    await service.log_in()
    await service.client.post("/logout", headers=OURS, allow_redirects=False)
    after_logout = await service.client.get("/wall")
    await service.log_in()
    service.fake_clock.jump(12 * 3600 + 1)
    after_time = await service.client.get("/wall")

    assert (after_logout.status, after_time.status) == (401, 401)


async def test_a_scrape_token_and_a_wrong_one_do_not_get_in(service: Service):
    for token in (service.tokens[Role.SCRAPE], "wrong.token", "", "\ud800", "x" * 5000):
        status, _ = await try_token(service, token.encode("utf-8", "replace").decode())
        assert status == 401


async def test_guessing_is_slowed_down_and_forgiven_after_a_while(service: Service):
    for _ in range(10):
        assert (await try_token(service, "wrong.token"))[0] == 401

    assert (await try_token(service, service.tokens[Role.VIEWER]))[0] == 429
    service.fake_clock.jump(301)
    assert (await try_token(service, service.tokens[Role.VIEWER]))[0] == 303


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://x"}])
async def test_no_other_site_logs_anybody_in_or_out(service: Service, headers: dict[str, str]):
    for path in ("/login", "/logout"):
        answer = await service.client.post(
            path, data={"token": service.tokens[Role.VIEWER]}, headers=headers
        )
        assert answer.status == 403


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\nx", ""]
)
async def test_the_login_leads_nowhere_else(service: Service, wanted: str):
    assert await try_token(service, service.tokens[Role.VIEWER], wanted) == (303, "/")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ru", "ru"),
        ("ru-KZ,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US,en;q=0.5,ru;q=0.3", "en"),
        ("kk,ru;q=0.7", "kk"),
        ("de", "en"),
        ("ru;q=0", "en"),
        ("", "en"),
        ("ru;q=x,,;;q=1", "en"),
    ],
)
async def test_a_browser_is_spoken_to_in_the_language_it_accepts(
    service: Service, accepted: str, language: str
):
    answer = await service.client.get("/login", headers={"Accept-Language": accepted})

    assert answer.headers["Content-Language"] == language
    assert ("Вход" in await answer.text()) == (language == "ru")


async def test_the_switch_goes_before_what_the_browser_accepts(service: Service):
    await service.client.get("/language/ru?next=/login")

    answer = await service.client.get("/login", headers={"Accept-Language": "en"})

    assert answer.headers["Content-Language"] == "ru"
    assert (await service.client.get("/language/xx")).status == 404
