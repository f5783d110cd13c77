"""The schema that migrations make, and what a migration does to a database that exists."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from registry.migrations import VERSIONS, Migrated, MigrationRefused, migrate
from registry.models import Base


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def migrate_as_of(path: Path, schema: str) -> None:
    """Bring a database to what an earlier release made of it."""
    folder = path.parent / f"up-to-{schema}"
    folder.mkdir()
    for file in VERSIONS.glob("[0-9]*.py"):
        if file.name[:4] <= schema:
            shutil.copy(file, folder)
    migrate(url_of(path), (folder,))


def execute(path: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(statement).fetchall()
        connection.commit()
    finally:
        connection.close()
    return rows


def checks_of(engine: sa.Engine) -> set[tuple[str, str]]:
    inspector = sa.inspect(engine)
    return {
        (table, " ".join(str(check["sqltext"]).split()))
        for table in Base.metadata.tables
        for check in inspector.get_check_constraints(table)
    }


def test_migrations_make_exactly_the_models(tmp_path):
    migrate(url_of(tmp_path / "migrated.db"))
    migrated = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}", poolclass=sa.NullPool)
    modelled = sa.create_engine(f"sqlite:///{tmp_path / 'modelled.db'}", poolclass=sa.NullPool)
    Base.metadata.create_all(modelled)

    with migrated.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    assert checks_of(migrated) == checks_of(modelled)


def test_a_new_file_gets_the_revision_row_and_is_its_owners_only(tmp_path):
    path = tmp_path / "camreach.db"

    migrated = migrate(url_of(path))

    assert (migrated.before, migrated.copy) == (None, None)
    assert execute(path, "select id, value from revision") == [(1, 0)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_outage_that_goes_on_stays_open_and_one_that_was_left_behind_does_not(tmp_path):
    """Until 0013 an outage was open as long as nobody saw the feed good again."""
    path = tmp_path / "camreach.db"
    migrate_as_of(path, "0012")
    execute(
        path, "insert into area (path, name, kind, time_zone) values ('a', 'A', 'region', 'UTC')"
    )
    execute(
        path,
        "insert into camera (code, name, kind, importance, lifecycle, lifecycle_note, area_id,"
        " search) values ('x', 'X', 'street', 'normal', 'planned', '', 1, '')",
    )
    execute(
        path,
        "insert into feed (camera_id, name, url, hop, transport) values"
        " (1, 'main', 'rtsp://192.0.2.1/', 'camera', 'auto'),"
        " (1, 'sub', 'rtsp://192.0.2.2/', 'camera', 'auto')",
    )
    execute(path, "insert into vantage (code, name) values ('main', 'Main')")
    execute(
        path,
        "insert into feed_status (feed_id, vantage_id, state, since, valid_until, memory)"
        " select id, 1, state, '2026-11-22 00:00:00', '2026-11-22 00:00:00', '{}'"
        " from (select 1 as id, 'down' as state union select 2, 'live')",
    )
    execute(
        path,
        "insert into outage (feed_id, vantage_id, reason, first_bad_at, last_bad_at)"
        " select feed_id, 1, 'refused', since, since from feed_status",
    )

    migrate(url_of(path))

    found = execute(path, "select feed_id, last_bad_at is null from outage order by feed_id")
    assert found == [(1, 1), (2, 0)]


def test_a_second_run_changes_nothing(tmp_path):
    path = tmp_path / "camreach.db"
    first = migrate(url_of(path))
    execute(path, "update revision set value = 7")

    second = migrate(url_of(path))

    assert second.before == second.after == first.after
    assert execute(path, "select value from revision") == [(7,)]


def test_a_database_of_a_newer_camreach_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "camreach.db"
    migrate(url_of(path))
    execute(path, "update alembic_version set version_num = '9999'")

    with pytest.raises(MigrationRefused, match=r"'9999'.*newer camreach"):
        migrate(url_of(path))

    assert execute(path, "select version_num from alembic_version") == [("9999",)]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MigrationRefused, match="does not exist"):
        migrate(url_of(tmp_path / "nowhere" / "camreach.db"))


def test_an_upgrade_keeps_a_copy_of_what_was_there(tmp_path, migrate_further):
    path = tmp_path / "camreach.db"
    migrate(url_of(path))
    execute(path, "insert into program (code, name) values ('carpet', 'Carpet')")

    migrated = migrate_further(url_of(path))

    assert migrated.copy is not None
    assert execute(migrated.copy, "select code from program") == [("carpet",)]
    assert execute(path, "select note from program") == [("",)]
    assert stat.S_IMODE(migrated.copy.stat().st_mode) == 0o600


def test_rebuilding_a_parent_table_does_not_delete_its_children(tmp_path, migrate_further):
    path = tmp_path / "camreach.db"
    migrate(url_of(path))
    execute(
        path,
        "insert into area (path, name, kind, time_zone) values ('a', 'A', 'region', 'UTC')",
    )
    execute(path, "insert into contractor (code, name) values ('c', 'C')")
    execute(
        path,
        "insert into camera (code, name, kind, importance, lifecycle, lifecycle_note, area_id,"
        " program_id, search) values ('x', 'X', 'street', 'normal', 'planned', '', 1, null, '')",
    )
    execute(
        path,
        "insert into feed (camera_id, name, url, hop, transport) values"
        " (1, 'main', 'rtsp://192.0.2.1/', 'camera', 'auto')",
    )

    migrate_further(url_of(path), rebuild="camera")

    assert execute(path, "select name from feed") == [("main",)]


def test_an_upgrade_that_would_orphan_rows_is_taken_back(tmp_path, migrate_further):
    path = tmp_path / "camreach.db"
    released = migrate(url_of(path)).after

    with pytest.raises(MigrationRefused, match=r"without parents"):
        migrate_further(url_of(path), orphan=True)

    assert execute(path, "select version_num from alembic_version") == [(released,)]
    assert execute(path, "select count(*) from heartbeat") == [(0,)]


def test_feeds_that_were_there_are_verified_over_tls(tmp_path):
    path = tmp_path / "camreach.db"
    migrate_as_of(path, "0002")
    execute(
        path, "insert into area (path, name, kind, time_zone) values ('a', 'A', 'region', 'UTC')"
    )
    execute(
        path,
        "insert into camera (code, name, kind, importance, lifecycle, lifecycle_note, area_id,"
        " search) values ('x', 'X', 'street', 'normal', 'planned', '', 1, '')",
    )
    execute(
        path,
        "insert into feed (camera_id, name, url, hop, transport) values"
        " (1, 'main', 'rtsps://192.0.2.1/', 'camera', 'auto')",
    )

    migrate(url_of(path))

    assert execute(path, "select name, tls_policy from feed") == [("main", "verify")]


def test_cameras_that_were_there_are_found_by_folded_text_and_by_what_technicians_know(tmp_path):
    path = tmp_path / "camreach.db"
    migrate_as_of(path, "0004")
    for statement in (
        "insert into area (path, name, kind, time_zone) values ('a', 'A', 'region', 'UTC')",
        "insert into recorder (code, name, host, session_budget) values ('n', 'N', 'NVR.Local', 4)",
        "insert into camera (code, name, kind, importance, lifecycle, lifecycle_note, area_id,"
        " recorder_id, search) values"
        " ('x', 'X', 'street', 'normal', 'planned', '', 1, 1, 'x ёлка қарабұлақ')",
        "insert into device (camera_id, serial, mac, vendor, model, firmware) values"
        " (1, 'SN7', '', '', '', '')",
        "insert into feed (camera_id, name, url, hop, transport) values"
        " (1, 'main', 'rtsp://{user}:{password}@198.18.0.7:554/x', 'camera', 'auto')",
    ):
        execute(path, statement)

    migrate(url_of(path))

    assert execute(path, "select search, search_technical from camera") == [
        ("x елка карабулак", "sn7 nvr.local 198.18.0.7")
    ]


def test_logging_is_left_as_it_was(tmp_path):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))

    migrate(url_of(tmp_path / "camreach.db"))

    assert (root.level, list(root.handlers)) == before


def test_tokens_and_their_sessions_survive_the_new_role(tmp_path):
    path = tmp_path / "camreach.db"
    migrate_as_of(path, "0001")
    token = "insert into api_token (key_id, secret_sha256, name, role, created_at) values"
    execute(path, f"{token} ('k', 's', 'n', 'viewer', '2026-01-01')")
    session = "insert into web_session (cookie_sha256, token_id, created_at, expires_at) values"
    execute(path, f"{session} ('c', 1, '2026-01-01', '2027-01-01')")

    migrated = migrate(url_of(path))

    assert migrated.before == "0001"
    assert execute(path, "select cookie_sha256 from web_session") == [("c",)]
    execute(path, f"{token} ('d', 's', 'n', 'device', '2026-01-01')")
    with pytest.raises(sqlite3.IntegrityError, match="role"):
        execute(path, f"{token} ('x', 's', 'n', 'nobody', '2026-01-01')")


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = {released!r}


def upgrade() -> None:
    with op.batch_alter_table({rebuild!r}, recreate="always") as table:
        table.add_column(sa.Column("note", sa.String(10), server_default="", nullable=False))
    if {orphan!r}:
        op.execute("insert into heartbeat values (99, '2026-01-01', '2026-01-01')")
"""


@pytest.fixture
def migrate_further(tmp_path):
    """What a camreach with one migration more than this one would do."""

    def run(url: str, *, rebuild: str = "program", orphan: bool = False) -> Migrated:
        further = tmp_path / "versions"
        further.mkdir()
        released = migrate(url_of(tmp_path / "released.db")).after
        text = NEXT.format(rebuild=rebuild, orphan=orphan, released=released)
        (further / "next.py").write_text(text)
        return migrate(url, (VERSIONS, further))

    return run
