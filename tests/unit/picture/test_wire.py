"""The parent believes nothing that a decoder child says before it has looked at it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.picture import wire
from monitor.picture.values import Expected, Luma
from registry.look import Finding
from registry.vocabulary import Answer, Codec, Reason

JPEG = b"\xff\xd8\xff\xe0 picture \xff\xd9"
SEEN = wire.Seen(
    number=7,
    findings={
        Reason.BLACK: Finding(Answer.OK, value=12.5),
        Reason.TOO_DARK: Finding(Answer.FOUND, value=3.0),
        Reason.TOO_BRIGHT: Finding(Answer.OK, value=3.0),
        Reason.WRONG_PROFILE: Finding(Answer.NOT_CHECKABLE, "nothing is expected of this feed"),
    },
    luma=Luma(3.0, 1.0, 9.0),
    width=640,
    height=360,
    snapshot=JPEG,
    decode_s=0.01,
    checks_s=0.02,
)


def taken_apart(message: bytes) -> tuple[bytes, bytes]:
    text_bytes, blob_bytes = wire.sizes(message[: wire.HEADER_BYTES], len(message))
    text, blob = (
        message[wire.HEADER_BYTES :][:text_bytes],
        message[wire.HEADER_BYTES + text_bytes :],
    )
    assert len(blob) == blob_bytes
    return text, blob


def seen_row(**changes: Any) -> bytes:
    text, _ = taken_apart(wire.pack_seen(SEEN))
    return json.dumps(json.loads(text) | changes).encode()


def test_an_answer_comes_back_as_it_was_given():
    assert wire.read_answer(*taken_apart(wire.pack_seen(SEEN)), 7) == SEEN


def test_a_job_comes_back_as_it_was_given():
    job = wire.Job(3, Codec.H265, Expected(Codec.H264, None, 1080), True, b"\0\0\1data")

    assert wire.read_job(*taken_apart(wire.pack_job(job) + job.data)) == job


def test_a_refusal_comes_back_short():
    message = wire.pack_refused(wire.Refused(7, "x" * 5000))

    answer = wire.read_answer(*taken_apart(message), 7)

    assert answer == wire.Refused(7, "x" * wire.MAX_WORDS)


def test_a_child_that_cannot_work_is_not_ready():
    with pytest.raises(wire.BadMessage, match="libx is missing"):
        wire.read_ready(*taken_apart(wire.pack_broken("libx is missing")))


@pytest.mark.parametrize(
    "header",
    [
        b"crp1" + b"\xff" * 8,
        b"crp1" + (10).to_bytes(4, "big") + (41 * 1024).to_bytes(4, "big"),
        b"GIF8" + bytes(8),
    ],
    ids=["huge text", "huge blob", "other magic"],
)
def test_sizes_are_bounded_before_anything_is_read(header):
    with pytest.raises(wire.BadMessage):
        wire.sizes(header, wire.MAX_SNAPSHOT_BYTES)


@pytest.mark.parametrize(
    "changes",
    [
        {"job": 8},
        {"job": True},
        {"size": [640]},
        {"size": [640, 0]},
        {"size": [640, 10**9]},
        {"size": ["640", 360]},
        {"seconds": [-1, 0]},
        {"seconds": [0, float("nan")]},
        {"seconds": [0, 10**4000]},
        {"luma": [1, 2, True]},
        {"findings": {}},
        {"findings": {"frozen": ["ok", None, None]}},
        {"findings": {r: ["fine", None, None] for r in sorted(wire.CHILD_REASONS)}},
        {"findings": {r: ["ok", None] for r in sorted(wire.CHILD_REASONS)}},
        {"findings": {r: ["ok", None, float("inf")] for r in sorted(wire.CHILD_REASONS)}},
    ],
    ids=str,
)
def test_an_answer_that_does_not_fit_is_refused(changes):
    with pytest.raises(wire.BadMessage):
        wire.read_answer(seen_row(**changes), b"", 7)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[]", b"[" * 30_000, b"{" * 3, b"NaN"])
def test_text_that_is_no_object_is_refused(text):
    with pytest.raises(wire.BadMessage):
        wire.read_answer(text, b"", 7)


def test_a_snapshot_must_be_a_jpeg():
    with pytest.raises(wire.BadMessage):
        wire.read_answer(seen_row(), b"<svg onload=alert(1)>", 7)


def test_words_of_a_child_are_short_and_printable():
    findings = {r: ["ok", "\x1b[2J\r\n" + "y" * 900, None] for r in sorted(wire.CHILD_REASONS)}

    answer = wire.read_answer(seen_row(findings=findings), b"", 7)

    assert isinstance(answer, wire.Seen)
    why = answer.findings[Reason.BLACK].why
    assert why is not None
    assert why.isprintable()
    assert len(why) == wire.MAX_WORDS


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=30))
def test_any_bytes_are_an_answer_or_a_bad_message(text, blob):
    try:
        wire.read_answer(text, blob, 7)
    except wire.BadMessage:
        return
    pytest.fail("random bytes were believed")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["job", "findings", "luma", "size", "seconds", "refused"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ),
    )
)
def test_any_object_is_an_answer_or_a_bad_message(row):
    try:
        answer = wire.read_answer(json.dumps(row).encode(), b"", 7)
    except wire.BadMessage:
        return
    assert answer.number == 7
