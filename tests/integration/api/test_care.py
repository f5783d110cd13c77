"""What was before a contractor answered for a camera is in no list of his."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from registry.models import LoggedChange, Outage
from registry.security.reach import Reach
from registry.vocabulary import ChangeSource, DeliveryState, Reason, Role
from tests.fakes.estate import VANTAGE_ID, Estate
from tests.fakes.service import Service


async def test_no_outage_change_or_state_of_before_he_answered_is_told_to_a_contractor(
    service: Service,
):
    async with service.planting() as plant:
        await plant.camera("C1", state=DeliveryState.NOT_REACHING, since_ago=3 * 86_400)
        for ended in (timedelta(days=9), None):
            _plant_outage(plant, timedelta(days=10 if ended else 3), ended)
        for code, ago in (("of before", timedelta(days=1)), ("of now", timedelta())):
            plant.session.add(_change(code, plant.now - ago))
    await service.plant_contractor()
    began = service.clock.now() - timedelta(seconds=1)  # as it is planted
    # An operator whose limit is a contractor reads what has mended, and the change log.
    clerk = await service.issue(Role.OPERATOR, Reach(contractor="almatel"))

    async def items(path: str, headers: Mapping[str, str], **query: str) -> Any:
        answer = await service.client.get(f"/api/v1/{path}", params=query, headers=headers)
        assert answer.status == 200, await answer.text()
        return (await answer.json())["items"]

    for headers in (service.bearer(Role.CONTRACTOR), clerk):
        (outage,) = await items("outages", headers)
        (camera,) = await items("cameras", headers)
        (feed,) = await items("feeds", headers)
        (delivery,) = await items("deliveries", headers)
        (of_feed,), (of_delivery,) = camera["feeds"], camera["deliveries"]
        since = {each["since"] for each in (feed, delivery, of_feed, of_delivery)}
        assert {*map(datetime.fromisoformat, since | {outage["first_bad_at"]})} == {began}
        assert (outage["last_good_at"], of_feed["last_frame_at"]) == (None, None)
        assert await items("outages", headers, to=began.isoformat()) == []
    assert [each["request_id"] for each in await items("changes", clerk)] == ["of now"]
    assert len(await items("outages", service.bearer(Role.ADMIN))) == 2


def _plant_outage(plant: Estate, began: timedelta, ended: timedelta | None) -> None:
    over = None if ended is None else plant.now - ended
    plant.session.add(
        Outage(
            feed_id=1,
            vantage_id=VANTAGE_ID,
            reason=Reason.TIMEOUT,
            last_good_at=plant.now - began - timedelta(minutes=1),
            first_bad_at=plant.now - began,
            last_bad_at=over,
            first_good_at=over,
        )
    )


def _change(request_id: str, at: datetime) -> LoggedChange:
    return LoggedChange(
        at=at,
        batch=request_id,
        who="somebody",
        source=ChangeSource.API,
        reason="",
        request_id=request_id,
        kind="camera",
        code="C1",
        camera="C1",
        before=None,
        after={},
    )
