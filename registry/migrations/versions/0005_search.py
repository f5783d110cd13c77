"""Text that folds Kazakh letters and ё, traces for technicians, and indexes to find both by."""

from __future__ import annotations

import re
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

FOLDS = dict(zip("ёәғқңөұүһі", "еагкноуухи", strict=True))
CAMERA = sa.table("camera", sa.column("id", sa.Integer), sa.column("search", sa.Text))
HOST = re.compile(r"://(?:[^/@]*@)?(\[[^\]/]*\]|[^/:?#]*)")


def upgrade() -> None:
    traces = sa.Column("search_technical", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("camera", traces)
    op.execute(sa.update(CAMERA).values(search=_folded(CAMERA.c.search)))
    _fill_traces(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        _index_trigrams(op.get_bind())


def _folded(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    for letter, plain in FOLDS.items():
        text = sa.func.replace(text, letter, plain)
    return text


def _fill_traces(connection: sa.Connection) -> None:
    traces: defaultdict[int, list[str]] = defaultdict(list)
    for camera, *parts in connection.execute(
        sa.text("select camera_id, serial, mac from device order by id")
    ):
        traces[camera] += parts
    for camera, host in connection.execute(
        sa.text(
            "select camera.id, recorder.host from camera"
            " join recorder on recorder.id = camera.recorder_id"
        )
    ):
        traces[camera].append(host)
    for camera, url in connection.execute(sa.text("select camera_id, url from feed order by id")):
        traces[camera] += HOST.findall(url)[:1]
    rows = [
        {"camera": camera, "traces": " ".join(dict.fromkeys(filter(None, parts))).casefold()}
        for camera, parts in traces.items()
    ]
    if rows:
        update = "update camera set search_technical = :traces where id = :camera"
        connection.execute(sa.text(update), rows)


def _index_trigrams(connection: sa.Connection) -> None:
    """Any part of a word, by index. Without the extension it is found as well, only slower."""
    try:
        with connection.begin_nested():
            connection.execute(sa.text("create extension if not exists pg_trgm"))
    except sa.exc.DBAPIError:  # not installed, or this user may not
        return
    for column in ("search", "search_technical"):
        index = f"create index ix_camera_{column}_trigrams on camera using gin"
        connection.execute(sa.text(f"{index} ({column} gin_trgm_ops)"))
