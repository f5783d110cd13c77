"""The change log as a page: what it says, whom it shows what, and that nothing in it is markup."""

from __future__ import annotations

import re

import pytest

from registry.changing.inventory import CameraRecord, Change, FeedRecord, SiteRecord, What
from registry.changing.log import Batch, new_batch, record
from registry.security.reach import Reach
from registry.vocabulary import CameraKind, ChangeSource, Hop, Importance, Role, Sector
from tests.fakes.service import Service

MARKUP = "<img src=x onerror=alert(1)>"
ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}


def camera(code: str, **fields) -> CameraRecord:
    known = {"name": "Площадь", "kind": CameraKind.STREET, "area": "zhetisu"}
    return CameraRecord(code=code, **{**known, **fields})


async def log(service: Service, *changes: Change, **said) -> Batch:
    batch = new_batch(
        said.pop("who", "Айгуль"),
        said.pop("source", ChangeSource.PAGE),
        service.clock.now(),
        **said,
    )
    async with service.database.write() as session:
        await record(session, batch, changes)
    return batch


def made(code: str) -> Change:
    return Change(What.CAMERA, (code,), None, camera(code))


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("A1")
        await plant.camera("D1", area_id=3, centers=(2,))
    await service.log_in(Role.OPERATOR)
    return service


async def said(service: Service, path: str = "/changes", language: str = "en") -> str:
    headers = {"Accept-Language": language, "Accept": "text/html"}
    answer = await service.client.get(path, headers=headers)
    text = await answer.text()
    assert answer.status == 200, text
    main = text.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


async def test_a_change_tells_who_when_why_and_each_field_that_differs(estate: Service):
    after = camera("A1", importance=Importance.HIGH)
    await log(estate, Change(What.CAMERA, ("A1",), camera("A1"), after), reason="письмо 14")

    english, russian = await said(estate), await said(estate, language="ru")

    assert "03:00 UTC+5 · Айгуль · page · 1 change" in english
    assert "письмо 14" in english
    assert "± changed camera A1 Importance before: normal → after: high" in english
    assert "Важность было: обычная → стало: высокая" in russian
    assert "name" not in english.partition("± changed")[2]  # it stayed as it was


async def test_what_was_made_and_what_was_removed_are_told_with_what_they_say(estate: Service):
    feed = FeedRecord(camera="A1", name="main", url="rtsp://198.18.0.1/1", hop=Hop.CAMERA)
    await log(estate, Change(What.FEED, ("A1", "main"), feed, None))
    await log(estate, made("A1"), source=ChangeSource.IMPORT)

    text = await said(estate)

    assert "+ created camera A1 Name after: Площадь" in text
    assert "− removed feed A1/main URL before: rtsp://198.18.0.1/1" in text
    assert "firmware" not in text


FILTERS = {
    "?object=A1": {"A1", "A1/main"},
    "?object=A1&kind=feed": {"A1/main"},
    "?who=Болат": {"A1/main"},
    "?source=import": {"D1"},
    "?source=&who=&kind=&object=": {"A1", "A1/main", "D1"},
    "?since=2026-11-24": set(),
    "?until=2026-11-23": {"A1", "A1/main", "D1"},  # 03:00 of that day, there
    "?until=2026-11-22": set(),
}


async def test_each_filter_of_the_log(estate: Service):
    feed = FeedRecord(camera="A1", name="main", url="rtsp://198.18.0.1/1", hop=Hop.CAMERA)
    await log(estate, made("A1"))
    await log(estate, Change(What.FEED, ("A1", "main"), None, feed), who="Болат")
    await log(estate, made("D1"), source=ChangeSource.IMPORT)

    for query, shown in FILTERS.items():
        text = await said(estate, f"/changes{query}")
        assert set(re.findall(r"\+ created \w+ (\S+)", text)) == shown, query


async def test_a_large_batch_is_passed_over_and_shown_whole_on_its_own_page(estate: Service):
    await log(estate, made("A1"), who="Болат")
    batch = await log(estate, *(made("D1") for _ in range(250)))

    first = await said(estate)
    second = await said(estate, re.findall(r"/changes\?cursor=\d+", await raw(estate))[0])
    own = await said(estate, f"/changes/{batch.id}")

    assert (first.count("created"), "and 244 more" in first) == (6, True)
    assert "Болат" in second
    assert "D1" not in second
    assert own.count("created") == 100
    assert f"/changes/{batch.id}?cursor=" in await raw(estate, f"/changes/{batch.id}")


async def raw(service: Service, path: str = "/changes") -> str:
    return await (await service.client.get(path, headers=ENGLISH)).text()


async def test_nobody_reads_of_what_lies_outside_his_reach(estate: Service):
    batch = await log(estate, made("A1"), made("D1"))
    headers = await estate.issue(Role.OPERATOR, Reach(areas=("zhetisu/aksu",))) | ENGLISH
    estate.client.session.cookie_jar.clear()

    listed = await (await estate.client.get("/changes", headers=headers)).text()
    whole = await (await estate.client.get(f"/changes/{batch.id}", headers=headers)).text()

    for page in (listed, whole):
        assert "D1" in page
        assert "A1" not in page
        assert "1 change<" in page
    other = await estate.client.get("/changes/" + "0" * 32, headers=headers)
    assert other.status == 404


async def test_a_viewer_is_neither_shown_the_log_nor_offered_it(estate: Service):
    await log(estate, made("A1"))
    await estate.log_in(Role.VIEWER)

    assert (await estate.client.get("/changes")).status == 403
    assert "/changes" not in await raw(estate, "/cameras/A1")


async def test_what_people_wrote_is_text_and_never_markup(estate: Service):
    site = SiteRecord(code=MARKUP, name=MARKUP, sector=Sector.MALL, area="zhetisu")
    await log(estate, Change(What.SITE, (MARKUP,), None, site), who=MARKUP, reason=MARKUP)

    text = await raw(estate)

    assert MARKUP not in text
    assert text.count("&lt;img") >= 4


async def test_a_filter_that_is_none_is_refused_in_words(estate: Service):
    for query in ("?kind=rocket", "?since=yesterday", "?until=9999-12-31", "?x=1"):
        answer = await estate.client.get(f"/changes{query}", headers=ENGLISH)

        assert answer.status == 422
        assert "A value was refused" in await answer.text()
