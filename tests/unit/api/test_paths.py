"""The way from the lens to the center as it is drawn, and where it is said to break."""

from __future__ import annotations

import pytest

from registry.api.shapes import CameraShape, DeliveryShape, FeedShape, PictureShape
from registry.api.standing import Standing
from registry.vocabulary import (
    CameraKind,
    CenterKind,
    DeliveryState,
    FailingAt,
    FeedState,
    Hop,
    Importance,
    Lifecycle,
    Proof,
)
from registry.web.paths import Step, steps

NEVER = {
    "reason": None,
    "since": None,
    "known_at": None,
    "valid_until": None,
    "knowledge_age_s": None,
}


def feed(id_: str, hop: Hop) -> FeedShape:
    return FeedShape(
        id=id_,
        hop=hop,
        taken_from=None,
        delivers_to=None,
        state=FeedState.LIVE,
        last_frame_at=None,
        last_fresh_picture_at=None,
        detail=None,
        url=None,
        **NEVER,
    )


def drawn(feeds: list[FeedShape], failing_at: FailingAt | None = None) -> list[Step]:
    state = DeliveryState.NOT_REACHING if failing_at else DeliveryState.REACHING
    delivery = DeliveryShape(
        center="ou",
        center_name="ЦОУ",
        center_kind=CenterKind.OPERATIONS_CENTER,
        proof=Proof.PULLED,
        state=state,
        failing_at=failing_at,
        path=[each.id for each in feeds],
        **NEVER,
    )
    camera = CameraShape(
        code="A1",
        name="",
        kind=CameraKind.STREET,
        importance=Importance.NORMAL,
        lifecycle=Lifecycle.IN_SERVICE,
        lifecycle_note="",
        area="r",
        area_name="",
        time_zone="UTC",
        site=None,
        address="",
        system=None,
        recorder=None,
        program=None,
        snapshots=None,
        state=Standing(state.value),
        deliveries=[delivery],
        feeds=feeds,
        picture=PictureShape(allowed=True, feed=None, taken_at=None),
        contact=None,
    )
    return steps(camera, delivery)


CAMERA, RECORDER, CENTER = (feed(h.value, h) for h in (Hop.CAMERA, Hop.RECORDER, Hop.CENTER))


def test_the_lens_and_the_center_stand_at_the_ends_even_where_nobody_looks():
    assert [(step.hop, step.feed) for step in drawn([RECORDER])] == [
        (Hop.CAMERA, None),
        (Hop.RECORDER, RECORDER),
        (Hop.CENTER, None),
    ]
    assert [step.hop for step in drawn([])] == [Hop.CAMERA, Hop.CENTER]


@pytest.mark.parametrize(
    ("failing_at", "places", "links"),
    [
        (FailingAt.CAMERA, [Hop.CAMERA], []),
        (FailingAt.LINK, [], [Hop.CAMERA]),
        (FailingAt.CAMERA_OR_LINK, [Hop.CAMERA], [Hop.CAMERA]),
        (FailingAt.RECORDER, [Hop.RECORDER], []),
        (FailingAt.CENTER, [Hop.CENTER], []),
        (FailingAt.UNKNOWN, [], []),
        (None, [], []),
    ],
)
def test_the_fault_is_drawn_where_it_is(
    failing_at: FailingAt | None, places: list[Hop], links: list[Hop]
):
    drawing = drawn([CAMERA, RECORDER, CENTER], failing_at)

    assert [step.hop for step in drawing if step.at_fault] == places
    assert [step.hop for step in drawing if step.link_at_fault] == links
