"""The byte stream of a connection: in any cut, the same messages and frames or the one error."""

from __future__ import annotations

from monitor.rtsp.failures import ProbeError
from monitor.rtsp.messages import (
    MAX_HEADERS,
    Request,
    Response,
    encode,
    write_request,
    write_response,
)
from monitor.rtsp.wire import MAX_BODY, ROOM, Wire
from tests.fuzz.targets.refusing import says_why

TOKENS = (
    *(b"RTSP/1.0 200 OK\r\n", b"RTSP/1.0 ", b"OPTIONS * RTSP/1.0\r\n", b"\r\n\r\n", b"\n\n"),
    *(b"Content-Length: ", b"CSeq: 1\r\n", b"$\x00\x00\x04\x80\x60\x00\x01", b"$\x01\x00\x00"),
    *(b"\r\n ", b"HTTP/1.1 ", b"SSH-2.0", b"\x16\x03\x01", b"GET_PARAMETER ", b"$\x00\xff\xff"),
)
_MOST_HELD = 4 * MAX_BODY
_OTHERS = b"$" * ROOM  # what other connections leave in the room that all read into

Seen = tuple[int, bytes] | Response | Request


def response(data: bytes) -> None:
    """The first byte says how the rest is cut: so many bytes at a time, 0 for one to eight."""
    if not data:
        return
    body = data[1:]
    whole = _seen([body])
    assert _seen(_cut(body, data[0])) == whole
    for item in whole or ():
        if not isinstance(item, tuple):
            _is_bounded_and_survives_writing(item)


def _cut(body: bytes, size: int) -> list[bytes]:
    if size:
        return [body[at : at + size] for at in range(0, len(body), size)]
    chunks, at = [], 0
    while at < len(body):
        step = 1 + body[at] % 8
        chunks.append(body[at : at + step])
        at += step
    return chunks


def _seen(chunks: list[bytes]) -> list[Seen] | None:
    """None: the one error."""
    try:
        return fed(chunks)
    except ProbeError as error:
        says_why(error)
        return None


def fed(chunks: list[bytes]) -> list[Seen]:
    seen: list[Seen] = []
    scratch = bytearray(ROOM)
    wire = Wire("192.0.2.7:554", scratch)
    wire.channels = frozenset({0, 1})
    wire.on_rtp = lambda channel, view: seen.append((channel, bytes(view)))
    for chunk in chunks:
        at = 0
        while at < len(chunk):
            room = wire.buffer()
            count = min(len(room), len(chunk) - at)
            assert count > 0
            room[:count] = chunk[at : at + count]
            at += count
            wire.received(count, seen.append)
            scratch[:] = _OTHERS
        assert len(wire._data) <= _MOST_HELD
    return seen


def _is_bounded_and_survives_writing(message: Response | Request) -> None:
    assert len(list(message.headers)) <= MAX_HEADERS
    assert len(message.body) <= MAX_BODY
    if isinstance(message, Response):
        assert 100 <= message.status <= 999
        written = write_response(message)
    else:
        assert len(encode(message.uri)) <= 4 * 8192
        written = write_request(message)
    assert fed([written]) == [message]
