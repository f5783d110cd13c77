"""What the running monitor keeps of a feed's looks."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.record import Measured
from registry.look import Look
from registry.vocabulary import Depth, Reason

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ENDS = datetime(2027, 3, 1, tzinfo=UTC)


def _look(**seen) -> Look:
    return Look(depth=Depth.LIVENESS, started_at=NOW, duration_s=0.1, **seen)


def test_a_certificate_that_was_seen_is_kept_when_a_later_look_sees_none():
    measured = Measured()

    measured.take(_look(transport="tls", certificate_expires_at=ENDS))
    measured.take(_look(failure=Reason.TLS))

    assert measured.certificate_expires_at == ENDS


def test_a_certificate_is_known_although_the_look_failed_behind_it():
    measured = Measured()

    measured.take(_look(failure=Reason.AUTH_REJECTED, certificate_expires_at=ENDS))

    assert measured.certificate_expires_at == ENDS


def test_a_feed_that_left_tls_has_no_certificate_any_more():
    measured = Measured()

    measured.take(_look(transport="tls", certificate_expires_at=ENDS))
    measured.take(_look(transport="tcp"))

    assert measured.certificate_expires_at is None
