"""Files in: what a file brings, what it is refused for, and that it is all or nothing."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.database import Database, current_revision
from registry.models import AuditEntry, Base, Camera, Credential, Delivery, Device, Feed
from registry.sample import sample_csv
from registry.security.sealing import Sealer
from registry.transfer import (
    ImportRefused,
    PlanOutdated,
    apply_plan,
    plan_import,
    render_plan,
)
from registry.transfer.columns import COLUMNS
from registry.vocabulary import Lifecycle, Proof

PLACES = """camera,area,area_name,time_zone,delivers_to,center_name,center_kind,site,sector,address
,reg,Region,Asia/Almaty,,,,,,
,reg,,,cou,Operations center,operations_center,,,
,reg,,,duty,Duty unit,duty_unit,,,
,reg,,,,,,s-1,street,Degree 5
"""


@pytest.fixture
def importer(database, sealer, clock):
    async def plan(text: str | bytes):
        data = text.encode() if isinstance(text, str) else text
        return await plan_import(database, data, sealer=sealer, clock=clock)

    class Importer:
        async def plan(self, text: str | bytes):
            return await plan(text)

        async def apply(self, text: str | bytes):
            made = await plan(text)
            await apply_plan(database, made, sealer=sealer, clock=clock, who="tester")
            return made

        async def problems(self, text: str | bytes):
            with pytest.raises(ImportRefused) as refused:
                await plan(text)
            return refused.value.problems

    return Importer()


async def count(database, model) -> int:
    async with database.read() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


async def test_a_camera_comes_with_its_feeds_path_and_login(importer, database, sealer):
    await importer.apply(PLACES)

    await importer.apply(
        "camera;area;site;kind;lifecycle;feed;url;hop;taken_from;delivers_to;proof\n"
        "C-1;reg;s-1;street;in_service;main;rtsp://op:s3cr:t@198.18.0.1/ch/101;camera;;;\n"
        "C-1;;;;;cou;rtsp://198.18.9.9/live/c1;center;main;cou;handed_on\n"
    )

    async with database.read() as session:
        camera = (await session.scalars(sa.select(Camera))).one()
        feeds = {feed.name: feed for feed in await session.scalars(sa.select(Feed))}
        delivery = (await session.scalars(sa.select(Delivery))).one()
        credential = (await session.scalars(sa.select(Credential))).one()
    assert (camera.name, camera.lifecycle) == ("C-1", Lifecycle.IN_SERVICE)
    assert "degree 5" in camera.search
    assert feeds["main"].url == "rtsp://198.18.0.1/ch/101"
    assert feeds["cou"].taken_from_id == feeds["main"].id
    assert feeds["cou"].delivers_to_id == delivery.center_id
    assert delivery.proof is Proof.HANDED_ON
    login = sealer.unseal(credential.sealed)
    assert (login.username, login.password, credential.hosts) == ("op", "s3cr:t", ["198.18.0.1"])


async def test_a_second_import_of_the_same_file_is_an_empty_plan(importer):
    text = PLACES + ",,,,,,,,,\nC-1,reg,,,cou,,,s-1,,\n"
    text = text.replace("address\n", "address,kind\n", 1).replace("s-1,,\n", "s-1,,,street\n")
    await importer.apply(text)

    plan = await importer.plan(text)

    assert plan.is_empty
    assert "Nothing to do." in render_plan(plan)


async def test_the_revision_moves_once_and_the_deed_is_audited(importer, database):
    await importer.apply(PLACES)

    async with database.read() as session:
        entry = (await session.scalars(sa.select(AuditEntry))).one()
        assert await current_revision(session) == 1
    assert (entry.who, entry.action) == ("tester", "import")
    assert entry.detail["center"] == {"created": 2, "changed": 0}


async def test_a_plan_names_each_changed_field_and_no_password(importer):
    feed = "camera,area,kind,feed,url,username,password,importance\n"
    await importer.apply(PLACES)
    await importer.apply(feed + "C-1,reg,street,main,rtsp://198.18.0.1/1,op,old-word,normal\n")

    plan = await importer.plan(feed + "C-1,reg,yard,main,rtsp://198.18.0.1/2,op,new-word,high\n")

    told = render_plan(plan)
    assert "kind: 'street' -> 'yard'" in told
    assert "importance: 'normal' -> 'high'" in told
    assert "url: 'rtsp://198.18.0.1/1' -> 'rtsp://198.18.0.1/2'" in told
    assert "~ credential login-198.18.0.1: login" in told
    assert "word" not in told + repr(plan)


async def test_ten_kinds_of_bad_rows_change_nothing_and_are_all_named(importer, database):
    header = (
        "camera,area,kind,site,site_name,sector,latitude,longitude,"
        "feed,url,hop,taken_from,delivers_to,username,password\n"
    )
    await importer.apply(PLACES)
    await importer.apply(header + "OLD,reg,street,,,,,,main,rtsp://198.18.0.9/1,,,,op,right-word\n")
    await importer.apply("camera,area,lifecycle\nOLD,reg,retired\n")

    problems = await importer.problems(
        header
        + "GOOD,reg,street,s-1,,,,,main,rtsp://198.18.0.1/1,camera,,cou,,\n"
        + "B-1,reg,lamp,,,,,,,,,,,,\n"  # 3: unknown word
        + "B-2,reg,street,s-2,New,street,95,200,,,,,,,\n"  # 4: coordinates
        + "B-3,reg,street,,,,,,main,rtsp://198.18.0.1/1,camera,,nowhere,,\n"  # 5: center
        + "B-4,reg,street,,,,,,sub,rtsp://198.18.0.1/1,relay,main,,,\n"  # 6: taken_from missing
        + "B-5,reg,street,,,,,,a,rtsp://198.18.0.1/1,relay,b,,,\n"  # 7: cyclic
        + "B-5,reg,street,,,,,,b,rtsp://198.18.0.1/1,relay,a,,,\n"  # 8: cyclic
        + "B-6,reg,street,,,,,,main,http://op:hidden@198.18.0.1/1,camera,,,,\n"  # 9: not rtsp
        + "GOOD,reg,street,s-1,,,,,main,rtsp://198.18.0.1/1,camera,,cou,,\n"  # 10: repeated
        + "GOOD,reg,yard,,,,,,sub,rtsp://198.18.0.1/2,camera,,,,\n"  # 11: contradicts row 2
        + "OLD,reg,yard,,,,,,,,,,,,\n"  # 12: a retired code
        + "B 7,reg,street,,,,,,,,,,,,\n"  # 13: no code
        + "B-8,elsewhere,street,,,,,,,,,,,,\n"  # 14: unknown area
        + "B-9,reg,street,,,,,,main,rtsp://198.18.0.1/,camera,,,,,extra,cells\n"  # 15: merged
        + "B-10,reg,street,,,,,,main,rtsp://198.18.0.1/{user},camera,,,,\n"  # 16: no login
        + "B-11,reg,street,,,,,,,,,,,,hidden\n"  # 17: a password without a feed
        + "B-12,reg,street,,,,,,main,rtsp://u:hidden@h/w@198.18.0.1/,camera,,,,\n"  # 18
    )

    named = {(problem.row, problem.column) for problem in problems}
    assert named == {
        (3, "kind"),
        (4, "latitude"),
        (4, "longitude"),
        (5, "delivers_to"),
        (6, "taken_from"),
        (7, "taken_from"),
        (8, "taken_from"),
        (9, "url"),
        (10, "feed"),
        (11, "kind"),
        (12, "camera"),
        (13, "camera"),
        (14, "area"),
        (15, ""),
        (16, "credential"),
        (17, "feed"),
        (18, "url"),
    }
    assert any("retired" in problem.expected for problem in problems)
    assert any("street, yard, doorway" in problem.expected for problem in problems)
    assert "hidden" not in "\n".join(map(str, problems))
    assert await count(database, Camera) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "this one is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "this one is empty"),
        (b"camera,area\n", "at least one row"),
        (b"Register of cameras, 2026\nC-1,reg\n", "names of the columns"),
        (b"camera,area,knd\nC-1,reg,street\n", "'kind', perhaps"),
        (b"camera,kind\nC-1,street\n", "a column named 'area'"),
        (b"camera,area,area\nC-1,reg,reg\n", "each column once"),
        (b'camera,area\n"C-1,reg\nC-2,reg\n', "well-formed CSV"),
        (b"camera,area,camera_name\nC-1,reg,\x98\n", "UTF-8, cp1251 or KZ-1048"),
        (b"camera,area,camera_name\nC-1,reg," + b"x" * 5000, "at most 4000 characters"),
        ("camera,area,address\n,reg,К?ктем\n".encode("cp1251"), "saved as ?"),
    ],
)
async def test_a_misshapen_file_is_refused_with_what_was_expected(importer, text, expected):
    problems = await importer.problems(text)

    assert any(expected in problem.expected for problem in problems)


async def test_a_login_in_the_wrong_column_is_not_repeated(importer):
    problems = await importer.problems(
        "camera,area,kind\nC-1,reg,rtsp://op:hidden@198.18.0.1/1\nC-2,a?token=hidden,street\n"
    )

    assert len(problems) >= 2
    assert "hidden" not in "\n".join(map(str, problems))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "kz1048"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_encodings_and_separators_of_spreadsheets_are_read(
    importer, database, encoding, separator
):
    text = PLACES.replace("Region", "Жетысу і").replace(",", separator)

    await importer.apply(text.encode(encoding))

    async with database.read() as session:
        area = Base.metadata.tables["area"]
        assert await session.scalar(sa.select(area.c.name)) == "Жетысу і"


async def test_kazakh_letters_survive_a_single_byte_file(importer, database):
    await importer.apply(PLACES.replace("Region", "Қарабұлақ ңғүұһ").encode("kz1048"))

    async with database.read() as session:
        area = Base.metadata.tables["area"]
        assert await session.scalar(sa.select(area.c.name)) == "Қарабұлақ ңғүұһ"


async def test_a_credential_is_not_lent_to_another_host(importer):
    feed = "camera,area,kind,feed,url,credential,username,password\n"
    await importer.apply(PLACES)
    await importer.apply(feed + "C-1,reg,street,main,rtsp://198.18.0.1/1,cams,op,word\n")

    problems = await importer.problems(feed + "C-2,reg,street,main,rtsp://6.6.6.6/1,cams,,\n")

    assert [(p.row, p.column) for p in problems] == [(2, "credential")]
    assert "bound to 198.18.0.1" in problems[0].expected


async def test_moving_a_feed_away_from_its_credentials_host_is_refused(importer):
    feed = "camera,area,kind,feed,url\n"
    await importer.apply(PLACES)
    await importer.apply(feed + "C-1,reg,street,main,rtsp://op:word@198.18.0.1/1\n")

    problems = await importer.problems(feed + "C-1,reg,street,main,rtsp://6.6.6.6/1\n")

    assert [(p.row, p.column) for p in problems] == [(2, "credential")]


async def test_two_logins_for_one_credential_are_refused_without_naming_them(importer):
    await importer.apply(PLACES)

    problems = await importer.problems(
        "camera,area,kind,feed,url,credential,username,password\n"
        "C-1,reg,street,main,rtsp://198.18.0.1/1,cams,op,word-one\n"
        "C-2,reg,street,main,rtsp://198.18.0.2/1,cams,op,word-two\n"
    )

    assert [(p.row, p.column) for p in problems] == [(3, "password")]
    assert "word" not in str(problems[0]).replace("password", "")


async def test_two_accounts_of_one_host_stay_apart_on_every_import(importer, database):
    text = (
        "camera,area,kind,feed,url\n"
        "C-1,reg,street,main,rtsp://op:one@198.18.0.1/1\n"
        "C-2,reg,street,main,rtsp://op:two@198.18.0.1/2\n"
        "C-3,reg,street,main,rtsp://op:one@198.18.0.1/3\n"
    )
    await importer.apply(PLACES)
    await importer.apply(text)

    assert (await importer.plan(text)).is_empty
    assert await count(database, Credential) == 2


async def test_a_new_serial_number_is_a_new_device_in_the_same_place(importer, database, clock):
    device = "camera,area,kind,serial,model,installed_from\n"
    await importer.apply(PLACES)
    await importer.apply(device + "C-1,reg,street,SN1,Old,01.02.2026\n")
    await importer.apply(device + "C-1,reg,street,SN2,,\n")

    async with database.read() as session:
        first, second = await session.scalars(sa.select(Device).order_by(Device.id))
    today = clock.now().date()
    assert (first.serial, first.installed_to) == ("SN1", today)
    assert (second.serial, second.model, second.installed_from) == ("SN2", "", today)
    assert await count(database, Camera) == 1


async def test_an_empty_cell_says_nothing_and_a_dash_empties(importer, database):
    text = "camera,area,kind,lifecycle_note,camera_name\n"
    await importer.apply(PLACES)
    await importer.apply(text + "C-1,reg,street,waits,Name\n")
    await importer.apply(text + "C-1,,,-,\n")

    async with database.read() as session:
        camera = (await session.scalars(sa.select(Camera))).one()
    assert (camera.lifecycle_note, camera.name) == ("", "Name")


async def test_a_plan_is_not_applied_to_another_revision(importer, database, sealer, clock):
    plan = await importer.plan(PLACES)
    await importer.apply("camera,area,area_name,time_zone\n,other,Other,UTC\n")

    with pytest.raises(PlanOutdated, match="revision 1, the plan at 0"):
        await apply_plan(database, plan, sealer=sealer, clock=clock)


async def test_of_two_processes_that_apply_a_plan_at_once_one_is_told_it_came_late(
    importer, database, database_url, sealer, clock
):
    plan = await importer.plan(PLACES)
    elsewhere = Database(database_url)  # whose turn to write is not ours to see

    outcomes = await asyncio.gather(
        *(apply_plan(each, plan, sealer=sealer, clock=clock) for each in (database, elsewhere)),
        return_exceptions=True,
    )

    await elsewhere.close()
    assert sorted(type(each).__name__ for each in outcomes) == ["Batch", "PlanOutdated"]


async def test_the_sample_of_over_two_thousand_cameras_is_taken_over_with_progress(
    importer, database, sealer, clock
):
    text = await asyncio.to_thread(sample_csv)
    told: list[tuple[int, int, str]] = []

    plan = await importer.plan(text)
    await apply_plan(
        database,
        plan,
        sealer=sealer,
        clock=clock,
        progress=lambda done, total, what: told.append((done, total, what)),
    )

    assert await count(database, Camera) > 2000
    assert told[-1][0] == told[-1][1] == len(plan.changes)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert (await importer.plan(text)).is_empty


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from registry.clock import SystemClock
from registry.database import Database
from registry.sample import sample_csv
from registry.security.sealing import Sealer
from registry.transfer import apply_plan, plan_import

def die_half_way(done, total, what):
    if done * 2 > total:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    database, clock = Database(sys.argv[1]), SystemClock()
    sealer = Sealer.from_file(Path(sys.argv[2]))
    plan = await plan_import(database, sample_csv().encode(), sealer=sealer, clock=clock)
    await apply_plan(database, plan, sealer=sealer, clock=clock, progress=die_half_way)

asyncio.run(main())
"""


