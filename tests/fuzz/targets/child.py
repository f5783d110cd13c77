"""What a decoder child says: one that a picture has taken over is as hostile as the picture."""

from __future__ import annotations

from monitor.picture import wire
from monitor.picture.values import PictureMemory
from registry.vocabulary import Reason
from tests.fuzz.targets.refusing import says_why

TOKENS = (
    *(b'{"job": 1, ', b'"findings": ', b'"luma": [1.0, 2.0, 3.0]', b'"size": [32, 32]', b"crp1"),
    *(b'"refused": ', b'"ready": true', b'"unconfined": null', b"\xff\xd8\xff", b"\xff\xd9"),
    *(b'"ok", null, null', b'"seconds": [0.1, 0.1]', b"1e999", b"NaN", b"[[[[", b'"black"'),
    *(b'"too_dark"', b'"too_bright"', b'"wrong_profile"', b"true", b"\n"),
)


def decoder_child(data: bytes) -> None:
    """A message header, then JSON up to the first line's end, then a blob."""
    _sizes(data[: wire.HEADER_BYTES])
    text, _, blob = data.partition(b"\n")
    try:
        ready = wire.read_ready(text, blob)
        assert len(ready.unconfined or "") <= wire.MAX_WORDS
    except wire.BadMessage as error:
        says_why(error)
    try:
        _is_believable(wire.read_answer(text, blob, 1))
    except wire.BadMessage as error:
        says_why(error)
    PictureMemory.from_json(text.decode("utf-8", "replace")).to_json()


def _sizes(header: bytes) -> None:
    if len(header) < wire.HEADER_BYTES:
        return
    try:
        text_bytes, blob_bytes = wire.sizes(header, wire.MAX_SNAPSHOT_BYTES)
    except wire.BadMessage:
        return
    assert text_bytes <= wire.MAX_TEXT_BYTES
    assert blob_bytes <= wire.MAX_SNAPSHOT_BYTES


def _is_believable(answer: wire.Seen | wire.Refused) -> None:
    if isinstance(answer, wire.Refused):
        assert len(answer.detail) <= wire.MAX_WORDS
        return
    assert set(answer.findings) == wire.CHILD_REASONS
    assert all(isinstance(reason, Reason) for reason in answer.findings)
    assert 0 < answer.width <= wire.MAX_SIDE
    assert 0 < answer.height <= wire.MAX_SIDE
    header, packed = _split(wire.pack_seen(answer))
    text_bytes, _ = wire.sizes(header, wire.MAX_KEYFRAME_BYTES)
    assert wire.read_answer(packed[:text_bytes], packed[text_bytes:], 1) == answer


def _split(message: bytes) -> tuple[bytes, bytes]:
    return message[: wire.HEADER_BYTES], message[wire.HEADER_BYTES :]
