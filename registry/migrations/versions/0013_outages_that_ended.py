"""An outage is over once its last bad look is known, also where nobody saw the feed good again.

Of a feed that is down now the last such row is the outage that goes on: it was taken for the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_GOES_ON = sa.text(
    "update outage set last_bad_at = null where first_good_at is null and exists"
    " (select 1 from feed_status where feed_status.feed_id = outage.feed_id"
    " and feed_status.vantage_id = outage.vantage_id and feed_status.state = 'down')"
)
# One that ended without a time of its own would stay open for ever.
_ENDED = sa.text(
    "update outage set last_bad_at = first_bad_at where last_bad_at is null"
    " and first_good_at is not null"
)


def upgrade() -> None:
    op.drop_index("uq_outage_open", "outage")
    op.execute(_GOES_ON)
    op.execute(_ENDED)
    op.create_index(
        "uq_outage_open",
        "outage",
        ["feed_id", "vantage_id"],
        unique=True,
        sqlite_where=sa.text("last_bad_at is null"),
        postgresql_where=sa.text("last_bad_at is null"),
    )