async def test_a_kill_in_the_middle_leaves_nothing_half_done(
    database, database_url, sealer, tmp_path
):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, str(tmp_path / "key")
    )
    assert await child.wait() == -signal.SIGKILL

    for table in Base.metadata.tables.values():
        if table.name != "revision":
            async with database.read() as session:
                rows = await session.scalar(sa.select(sa.func.count()).select_from(table))
            assert rows == 0, table.name


async def test_a_credential_that_does_not_open_is_repaired_by_a_new_login(
    importer, database, clock
):
    text = "camera,area,kind,feed,url\nC-1,reg,street,main,rtsp://op:word@198.18.0.1/1\n"
    await importer.apply(PLACES)
    await importer.apply(text)
    other = Sealer([b"A" * 43 + b"="])

    plan = await plan_import(database, text.encode(), sealer=other, clock=clock)
    await apply_plan(database, plan, sealer=other, clock=clock)

    async with database.read() as session:
        credential = (await session.scalars(sa.select(Credential))).one()
    assert other.unseal(credential.sealed).password == "word"


async def test_the_example_file_imports_and_is_explained(importer, database):
    def read(name: str) -> str:
        return (Path(__file__).parents[3] / name).read_text()

    example = await asyncio.to_thread(read, "configs/cameras.example.csv")
    explained = await asyncio.to_thread(read, "docs/import.md")

    await importer.apply(example)

    assert await count(database, Camera) == 4
    assert await count(database, Feed) == 5
    assert [column.name for column in COLUMNS if f"`{column.name}`" not in explained] == []
