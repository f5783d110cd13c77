"""Times on their way into a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models.base import Utc

NOON = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
ALMATY = timezone(timedelta(hours=5))


def kept(value: datetime | None, kind: sa.types.TypeEngine[Any]) -> str | None:
    """What SQLite is given."""
    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            text = sa.cast(sa.literal(value, kind), sa.String)
            return connection.scalar(sa.select(text))
    finally:
        engine.dispose()


@pytest.mark.parametrize("at", [NOON, NOON.astimezone(ALMATY), NOON.replace(microsecond=0)])
def test_sqlite_keeps_utc_as_its_own_type_would_write_it(at):
    assert kept(at, Utc()) == kept(at.astimezone(UTC).replace(tzinfo=None), sa.DateTime())
    assert kept(None, Utc()) is None


@pytest.mark.parametrize("at", [NOON, NOON.replace(microsecond=0), None])
def test_what_sqlite_kept_comes_back_in_utc(at):
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        back = connection.scalar(sa.select(sa.literal(at, Utc())))
    engine.dispose()

    assert back == at
    assert back is None or back.tzinfo is UTC


def test_a_time_without_a_zone_never_reaches_a_database():
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        kept(NOON.replace(tzinfo=None), Utc())
