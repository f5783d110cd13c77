"""The wall and the page of a camera: what they say, escape, and never claim too long."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from registry.live import Frame
from registry.look import FeedKey, Finding, Look
from registry.models import Assignment, Contact, Contract, Contractor, DeliveryInterval
from registry.vocabulary import (
    Answer,
    CameraKind,
    DeliveryState,
    Depth,
    Importance,
    Reason,
    Role,
)
from tests.conftest import PROJECT_ROOT
from tests.fakes.each_state import full_look, plant_each_state
from tests.fakes.service import Service

PROBE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """The tiles and scripts of a page, as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tiles: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("class") == "tile":
            self.tiles[values["data-code"] or ""] = values["data-state"] or ""


async def page(service: Service, path: str = "/", language: str = "en", status: int = 200) -> Page:
    headers = {"Accept": "text/html", "Accept-Language": language}
    answer = await service.client.get(path, headers=headers)
    text = await answer.text()
    assert answer.status == status, text
    return Page(text)


def words(found: Page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", found.text).split())


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant_each_state(plant)
        await plant.camera("A7", kind=CameraKind.DOORWAY, area_id=3, centers=(2,))
    await service.log_in()
    return service


async def test_the_wall_shows_each_state_and_the_broken_first(estate: Service):
    wall = await page(estate)

    assert wall.tiles == {
        "A2": "not_reaching",
        "A3": "degraded",
        "A4": "unknown",
        "A1": "reaching",
        "A7": "reaching",
        "A5": "no_center",
        "A6": "not_measured",
    }
    assert list(wall.tiles)[:3] == ["A2", "A3", "A4"]


async def test_of_the_broken_the_important_and_the_latest_come_first(service: Service):
    down: dict[str, Any] = {"state": DeliveryState.NOT_REACHING, "reason": Reason.TIMEOUT}
    async with service.planting() as plant:
        await plant.camera("B1", **down, since_ago=9000)
        await plant.camera("B2", **down, since_ago=60)
        await plant.camera("B3", **down, since_ago=99000, importance=Importance.HIGH)
    await service.log_in()

    assert list((await page(service)).tiles) == ["B3", "B2", "B1"]


@pytest.mark.parametrize("path", ["/", "/wall", "/cameras/A1", "/cameras/A1/now", "/cameras/A2"])
async def test_no_page_claims_anything_once_the_scheduler_stood_still(estate: Service, path: str):
    estate.fake_clock.jump(300)

    found = await page(estate, path)

    claimed = {
        values["data-state"]
        for tag, values in found.tags
        if "data-state" in values and tag in ("li", "article", "div", "span")
    }
    assert claimed <= {"unknown", "no_center", "not_measured"}
    for tag, values in found.tags:
        if tag == "a" and values.get("data-state") in ("reaching", "degraded", "not_reaching"):
            assert "data-none" in values  # a count of zero


async def test_a_tile_says_why_there_is_no_picture(estate: Service):
    said = words(await page(estate))

    assert said.count("pictures are off for doorway cameras") == 2
    assert "no picture yet" in said
    assert "not looked at" in said


async def test_a_picture_is_asked_for_by_the_time_it_was_taken(estate: Service):
    estate.live.frames[FeedKey("A1", "main")] = Frame(b"jpeg", estate.clock.now())

    (source,) = [v["src"] for tag, v in (await page(estate)).tags if tag == "img"]

    assert source == "/api/v1/cameras/A1/feeds/main/frame?t=1795384800000"
    assert (await estate.client.get(source)).status == 200


@pytest.mark.parametrize(
    ("query", "tiles"),
    [
        ("?state=not_reaching", ["A2"]),
        ("?state=not_reaching&state=degraded", ["A2", "A3"]),
        ("?reason=too_dark&kind=&center=&q=", ["A3"]),
        ("?center=duty-aksu", ["A7"]),
        ("?area=zhetisu/aksu", ["A7"]),
        ("?q=площадь", ["A1"]),
        ("?kind=doorway", ["A7", "A5"]),
    ],
)
async def test_a_filter_of_the_wall(estate: Service, query: str, tiles: list[str]):
    assert list((await page(estate, f"/{query}")).tiles) == tiles


async def test_a_filter_without_a_field_is_shown_kept_and_taken_away(estate: Service):
    found = await page(estate, "/?site=zhansugurov-114&lifecycle=planned&kind=street")

    assert list(found.tiles) == ["A6"]
    assert "Site: zhansugurov-114" in words(found)
    assert 'href="/?kind=street&amp;site=zhansugurov-114"' in found.text
    assert '<input type="hidden" name="site" value="zhansugurov-114">' in found.text


@pytest.mark.parametrize(("role", "led"), [(Role.VIEWER, False), (Role.OPERATOR, True)])
async def test_an_empty_wall_says_what_to_do(service: Service, role: Role, led: bool):
    await service.log_in(role)

    found = await page(service)

    assert "The registry holds none that you may see." in words(found)
    assert ('class="button" href="/import"' in found.text) is led


async def test_tiles_are_bounded_and_every_camera_is_on_one_page(service: Service):
    async with service.planting() as plant:
        for number in range(130):
            await plant.camera(f"C{number:03}")
    await service.log_in()

    pages = [await page(service, f"/?page={number}") for number in (1, 2, 3)]

    assert [len(each.tiles) for each in pages] == [60, 60, 10]
    assert len({code for each in pages for code in each.tiles}) == 130


async def test_the_page_of_a_camera_shows_the_way_and_where_it_breaks(estate: Service):
    estate.live.kept[FeedKey("A2", "cou")] = [full_look(estate.clock.now())]
    await estate.log_in(Role.OPERATOR)

    found = await page(estate, "/cameras/A2")

    said = words(found)
    for expected in ("on the link", "relay · cou", "connect 4 ms", "DESCRIBE 1.2 s", "2560×1440"):
        assert expected in said
    assert "not checkable (one keyframe only)" in said
    assert "content_base_absent" in said
    assert "seen nothing within 5.0 s" in said
    assert "link at-fault" in found.text
    assert "Look now" in said
    offered = re.findall(r'<option value="(\w+)">\w+ · \w+</option>', found.text)
    assert offered == ["main", "cou"]  # from the lens to the center


@pytest.mark.parametrize(
    ("language", "step"),
    [
        ("en", "What to do: Ping it. No echo: power and line."),
        ("ru", "Что делать: Проверьте питание"),
    ],
)
async def test_what_to_do_and_since_when_is_said_in_the_language_of_the_page(
    estate: Service, language: str, step: str
):
    said = words(await page(estate, "/cameras/A2", language))

    assert step in said
    assert "02:00 UTC+5" in said


async def test_a_viewer_sees_no_address_no_conversation_and_no_button(estate: Service):
    look = Look(
        depth=Depth.LIVENESS,
        started_at=estate.clock.now(),
        duration_s=1,
        failure=Reason.PROTOCOL,
        detail="a detail for the technician",
        log=("> a line of the conversation",),
    )
    estate.live.kept[FeedKey("A2", "main")] = [look]

    said = words(await page(estate, "/cameras/A2"))

    for hidden in ("198.18.", "for the technician", "of the conversation", "Look now"):
        assert hidden not in said


async def test_the_strips_of_another_day_are_those_of_its_calendar_there(estate: Service):
    async with estate.planting() as plant:
        began = datetime(2026, 11, 20, 19, tzinfo=UTC)  # midnight there
        await plant.session.execute(sa.update(DeliveryInterval).values(started_at=began))

    found = await page(estate, "/cameras/A2?day=2026-11-21")
    said = words(found)

    assert "21 Nov 2026" in said
    assert 'data-from="/cameras/A2/now?day=2026-11-21"' in found.text
    assert "21 Nov, 00:00 – 22 Nov, 00:00 UTC+5: not reaching, no answer" in said
    await page(estate, "/cameras/A2?day=2026-11-24", status=422)
    await page(estate, "/cameras/A2?day=someday", status=422)


async def test_whom_to_call_is_who_looks_after_it_now(estate: Service):
    now = estate.clock.now()
    async with estate.planting() as plant:
        for number, name in ((1, "Now Co"), (2, "Past Co"), (3, "Other Co")):
            plant.session.add(Contractor(id=number, code=f"k{number}", name=name))
            await plant.session.flush()
            contract = Contract(code=f"K{number}", contractor_id=number, starts_on=date(2026, 1, 1))
            desk = Contact(contractor_id=number, name="desk", phone=f"+7 700 000 00 0{number}")
            plant.session.add_all([contract, desk])
            await plant.session.flush()
            plant.session.add(
                Assignment(
                    contract_id=contract.id,
                    area_id={1: 1, 2: 2, 3: 3}[number],
                    hops=["camera"],
                    starts_at=now - timedelta(days=9),
                    ends_at=now - timedelta(days=1) if number == 2 else None,
                )
            )
        plant.session.add(Contact(center_id=1, name="shift leader", phone="+7 700 000 00 09"))

    said = words(await page(estate, "/cameras/A1"))

    assert "Now Co contractor: camera" in said
    assert "shift leader" in said
    assert "Past Co" not in said
    assert "Other Co" not in said


async def test_what_others_wrote_is_text_and_never_markup(service: Service):
    async with service.planting() as plant:
        camera = await plant.camera("X1", name=PROBE)
        camera.lifecycle_note = PROBE
    service.live.kept[FeedKey("X1", "main")] = [
        Look(
            depth=Depth.LIVENESS,
            started_at=service.clock.now(),
            duration_s=1,
            failure=Reason.PROTOCOL,
            detail=PROBE,
            server=PROBE,
            quirks=(PROBE,),
            log=(PROBE,),
            transport=PROBE,
            findings={Reason.BLACK: Finding(Answer.NOT_CHECKABLE, why=PROBE)},
        )
    ]
    await service.log_in(Role.ADMIN)

    for path in ("/", "/cameras/X1", "/cameras/X1/now", f"/?q={PROBE}", f"/cameras/{PROBE}"):
        headers = {"Accept": "text/html"}
        answer = await service.client.get(path, headers=headers)
        found = Page(await answer.text())
        assert all(values.get("src") != "x" for _, values in found.tags)
        assert all("onerror" not in values for _, values in found.tags)
        scripts = [values for tag, values in found.tags if tag == "script"]
        assert all((values["src"] or "").startswith("/static/") for values in scripts)
        assert all("style" not in values for _, values in found.tags)


async def test_the_end_of_a_cameras_certificate_is_shown(service: Service):
    async with service.planting() as plant:
        await plant.camera("X1")
    service.live.kept[FeedKey("X1", "main")] = [
        Look(
            depth=Depth.LIVENESS,
            started_at=service.clock.now(),
            duration_s=1,
            transport="tls",
            certificate_expires_at=datetime(2027, 3, 1, 10, tzinfo=UTC),
        )
    ]
    await service.log_in(Role.VIEWER)

    said = await (await service.client.get("/cameras/X1")).text()

    assert "<dt>Certificate until</dt><dd>1 Mar 2027</dd>" in said


async def test_every_answer_forbids_foreign_and_inline_content(estate: Service):
    for path in ("/", "/login", "/api/v1/cameras", "/static/wall.js", "/nothing"):
        headers = (await estate.client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/cameras/none", 404, "There is nothing here"),
        ("/nowhere", 404, "There is nothing here"),
        ("/?kind=rocket", 422, "query.kind.0"),
        ("/?page=0", 422, "query.page"),
    ],
)
async def test_an_error_is_a_page_that_explains_itself(
    estate: Service, path: str, status: int, said: str
):
    found = await page(estate, path, status=status)

    assert said in words(found)
    assert "To the status wall" in words(found)
    assert "a viewer" in words(found)  # in the frame of the site


