from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rtsp.failures import ProbeError, ProbeFailure
from monitor.rtsp.messages import Headers, Request, Response
from monitor.rtsp.wire import MAX_BODY, MAX_HEAD, MAX_SKIPPED, Wire
from tests.fakes.feeding import feed, feed_all_ways, refuse_all_ways
from tests.fakes.packetiser import interleaved

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
OK_VALUE = Response(200, "OK", Headers([("CSeq", "1")]))
PACKET = b"\x80\x60\x00\x01" + b"\x00" * 20
FRAME = interleaved(PACKET)


def test_a_response_with_a_body_is_one_message():
    data = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"

    headers = Headers([("CSeq", "2"), ("Content-Length", "5")])
    feed_all_ways(data, [Response(200, "OK", headers, b"v=0\r\n")])


def test_messages_and_frames_come_out_in_their_order():
    data = FRAME + OK + FRAME + FRAME + OK

    feed_all_ways(data, [(0, PACKET), OK_VALUE, (0, PACKET), (0, PACKET), OK_VALUE])


def test_a_request_of_the_camera_is_a_request():
    data = b"OPTIONS rtsp://192.0.2.7/ RTSP/1.0\r\nCSeq: 9\r\n\r\n"

    feed_all_ways(data, [Request("OPTIONS", "rtsp://192.0.2.7/", Headers([("CSeq", "9")]))])


def test_a_request_of_the_camera_may_be_cut_within_its_method():
    data = b"SET_PARAMETER rtsp://192.0.2.7/ RTSP/1.0\r\nCSeq: 9\r\n\r\n"
    expected = Request("SET_PARAMETER", "rtsp://192.0.2.7/", Headers([("CSeq", "9")]))

    for at in range(1, len(data)):
        wire = Wire()
        seen: list[Response | Request] = []
        for piece in (FRAME, data[:at], data[at:]):
            wire.buffer()[: len(piece)] = piece
            wire.received(len(piece), seen.append)
        assert (seen, wire.resyncs) == ([expected], 0)


def test_a_folded_value_has_no_blanks_at_its_end():
    data = b"RTSP/1.0 200 OK\r\nX: a\r\n \r\n\tb\rc \r\n \r\n\r\n"

    feed_all_ways(data, [Response(200, "OK", Headers([("X", "a bc")]))])


@pytest.mark.parametrize(
    ("field", "items"),
    [
        (b"X:a  b:c", [("X", "a  b:c")]),
        (b"X:  a b ", [("X", "a b")]),
        (b"X:", [("X", "")]),
        (b"X: ", [("X", "")]),
        (b"X : a", [("X", "a")]),
        (b"X: a\tb\t", [("X", "a\tb")]),
        (b"X: a\r\r", [("X", "a")]),
        (b"X: \xd0\xbc", [("X", "\u043c")]),
        (b"no colon", []),
        (b": no name", []),
        (b"X: a\r\nx: b", [("X", "a"), ("x", "b")]),
    ],
)
def test_a_field_is_read_alike_in_one_piece_and_in_many(field, items):
    head = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n%s\r\nEnd: z\r\n\r\n" % field

    headers = Headers([("CSeq", "1"), *items, ("End", "z")])
    feed_all_ways(head, [Response(200, "OK", headers)])


def test_line_feeds_alone_end_a_head():
    feed_all_ways(b"RTSP/1.0 200 OK\nCSeq: 1\n\n", [OK_VALUE], trailing=b"\n")


def test_an_empty_frame_is_a_frame():
    feed_all_ways(interleaved(b"", 3), [(3, b"")])


def test_the_largest_frame_fits():
    packet = b"\x80" + b"\x55" * 65534

    assert feed([interleaved(packet), FRAME]) == [(0, packet), (0, PACKET)]


def test_garbage_between_frames_is_skipped():
    data = OK + b"\x01\x02 garbage $ and more" + FRAME + OK

    feed_all_ways(data, [OK_VALUE, (0, PACKET), OK_VALUE])


def test_garbage_is_followed_three_times_only():
    data = (b"\x01garbage" + FRAME) * 4

    refuse_all_ways(data, "neither RTSP nor an interleaved frame")


def test_garbage_is_followed_for_four_kilobytes_only():
    refuse_all_ways(b"\x01" * (MAX_SKIPPED + 1), "neither RTSP nor an interleaved frame")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "an HTTP server answers on this port"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS on this port"),
        (b"SSH-2.0-dropbear\r\n", "an SSH server"),
    ],
)
def test_another_protocol_is_called_by_its_name(data, message):
    refuse_all_ways(data, message)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"RTSP/1.0 abc\r\n\r\n", "expected an RTSP status line"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "expected a number"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 1e3\r\n\r\n", "expected a number"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1), "expected at most"),
        (b"RTSP/1.0 200 OK\r\n" + b"a: b\r\n" * 256 + b"\r\n", "256 header lines"),
    ],
)
def test_a_hostile_head_is_a_protocol_error(head, message):
    refuse_all_ways(head, message)


def test_an_endless_head_is_bounded():
    with pytest.raises(ProbeError, match="head of more than") as caught:
        feed([b"RTSP/1.0 200 OK\r\nX: " + b"a" * 2 * MAX_HEAD])

    assert caught.value.failure is ProbeFailure.PROTOCOL


@pytest.mark.parametrize("status", ["099", "000", "20", "2000", "2OO"])
def test_a_status_that_is_none_is_no_interim_answer(status):
    refuse_all_ways(f"RTSP/1.0 {status} OK\r\n\r\n".encode(), "expected an RTSP status line")


def test_an_error_tells_where_and_shows_the_bytes():
    with pytest.raises(ProbeError) as caught:
        feed([OK + b"HTTP/1.0 404 Not Found\r\n\r\n"])

    assert caught.value.where.position == len(OK)
    assert "48 54 54 50" in str(caught.value)
    assert "192.0.2.7:554" in str(caught.value)


@given(st.binary(max_size=400), st.integers(1, 40))
def test_any_bytes_are_events_or_the_one_error(data, size):
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    try:
        whole = feed([data])
    except ProbeError:
        whole = None
    try:
        cut = feed(chunks)
    except ProbeError:
        cut = None

    assert cut == whole


@given(
    st.lists(
        st.sampled_from(
            [b"RTSP/1.0 200 OK\r\n", b"\r\n", b"$", b"\x00", b"Content-Length: 3\r\n", FRAME, b"a:"]
        ),
        max_size=30,
    )
)
def test_pieces_of_the_protocol_in_any_order_never_escape(pieces):
    data = b"".join(pieces)
    try:
        whole = feed([data])
    except ProbeError:
        whole = None
    try:
        single = feed([bytes((byte,)) for byte in data])
    except ProbeError:
        single = None

    assert single == whole


def test_a_dripped_head_costs_linear_time():
    def seconds(count: int) -> float:
        data = b"RTSP/1.0 200 OK\r\n" + b"X: a\r\n" * count
        begun = time.process_time()
        feed([bytes((byte,)) for byte in data])
        return time.process_time() - begun

    assert seconds(240) < 8 * max(seconds(60), 0.0005)


def test_the_buffer_is_never_empty_and_stays_bounded():
    wire = Wire()
    messages: list[Response | Request] = []
    for _ in range(200):
        room = wire.buffer()
        assert len(room) > 0
        chunk = interleaved(b"\x80" * 30_000)[: len(room)]
        room[: len(chunk)] = chunk
        try:
            wire.received(len(chunk), messages.append)
        except ProbeError:
            break

    assert len(wire._data) <= 2 * MAX_BODY
