"""One camera with what helps to mend it: whom to call first, what is open, what was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from registry.look import FeedKey, Look
from registry.models import Assignment, Contact, Contract, Contractor
from registry.next_steps import KAZAKH, RUSSIAN, next_step
from registry.vocabulary import (
    WORDS,
    DeliveryState,
    Depth,
    FailingAt,
    Hop,
    Reason,
    Role,
)
from tests.fakes.belongings import belong
from tests.fakes.openapi import Document
from tests.fakes.service import Service

RECORDERS, CAMERAS = 91, 92  # contractors, beside the one of the estate


@pytest.fixture
async def estate(service: Service) -> Service:
    """A1 is down at its recorder, for which one firm answers, and another for the whole region."""
    await service.plant_contractor()
    async with service.planting() as plant:
        camera = await plant.camera(
            "A1",
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
            failing_at=FailingAt.RECORDER,
        )
        await belong(plant, camera)
        began = plant.now - timedelta(hours=1)
        for id_, held, hops in (
            (RECORDERS, {"recorder_id": camera.recorder_id}, [Hop.RECORDER.value]),
            (CAMERAS, {"area_id": 1}, []),
        ):
            plant.session.add(Contractor(id=id_, code=f"firm-{id_}", name=f"ТОО {id_}"))
            await plant.session.flush()
            contract = Contract(id=id_, code=f"c-{id_}", contractor_id=id_, starts_on=began.date())
            plant.session.add_all([contract, Contact(contractor_id=id_, name="Диспетчер")])
            await plant.session.flush()
            plant.session.add(Assignment(contract_id=id_, hops=hops, starts_at=began, **held))
    look = Look(depth=Depth.LIVENESS, started_at=began, duration_s=3.0, failure=Reason.TIMEOUT)
    service.live.kept[FeedKey("A1", "main")] = [look]
    return service


async def camera(service: Service, query: str = "", role: Role = Role.OPERATOR) -> Any:
    answer = await service.client.get(f"/api/v1/cameras/A1{query}", headers=service.bearer(role))
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_who_answers_for_the_failing_place_is_called_first(estate: Service):
    told = await camera(estate)

    calls = [(desk["party"], desk["first"]) for desk in told["calls"]]
    assert calls == [("ТОО 91", True), ("ТОО 92", False), ("Жансугурова 114", False)]


async def test_what_is_open_and_what_was_seen_last_is_told(estate: Service):
    told = await camera(estate)
    (await Document.of(estate)).hold("/api/v1/cameras/{code}", 200, told)

    assert [outage["open"] for outage in told["outages"]] == [True]
    assert [look["reasons"] for look in told["looks"]["main"]] == [["timeout"]]
    # Before the contractor answered for it.
    assert (await camera(estate, role=Role.CONTRACTOR))["looks"]["main"] == []
    assert [device["serial"] for device in told["devices"]] == ["SN-77"]
    assert (await camera(estate, role=Role.VIEWER))["devices"] == []


async def test_the_next_step_is_said_in_the_language_asked_for(estate: Service):
    in_english, in_russian = await camera(estate), await camera(estate, "?lang=ru")

    assert in_english["deliveries"][0]["next_step"] == WORDS[Reason.TIMEOUT].next_step
    assert in_russian["deliveries"][0]["next_step"] == RUSSIAN[Reason.TIMEOUT]


def test_every_reason_has_its_next_step_in_each_language():
    assert set(RUSSIAN) == set(KAZAKH) == set(Reason)
    for reason in Reason:
        assert len({next_step(reason, language) for language in ("en", "ru", "kk")}) == 3
