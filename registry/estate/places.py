"""What cameras and feeds refer to, by id, and which of it a feed's looks load or are charged to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.estate.rows import Row, Rows, by_id
from registry.vocabulary import Hop


@dataclass(frozen=True, slots=True)
class Places:
    """What cameras and feeds refer to, by id."""

    areas: Mapping[int, Row]
    sites: Mapping[int, Row]
    systems: Mapping[int, Row]
    recorders: Mapping[int, Row]
    programs: Mapping[int, Row]
    recorder_at: Mapping[str, Row]
    centers: Mapping[int, Row]
    stands_in: int | None  # the center inside whose network the prober stands


def places_of(rows: Rows, vantage_id: int) -> Places:
    return Places(
        areas=by_id(rows.areas),
        sites=by_id(rows.sites),
        systems=by_id(rows.systems),
        recorders=by_id(rows.recorders),
        programs=by_id(rows.programs),
        recorder_at={
            row.host.lower(): row for row in rows.recorders if row.host and row.retired_at is None
        },
        centers=by_id(rows.centers),
        stands_in=next((row.center_id for row in rows.vantages if row.id == vantage_id), None),
    )


def recorder_of(feed: Row, camera: Row, host: str, places: Places) -> Row | None:
    """The box that serves this feed, if it is one that serves others too."""
    own = places.recorders.get(camera.recorder_id)
    if own is not None and own.host.lower() == host:
        return own
    return places.recorder_at.get(host) or (own if feed.hop is Hop.RECORDER else None)


def site_of(feed: Row, camera: Row, recorder: Row | None, places: Places) -> Row | None:
    """The site whose line a look would load; a relay or a center is behind none."""
    if recorder is not None:
        return places.sites.get(recorder.site_id)
    return places.sites.get(camera.site_id) if feed.hop is Hop.CAMERA else None


def center_of(feed: Row, places: Places) -> Row | None:
    """The center whose line a look loads: outward where the center hands the picture on, inward
    where the prober stands in it.
    """
    handed_on = feed.hop in (Hop.RELAY, Hop.CENTER) and feed.delivers_to_id is not None
    center_id: int | None = feed.delivers_to_id if handed_on else places.stands_in
    return places.centers[center_id] if center_id is not None else None
