"""Who answers for a camera as a whole, of all assignments in force. It charges nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from registry.estate.places import Places
from registry.estate.rows import Row
from registry.vocabulary import Hop


class Contractors:
    """Who answers for a camera as a whole: the nearest assignment in force wins."""

    def __init__(self, assignments: Iterable[Row], places: Places) -> None:
        self._places = places
        self._by_object: dict[str, dict[int, str]] = defaultdict(dict)
        for row in sorted(assignments, key=_weight):
            for kind in ("camera", "recorder", "system", "site", "area"):
                if (object_id := getattr(row, f"{kind}_id")) is not None:
                    self._by_object[kind][object_id] = row.contractor

    def of(self, camera: Row) -> str:
        nearest_first = (
            ("camera", camera.id),
            ("recorder", camera.recorder_id),
            ("system", camera.system_id),
            ("site", camera.site_id),
            *(("area", area_id) for area_id in self._areas_up(camera.area_id)),
        )
        for kind, object_id in nearest_first:
            if code := self._by_object[kind].get(object_id):
                return code
        return ""

    def _areas_up(self, area_id: int | None) -> Iterator[int]:
        seen: set[int] = set()
        while area_id is not None and area_id not in seen:
            seen.add(area_id)
            yield area_id
            area_id = self._places.areas[area_id].parent_id


def _weight(assignment: Row) -> tuple[bool, datetime, int]:
    """Of two on the same object the one that covers the lens, then the later, is the label."""
    covers_lens = not assignment.hops or Hop.CAMERA.value in assignment.hops
    return covers_lens, assignment.starts_at, assignment.id
