"""Files through the API: planned, shown, carried out or refused; mappings; exports."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from registry.models import AuditEntry, Camera
from registry.security.reach import Reach
from registry.security.tokens import create_token
from registry.serving import SERVING
from registry.transfer.turns import Busy, Turns
from registry.vocabulary import Role
from tests.integration.registry.ugly.sheets import workbook

IMPORTS, MAPPINGS = "/api/v1/imports", "/api/v1/mappings"
ROWS = [("Код камеры", "area", "Вид камеры"), ["N-1", "reg", "двор"], ["N-2", "reg", "двор"]]


@pytest.fixture
async def operator(service):
    """Asks as an operator; a first file has made the region the tests speak of."""

    async def ask(method: str, path: str, status: int = 200, headers=None, **more):
        headers = headers or service.bearer(Role.OPERATOR)
        answer = await service.client.request(method, path, headers=headers, **more)
        assert answer.status == status, await answer.text()
        is_file = "Content-Disposition" in answer.headers or "json" not in answer.content_type
        return answer if is_file else await answer.json()

    places = b"camera,area,area_name,time_zone\n,reg,R,Asia/Almaty\n,far,F,Asia/Almaty\n"
    planned = await ask("POST", IMPORTS, 201, data=places)
    _ = await ask("POST", f"{IMPORTS}/{planned['id']}/apply")
    return ask


async def cameras(service) -> list[str]:
    async with service.database.read() as session:
        return list(await session.scalars(sa.select(Camera.code).order_by(Camera.code)))


async def test_a_file_is_planned_first_and_carried_out_after(service, operator):
    planned = await operator("POST", IMPORTS, 201, data=workbook(ROWS))
    assert await cameras(service) == []

    applied = await operator("POST", f"{IMPORTS}/{planned['id']}/apply")

    assert await cameras(service) == ["N-1", "N-2"]
    assert planned["counts"]["camera"] == {"create": 2, "change": 0, "unchanged": 0}
    first = planned["changes"][0]
    assert (first["row"], first["what"], first["key"]) == (2, "camera", ["N-1"])
    assert {"field": "kind", "before": "", "after": "yard"} in first["fields"]
    assert applied["batch"]
    _ = await operator("POST", f"{IMPORTS}/{planned['id']}/apply", 404)


async def test_a_bad_file_is_refused_with_every_row(service, operator):
    bad = [*ROWS, ["N-3", "nowhere", "двор"], ["N 4", "reg", "купол"]]

    problem = await operator("POST", IMPORTS, 422, data=workbook(bad))

    assert [error["field"] for error in problem["errors"]] == [
        "row 4.area",
        "row 5.camera",
        "row 5.kind",
    ]
    assert "sheet 'Камеры', row 5, kind ('Вид камеры'): 'купол'" in problem["errors"][2]["detail"]


async def test_files_are_read_one_after_the_other_and_who_waits_too_long_is_told(service, operator):
    turns = service.client.app[SERVING].turns
    turns.patience_s = 0.0
    async with turns.one():
        refused = await operator("POST", "/api/v1/imports", 503, data=b"camera,area\nC-1,x\n")

    assert refused["detail"].startswith("another file is being read")
    await operator("POST", "/api/v1/imports", 422, data=b"camera,area\nC-1,x\n")


async def test_behind_eight_that_wait_nobody_waits(service):
    turns = Turns(most_waiting=0)
    async with turns.one():
        with pytest.raises(Busy, match="many files"):
            async with turns.one():
                pass


async def test_a_plan_that_no_longer_holds_is_not_carried_out(service, operator):
    planned = await operator("POST", IMPORTS, 201, data=workbook(ROWS))
    other = await operator("POST", IMPORTS, 201, data=b"camera,area,kind\nN-1,reg,street\n")
    _ = await operator("POST", f"{IMPORTS}/{other['id']}/apply")

    problem = await operator("POST", f"{IMPORTS}/{planned['id']}/apply", 409)

    assert "the registry changed since" in problem["detail"]
    assert await cameras(service) == ["N-1"]


async def test_a_plan_that_still_holds_is_carried_out_after_other_changes(service, operator):
    planned = await operator("POST", IMPORTS, 201, data=workbook(ROWS))
    other = await operator("POST", IMPORTS, 201, data=b"camera,area,kind\nN-9,reg,street\n")
    _ = await operator("POST", f"{IMPORTS}/{other['id']}/apply")

    _ = await operator("POST", f"{IMPORTS}/{planned['id']}/apply")

    assert await cameras(service) == ["N-1", "N-2", "N-9"]


async def test_a_plan_is_for_whoever_brought_it_and_for_half_an_hour(service, operator):
    planned = await operator("POST", IMPORTS, 201, data=workbook(ROWS))
    path = f"{IMPORTS}/{planned['id']}/apply"

    _ = await operator("POST", path, 404, headers=service.bearer(Role.ADMIN))
    await service.fake_clock.advance(31 * 60)
    _ = await operator("POST", path, 404)

    assert await cameras(service) == []


async def test_rows_outside_the_reach_are_errors_and_nothing_is_written(service, operator):
    async with service.database.write() as session:
        token = await create_token(
            session,
            name="near",
            role=Role.OPERATOR,
            now=service.clock.now(),
            reach=Reach(areas=("reg",)),
        )
    near = {"Authorization": f"Bearer {token.text}"}
    file = b"camera,area,kind\nN-1,reg,street\nN-2,far,street\n"

    problem = await operator("POST", IMPORTS, 422, headers=near, data=file)
    planned = await operator("POST", IMPORTS, 201, headers=near, data=workbook(ROWS))
    _ = await operator("POST", f"{IMPORTS}/{planned['id']}/apply", headers=near)

    assert [error["field"] for error in problem["errors"]] == ["row 3.area"]
    assert "within what you may change" in problem["errors"][0]["detail"]
    assert await cameras(service) == ["N-1", "N-2"]


async def test_viewers_import_nothing_and_export_nothing(service, operator):
    viewer = service.bearer(Role.VIEWER)

    _ = await operator("POST", IMPORTS, 403, headers=viewer, data=b"camera,area\nX,reg\n")
    _ = await operator("GET", "/api/v1/export", 403, headers=viewer)


async def test_a_mapping_is_suggested_saved_used_and_deleted(service, operator):
    file = workbook([("Код камеры", "Столб"), ["N-1", "купол"]])
    suggested = await operator("POST", MAPPINGS, data=file)
    body = {
        "columns": suggested["columns"] | {"Столб": "kind"},
        "constants": {"area": "reg"},
        "values": {"kind": {"купол": "yard"}},
    }

    _ = await operator("PUT", f"{MAPPINGS}/poles", json=body)
    listed = await operator("GET", MAPPINGS)
    planned = await operator("POST", f"{IMPORTS}?mapping=poles", 201, data=file)
    _ = await operator("DELETE", f"{MAPPINGS}/poles")
    _ = await operator("POST", f"{IMPORTS}?mapping=poles", 404, data=file)

    assert suggested["columns"] == {"Код камеры": "camera", "Столб": ""}
    assert [item["name"] for item in listed["items"]] == ["poles"]
    assert planned["counts"]["camera"]["create"] == 1


async def test_a_mapping_gets_another_name_that_nobody_has(operator):
    for name in ("poles", "yards"):
        _ = await operator("PUT", f"{MAPPINGS}/{name}", json={"constants": {"area": "reg"}})

    renamed = await operator("PATCH", f"{MAPPINGS}/poles", json={"name": "poles 2026"})
    _ = await operator("PATCH", f"{MAPPINGS}/yards", 409, json={"name": "poles 2026"})
    _ = await operator("PATCH", f"{MAPPINGS}/poles", 404, json={"name": "yards"})
    _ = await operator("PATCH", f"{MAPPINGS}/yards", 422, json={"name": "../x"})

    listed = await operator("GET", MAPPINGS)
    assert renamed["constants"] == {"area": "reg"}
    assert [item["name"] for item in listed["items"]] == ["poles 2026", "yards"]


async def test_a_mapping_with_a_secret_is_refused(operator):
    _ = await operator("PUT", f"{MAPPINGS}/x", 422, json={"constants": {"password": "hidden"}})


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
async def test_an_export_holds_what_was_chosen_and_imports_back(service, operator, form):
    planned = await operator("POST", IMPORTS, 201, data=workbook(ROWS))
    _ = await operator("POST", f"{IMPORTS}/{planned['id']}/apply")

    answer = await operator("GET", f"/api/v1/export?format={form}&q=N-1")
    content = await answer.read()
    again = await operator("POST", IMPORTS, 201, data=content)

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="camreach-')
    assert again["counts"]["camera"] == {"create": 0, "change": 0, "unchanged": 1}
    async with service.database.read() as session:
        entry = (
            await session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "export"))
        ).one()
    assert entry.detail == {"format": form, "q": "N-1"} or entry.detail == {"q": "N-1"}


CARE = (
    {"camera": "C-1", "area": "reg", "kind": "street"},
    {
        "contractor": "almatel",
        "contractor_name": "Алмател",
        "contract": "c-26",
        "contract_contractor": "almatel",
        "contract_from": "2026-01-01",
        "contact": "desk",
        "contact_name": "Диспетчер",
        "contact_contractor": "almatel",
        "assignment": "as-1",
        "assignment_contract": "c-26",
        "assignment_camera": "C-1",
        "assignment_from": "2026-01-01T00:00:00Z",
    },
)


async def test_an_export_without_a_filter_says_who_answers_for_what(service, operator):
    columns = list({column: "" for row in CARE for column in row})
    table = [columns, *([row.get(column, "") for column in columns] for row in CARE)]
    planned = await operator("POST", IMPORTS, 201, data=workbook(table))
    _ = await operator("POST", f"{IMPORTS}/{planned['id']}/apply")

    whole = await (await operator("GET", "/api/v1/export?format=csv")).read()
    some = await (await operator("GET", "/api/v1/export?format=csv&q=C-1")).read()
    again = await operator("POST", IMPORTS, 201, data=whole)

    for kind in ("contractor", "contract", "contact", "assignment", "camera"):
        assert again["counts"][kind] == {"create": 0, "change": 0, "unchanged": 1}, kind
    assert b"as-1" in whole
    assert b"as-1" not in some
