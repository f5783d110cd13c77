"""Import and export as a page: who is offered them, in which words, and what a refusal says."""

from __future__ import annotations

import html
import json
import re

import pytest

from registry.changing.inventory import RECORDS
from registry.security.reach import Reach
from registry.transfer import ColumnMapping
from registry.transfer.mappings import save_mapping
from registry.vocabulary import Role
from tests.fakes.service import Service

MARKUP = "<img src=x onerror=alert(1)>"


async def text_of(service: Service, language: str = "en") -> str:
    answer = await service.client.get("/import", headers={"Accept-Language": language})
    assert answer.status == 200
    return await answer.text()


async def test_saved_mappings_and_what_columns_may_mean_are_offered(service: Service):
    async with service.database.write() as session:
        await save_mapping(session, "Район 1", ColumnMapping(), "a clerk", service.clock.now())
    await service.log_in(Role.OPERATOR)

    said = await text_of(service, "ru")

    assert '<option value="Район 1">' in said
    assert '<option value="camera_name">камера: название · camera_name</option>' in said
    for form in ("csv", "xlsx"):
        assert f'name="format" value="{form}"' in said


@pytest.mark.parametrize(
    ("language", "kind", "high"), [("en", "site", "high"), ("ru", "объект", "высокая")]
)
async def test_a_script_finds_the_words_of_objects(
    service: Service, language: str, kind: str, high: str
):
    await service.log_in(Role.OPERATOR)

    (held,) = re.findall(
        r'id="words" hidden data-words="([^"]*)"', await text_of(service, language)
    )
    words = json.loads(html.unescape(held))

    assert words["kinds"]["site"] == kind
    assert words["values"]["camera.importance.high"] == high
    assert set(words["kinds"]) == {what.value for what in RECORDS}


async def test_only_operators_are_offered_it_and_only_places_in_their_reach(service: Service):
    headers = await service.issue(Role.OPERATOR, Reach(areas=("zhetisu/aksu",)))
    limited = await (await service.client.get("/import", headers=headers)).text()
    await service.log_in(Role.VIEWER)

    assert "zhetisu/aksu" in limited
    assert "zhetisu/taldykorgan" not in limited
    assert (await service.client.get("/import")).status == 403
    assert 'href="/import"' not in await (await service.client.get("/")).text()


async def test_a_refused_cell_is_told_in_parts(service: Service):
    file = f"camera,area,time_zone,kind\nC-1,reg,Asia/Almaty,{MARKUP}\n".encode()
    headers = service.bearer(Role.OPERATOR) | {"Content-Type": "application/octet-stream"}

    answer = await service.client.post("/api/v1/imports", data=file, headers=headers)

    error = next(e for e in (await answer.json())["errors"] if e["column"] == "kind")
    assert answer.status == 422
    assert (error["row"], error["column"], error["value"]) == (2, "kind", MARKUP)
    assert "doorway" in error["expected"]
    assert error["field"] == "row 2.kind"
