"""What devices that push say of themselves, and what is made of their silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.vocabulary import CameraKind, Lifecycle, Role
from tests.fakes.service import Service


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("B1", kind=CameraKind.BODY, feeds=False, centers=())
        await plant.camera("R1", kind=CameraKind.BODY, lifecycle=Lifecycle.RETIRED, feeds=False)
    return service


async def tell(service: Service, **body):
    told = {"camera": "B1", "state": "docked"} | body
    return await service.client.post(
        "/api/v1/contacts", json=told, headers=service.bearer(Role.DEVICE)
    )


async def contact_of(service: Service, code: str = "B1"):
    answer = await service.client.get(f"/api/v1/cameras/{code}", headers=service.bearer())
    return (await answer.json())["contact"]


async def test_a_camera_that_never_pushed_has_no_contact(estate):
    assert await contact_of(estate) is None


async def test_what_a_device_says_stands_in_the_cameras_representation(estate):
    answer = await tell(estate, state="on_shift_recording")

    assert answer.status == 200
    contact = await contact_of(estate)
    assert contact == await answer.json()
    assert (contact["state"], contact["silence"], contact["due"]) == (
        "on_shift_recording",
        "heard",
        True,
    )


@pytest.mark.parametrize("state", ["docked", "charging", "uploading"])
async def test_off_shift_is_not_due(estate, state):
    await tell(estate, state=state)

    assert (await contact_of(estate))["due"] is False


@pytest.mark.parametrize(
    ("hours", "silence"),
    [(23, "heard"), (24, "silent"), (7 * 24, "long_silent"), (30 * 24, "lost")],
)
async def test_silence_has_three_steps(estate, hours, silence):
    await tell(estate)
    await estate.fake_clock.advance(hours * 3600)

    assert (await contact_of(estate))["silence"] == silence


async def test_a_contact_that_comes_late_or_twice_changes_nothing(estate):
    now = estate.clock.now()
    await tell(estate, state="on_shift_idle", at=now.isoformat())
    late = await tell(estate, state="docked", at=(now - timedelta(hours=1)).isoformat())

    assert late.status == 200
    assert (await contact_of(estate))["state"] == "on_shift_idle"
    assert (await late.json())["state"] == "on_shift_idle"


async def test_a_newer_contact_replaces_the_one_before(estate):
    await tell(estate, state="docked")
    await estate.fake_clock.advance(60)
    await tell(estate, state="uploading")

    assert (await contact_of(estate))["state"] == "uploading"


async def test_a_word_told_while_our_own_clock_was_ahead_does_not_stand_until_then(estate):
    estate.fake_clock.jump(365 * 86_400)
    await tell(estate, state="docked")
    estate.fake_clock.jump(-365 * 86_400)

    assert (await contact_of(estate))["silence"] == "silent"

    await tell(estate, state="on_shift_recording")

    contact = await contact_of(estate)
    assert (contact["state"], contact["silence"]) == ("on_shift_recording", "heard")


async def test_a_body_nested_without_end_is_refused(estate):
    headers = estate.bearer(Role.DEVICE) | {"Content-Type": "application/json"}
    answer = await estate.client.post("/api/v1/contacts", data=b"[" * 100_000, headers=headers)

    assert answer.status == 400
    assert "too deeply nested" in (await answer.json())["detail"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"state": "asleep"}, 422, "body.state"),
        ({"at": "2026-11-22T22:00:00"}, 422, "body.at"),
        ({"at": "2026-11-22T22:06:00+00:00"}, 422, "body.at"),
        ({"at": "0001-01-01T00:00:00+05:00"}, 422, "body.at"),
        ({"mood": "good"}, 422, "body.mood"),
    ],
)
async def test_what_is_wrong_with_a_contact_is_named(estate, body, status, field):
    answer = await tell(estate, **body)

    assert answer.status == status
    assert [error["field"] for error in (await answer.json())["errors"]] == [field]
    assert await contact_of(estate) is None


async def test_a_camera_that_is_not_there_or_retired_is_refused(estate):
    assert (await tell(estate, camera="NONE")).status == 404
    assert (await tell(estate, camera="R1")).status == 409


async def test_a_device_token_reads_nothing_and_opens_no_page(estate):
    headers = estate.bearer(Role.DEVICE)

    assert (await estate.client.get("/api/v1/cameras/B1", headers=headers)).status == 403
    entered = await estate.client.post(
        "/login",
        data={"token": estate.tokens[Role.DEVICE], "next": "/"},
        headers={"Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    )
    assert entered.status != 303


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("docked", "off shift: no picture is due", "silent for long")),
        ("ru", ("в доке", "не на смене: видео не требуется", "давно молчит")),
    ],
)
async def test_the_cameras_page_says_it_in_words(estate, language, words):
    await tell(estate)
    await estate.fake_clock.advance(8 * 24 * 3600)
    await estate.log_in()

    answer = await estate.client.get("/cameras/B1", headers={"Accept-Language": language})

    page = await answer.text()
    assert [word for word in words if word not in page] == []
