"""Where a camera looks: azimuth, angle of view, range. Nothing is known of those that exist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_COLUMNS = {
    "azimuth_degrees": "azimuth_degrees between 0 and 360",
    "view_degrees": "view_degrees > 0 and view_degrees <= 360",
    "range_m": "range_m > 0",
}


def upgrade() -> None:
    """In words that both databases know: a rebuild of every camera in SQLite is not needed."""
    number = sa.Double().compile(dialect=op.get_bind().dialect)
    for name, rule in _COLUMNS.items():
        check = f"constraint ck_camera_{name} check ({rule})"
        op.execute(f"alter table camera add column {name} {number} {check}")
