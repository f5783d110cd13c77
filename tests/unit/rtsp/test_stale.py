"""Which cameras keep a session that nobody ended, and for how long."""

from __future__ import annotations

import pytest

from monitor.rtsp.quirks import Quirk
from monitor.rtsp.stale import is_old_live555, lingers_s, spoils_others


@pytest.mark.parametrize(
    ("tool", "old"),
    [
        ("LIVE555 Streaming Media v2013.04.08", True),
        ("LIVE555 Streaming Media v2017.06.03", True),
        ("LIVE555 Streaming Media v2017.06.04", False),
        ("LIVE555 Streaming Media v2023.03.30", False),
        ("LIVE555 Streaming Media vYYYY.MM.DD", False),
        ("GStreamer", False),
        (None, False),
    ],
)
def test_live555_is_old_before_it_was_mended(tool, old):
    assert is_old_live555(tool) is old


def test_an_answered_teardown_leaves_nothing_even_on_an_old_live555():
    assert lingers_s({Quirk.OLD_LIVE555}, 60) is None


def test_a_session_lingers_as_long_as_the_camera_says_within_reason():
    unanswered = {Quirk.TEARDOWN_UNANSWERED}

    assert [lingers_s(unanswered, timeout) for timeout in (15, 60, 10**9)] == [15, 60, 120]
    assert lingers_s(unanswered | {Quirk.OLD_LIVE555}, 15) == 65


def test_only_what_writes_into_other_connections_spoils_them():
    assert spoils_others({"stale_live555_session"})
    assert spoils_others({"old_live555", "teardown_unanswered"})
    assert not spoils_others({"teardown_unanswered"})
