"""Files that wait for a yes are few, not for long, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from registry.transfer.mapping import NO_MAPPING
from registry.transfer.uploads import KEPT_FOR, MAX_UPLOADS, Upload, Uploads

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def keep(kept: Uploads, data: bytes = b"x", who: str = "me", now: datetime = NOW) -> Upload:
    return kept.keep(who, data, NO_MAPPING, "digest", now)


def test_an_upload_is_found_by_its_owner_until_it_expires():
    kept = Uploads()
    upload = keep(kept)

    assert kept.find(upload.id, "me", NOW) is upload
    assert kept.find(upload.id, "somebody else", NOW) is None
    assert kept.find(upload.id, "me", NOW + KEPT_FOR) is None


def test_the_oldest_makes_room_for_one_too_many():
    kept = Uploads()
    all_of_them = [keep(kept) for _ in range(MAX_UPLOADS + 1)]

    found = [kept.find(each.id, "me", NOW) is not None for each in all_of_them]
    assert found == [False, *[True] * MAX_UPLOADS]


def test_all_files_together_stay_within_their_bytes():
    kept = Uploads(max_bytes=10)
    first, second, third = (keep(kept, b"four") for _ in range(3))

    assert kept.find(first.id, "me", NOW) is None
    assert kept.find(second.id, "me", NOW) is second
    assert kept.find(third.id, "me", NOW) is third


def test_what_expired_is_forgotten_before_what_still_holds():
    kept = Uploads()
    old = keep(kept)
    later = NOW + KEPT_FOR - timedelta(seconds=1)
    fresh = [keep(kept, now=later) for _ in range(MAX_UPLOADS - 1)]
    new = keep(kept, now=NOW + KEPT_FOR)

    assert kept.find(old.id, "me", NOW) is None
    assert all(kept.find(each.id, "me", later) is each for each in [*fresh, new])


def test_the_bytes_of_a_file_stay_out_of_what_is_printed():
    assert "hidden" not in repr(keep(Uploads(), b"hidden"))
