"""The catalogue of what cameras do and what camreach makes of it: the one source of
docs/tolerates.md and of the test that every number has a case.

Holds no case.
"""

from __future__ import annotations

from tests.quirks.catalogue import conversation, description, media, situations
from tests.quirks.catalogue.row import Row, Section, Verdict

SECTIONS = (
    *(conversation.FRAMING, conversation.SENT, conversation.REPLIES),
    *(conversation.LOGIN, conversation.ADDRESSES),
    *(description.TEXT, description.SETUP, description.PLAY),
    *(media.PACKETS, media.KEEPALIVE, media.LEAVING, media.PICTURES, media.TIME),
    situations.SITUATIONS,
)
ROWS = tuple(row for section in SECTIONS for row in section.rows)

__all__ = ["ROWS", "SECTIONS", "Row", "Section", "Verdict"]
