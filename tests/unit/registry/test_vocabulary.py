"""The table of reasons: every word has every column, and the right one of several is shown."""

from __future__ import annotations

from dataclasses import fields

import pytest

from docs.generate import stale_pages
from registry.vocabulary import (
    WORDS,
    FeedState,
    Outcome,
    Reason,
    ReasonClass,
    shown_reason,
)

# DESIGN section 4, word for word.
DESIGN = {
    ReasonClass.SEEN_ABSENT: """
        refused unreachable timeout closed not_found no_video no_packets burst_only no_keyframe
        ended_by_camera signal_lost filler frozen looped black covered wrong_scene""",
    ReasonClass.SEEN_POOR: """
        too_dark too_bright blurred impaired_visibility partly_obstructed moved noisy stripes
        color_cast ir_cut_fault corrupt_picture low_frame_rate low_bitrate packet_loss
        wrong_profile""",
    ReasonClass.COULD_NOT_LOOK: """
        dns tls not_allowed auth_rejected auth_unsupported locked_out busy protocol unsupported
        decoder_failed internal vantage_blind not_probed""",
}
ONVIF_IS_OPTIONAL = "onvif_topic"


def test_table_holds_every_reason_and_nothing_else():
    assert set(WORDS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_no_word_lacks_a_column(reason: Reason):
    word = WORDS[reason]

    columns = {f.name: getattr(word, f.name) for f in fields(word) if f.name != ONVIF_IS_OPTIONAL}

    assert all(columns.values()), columns
    assert all(
        text.strip() == text and text for text in (word.label.en, word.label.ru, word.label.kk)
    )
    assert all(text.endswith(".") for text in (word.meaning, word.usual_cause)), columns


def test_classes_are_those_of_the_design():
    by_class = {
        reason_class: {reason for reason in Reason if reason.reason_class is reason_class}
        for reason_class in ReasonClass
    }

    assert by_class == {each: {Reason(w) for w in words.split()} for each, words in DESIGN.items()}


def test_ranks_are_unique():
    assert len({reason.rank for reason in Reason}) == len(Reason)


def test_seen_absent_is_shown_above_seen_poor_above_could_not_look():
    ordered = sorted(Reason, key=lambda reason: reason.rank, reverse=True)

    assert list(dict.fromkeys(r.reason_class for r in ordered)) == list(ReasonClass)
    assert [r.reason_class for r in ordered] == sorted(
        (r.reason_class for r in ordered), key=list(ReasonClass).index
    )


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_labels_tell_reasons_apart(language: str):
    labels = [getattr(word.label, language) for word in WORDS.values()]

    assert len(set(labels)) == len(labels)


def test_labels_fit_a_tile():
    assert max(len(t) for w in WORDS.values() for t in (w.label.en, w.label.ru, w.label.kk)) <= 32


def test_russian_and_kazakh_labels_are_written_in_their_own_letters():
    for word in WORDS.values():
        assert any("а" <= c <= "я" for c in word.label.ru.lower())
        assert word.label.kk != word.label.ru


def test_onvif_topics_are_of_the_standard_tree():
    topics = {word.onvif_topic for word in WORDS.values()} - {None}

    assert topics == {
        f"tns1:VideoSource/{name}"
        for name in (
            "SignalLoss",
            "ImageTooDark",
            "ImageTooBright",
            "ImageTooBlurry",
            "ImpairedVisibility",
            "GlobalSceneChange",
        )
    }


@pytest.mark.parametrize(
    ("together", "shown"),
    [
        ({Reason.BLACK, Reason.FROZEN}, Reason.BLACK),
        ({Reason.SIGNAL_LOST, Reason.FROZEN, Reason.BLACK}, Reason.SIGNAL_LOST),
        ({Reason.FILLER, Reason.FROZEN}, Reason.FILLER),
        ({Reason.FROZEN, Reason.COVERED}, Reason.FROZEN),
        ({Reason.REFUSED, Reason.BLACK}, Reason.REFUSED),
        ({Reason.TOO_DARK, Reason.NOISY}, Reason.TOO_DARK),
        ({Reason.IMPAIRED_VISIBILITY, Reason.BLURRED}, Reason.IMPAIRED_VISIBILITY),
        ({Reason.PACKET_LOSS, Reason.CORRUPT_PICTURE}, Reason.PACKET_LOSS),
        ({Reason.WRONG_PROFILE, Reason.AUTH_REJECTED}, Reason.WRONG_PROFILE),
        ({Reason.NOT_PROBED, Reason.VANTAGE_BLIND}, Reason.VANTAGE_BLIND),
        (set(), None),
    ],
)
def test_what_explains_most_is_shown(together: set[Reason], shown: Reason | None):
    assert shown_reason(together) is shown


def test_each_class_makes_its_own_state_and_outcome():
    assert {each: (each.feed_state, each.outcome) for each in ReasonClass} == {
        ReasonClass.SEEN_ABSENT: (FeedState.DOWN, Outcome.DOWN),
        ReasonClass.SEEN_POOR: (FeedState.DEGRADED, Outcome.DEGRADED),
        ReasonClass.COULD_NOT_LOOK: (FeedState.UNKNOWN, Outcome.COULD_NOT_LOOK),
    }


def test_the_page_of_reasons_is_up_to_date():
    assert stale_pages() == []
