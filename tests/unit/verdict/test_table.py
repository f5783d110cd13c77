"""The table of proofs, held against the sentences of the design it writes out."""

from __future__ import annotations

from itertools import product

from monitor.verdict.table import TABLE, Flow, Picture, Speaker
from registry.vocabulary import FeedState


def test_every_pair_of_proofs_has_a_state():
    assert set(TABLE) == set(product(Flow, Picture))


def test_live_needs_flowing_frames_and_a_good_picture_or_pictures_switched_off():
    live = {cell for cell, (state, _) in TABLE.items() if state is FeedState.LIVE}

    assert live == {(Flow.FLOWING, Picture.GOOD), (Flow.FLOWING, Picture.OFF)}


def test_without_flow_no_picture_saves_the_feed():
    assert all(TABLE[Flow.ABSENT, picture][0] is FeedState.DOWN for picture in Picture)


def test_what_could_not_be_looked_at_is_never_called_down():
    assert all(TABLE[Flow.COULD_NOT_LOOK, p][0] is FeedState.UNKNOWN for p in Picture)
    assert TABLE[Flow.FLOWING, Picture.COULD_NOT_LOOK][0] is FeedState.UNKNOWN


def test_loss_degrades_what_would_be_live_and_changes_no_other_state():
    for picture in Picture:
        flowing, lossy = TABLE[Flow.FLOWING, picture][0], TABLE[Flow.LOSSY, picture][0]
        assert lossy is (FeedState.DEGRADED if flowing is FeedState.LIVE else flowing)


def test_a_reason_is_shown_exactly_when_the_feed_is_not_live():
    for state, speaker in TABLE.values():
        assert (speaker is Speaker.NOBODY) == (state is FeedState.LIVE)
