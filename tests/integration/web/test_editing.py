"""The registry's lists and forms: what they hold, who gets them, and that no field is forgotten."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone

import pytest
import sqlalchemy as sa

from registry.api.fields import changed_model, created_model
from registry.api.objects import RESOURCES, Resource
from registry.api.routing import Nothing
from registry.api.setup import ROUTES
from registry.changing.inventory import RECORDS
from registry.models import Device, Site
from registry.security.reach import Reach
from registry.vocabulary import Role
from registry.web.facts import FIELDS
from registry.web.forms import entries
from registry.web.thing_words import THINGS
from registry.web.words import LANGUAGES
from tests.fakes.service import Service

ENGLISH = {"Accept-Language": "en"}
LISTED = [each for each in RESOURCES if each.within is Nothing]


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("A1", name="<b>Двор</b>")
        await plant.camera("K7", area_id=3, centers=(2,))
    await service.log_in(Role.OPERATOR)
    return service


async def text_of(service: Service, path: str) -> str:
    answer = await service.client.get(path, headers=ENGLISH)
    assert answer.status == 200, await answer.text()
    return await answer.text()


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.what.value)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_every_thing_has_a_control_and_a_name(resource: Resource, language: str):
    for model in (changed_model(resource.what), created_model(resource.what)):
        shown = entries(resource.what, model, language, UTC)

        assert [entry.name for entry in shown] == list(model.model_fields)
        assert {entry.name for entry in shown} <= set(FIELDS)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.what.value)
def test_a_form_can_show_every_field_it_changes(resource: Resource):
    (read,) = [route for route in ROUTES if (route.method, route.path) == ("GET", resource.thing)]
    assert isinstance(read.answers, type)

    shown = set(read.answers.model_fields)
    assert set(changed_model(resource.what).model_fields) - shown <= {
        "login"  # goes in and never comes out
    }
    assert ("retired" in shown) is ("retired" in RECORDS[resource.what].__dataclass_fields__)


def test_every_thing_has_a_heading():
    assert {each.what for each in RESOURCES} == set(THINGS)
    assert all(set(said) == set(LANGUAGES) for said in THINGS.values())


@pytest.mark.parametrize("resource", LISTED, ids=lambda each: each.what.value)
async def test_each_kind_has_a_list_and_a_form_for_a_new_one(estate: Service, resource: Resource):
    path = resource.things.removeprefix("/api/v1")

    assert f'href="/registry/new{path}"' in await text_of(estate, f"/registry{path}")
    assert f'data-address="{resource.things}"' in await text_of(estate, f"/registry/new{path}")


async def test_a_form_holds_what_is_there_and_the_tag_it_had(estate: Service):
    said = await text_of(estate, "/registry/cameras/A1")

    answer = await estate.client.get("/api/v1/cameras/A1")
    assert f'data-tag="{answer.headers["ETag"].strip(chr(34))}"' in said
    assert 'value="&lt;b&gt;Двор&lt;/b&gt;"' in said
    assert '<option value="street" selected>street</option>' in said
    assert 'href="/registry/cameras/A1/feeds/main"' in said
    assert 'href="/registry/cameras/A1/deliveries/ou"' in said


async def test_the_device_that_is_there_now_has_its_link(estate: Service):
    assert 'href="/registry/new/cameras/A1/device"' in await text_of(estate, "/registry/cameras/A1")

    async with estate.planting() as plant:
        for model, until in (("of before", date(2026, 1, 1)), ("of now", None)):
            plant.session.add(Device(camera_id=1, model=model, installed_to=until))

    said = await text_of(estate, "/registry/cameras/A1")
    assert '<a class="id" href="/registry/cameras/A1/device">of now</a>' in said
    assert "of before" not in said


async def test_what_is_retired_is_struck_out_in_its_list_and_changed_no_more(estate: Service):
    assert 'class="retired"' not in await text_of(estate, "/registry/sites")

    async with estate.planting() as plant:
        await plant.session.execute(sa.update(Site).values(retired_at=plant.now))

    assert 'class="retired"' in await text_of(estate, "/registry/sites")
    form = await text_of(estate, "/registry/sites/zhansugurov-114")
    assert "its code is never used again" in form
    assert '<form class="stack" id="retire">' not in form


async def test_a_moment_is_shown_on_the_clock_of_the_reader_and_comes_back_with_it(
    service: Service,
):
    await service.plant_contractor()  # from one second before noon in UTC
    await service.log_in(Role.OPERATOR)

    form = await text_of(service, "/registry/assignments/as-1")

    assert 'data-offset="+05:00"' in form
    assert "From, UTC+5" in form
    began = (service.clock.now() - timedelta(seconds=1)).astimezone(timezone(timedelta(hours=5)))
    assert f'type="datetime-local" value="{began:%Y-%m-%dT%H:%M:%S}"' in form
    assert f"{began:%H:%M} UTC+5" in await text_of(service, "/registry/assignments")


@pytest.mark.parametrize("path", ["/feeds/main", "/deliveries/ou"])
async def test_what_hangs_on_a_camera_has_its_own_form(estate: Service, path: str):
    said = await text_of(estate, f"/registry/cameras/A1{path}")

    assert f'data-address="/api/v1/cameras/A1{path}"' in said
    assert 'data-back="/registry/cameras/A1"' in said


async def test_a_list_is_searched_and_holds_only_what_is_in_reach(estate: Service):
    assert "A1" in await text_of(estate, "/registry/cameras?q=двор")
    assert "K7" not in await text_of(estate, "/registry/cameras?q=двор")

    headers = await estate.issue(Role.OPERATOR, Reach(areas=("zhetisu/aksu",)))
    estate.client.session.cookie_jar.clear()
    listed = await (await estate.client.get("/registry/cameras", headers=headers)).text()

    assert "K7" in listed
    assert "A1" not in listed
    outside = await estate.client.get("/registry/cameras/A1", headers=headers)
    assert outside.status == 404


async def test_a_viewer_gets_no_form_and_no_link_to_one(service: Service):
    async with service.planting() as plant:
        await plant.camera("A1")
    await service.log_in(Role.VIEWER)

    assert (await service.client.get("/registry/cameras/A1")).status == 403
    assert "/registry" not in await text_of(service, "/cameras/A1")