async def test_a_failure_of_ours_is_told_in_the_frame_of_the_site(estate: Service):
    async with estate.database.write() as session:
        await session.execute(sa.text("drop table outage"))

    with capture_logs() as logged:
        found = await page(estate, status=500)

    assert [entry["path"] for entry in logged if entry["log_level"] == "error"] == ["/"]
    assert "Something failed in camreach" in words(found)
    assert "a viewer" in words(found)


async def test_whoever_is_not_signed_in_learns_of_no_page_what_it_is(service: Service):
    said = words(await page(service, "/nowhere", status=404))

    assert "There is nothing here" in said
    assert "Map" not in said


async def test_static_files_are_asked_for_again_and_not_sent_again(estate: Service):
    first = await estate.client.get("/static/camreach.css")
    again = await estate.client.get(
        "/static/camreach.css", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (first.status, first.content_type) == (200, "text/css")
    assert again.status == 304
    assert (await estate.client.get("/static/..%2fsetup.py")).status == 404


def test_scripts_of_others_are_as_their_makers_made_them():
    table = (PROJECT_ROOT / "docs" / "third-party.md").read_text("utf-8")
    named = re.findall(r"^\| `([\w.-]+)` \|.*`([0-9a-f]{64})` \|$", table, re.MULTILINE)

    assert named
    for name, expected in named:
        (file,) = (PROJECT_ROOT / "registry" / "web").rglob(name)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == expected
