from __future__ import annotations

import pytest

from monitor.simulator.wire import Request, RequestReader, Status, UnreadableRequestError, response

ASKED = b"OPTIONS rtsp://127.77.1.1:8554/stream RTSP/1.0\r\nCSeq: 1\r\n\r\n"
PLAYED = (
    b"PLAY rtsp://127.77.1.1:8554/channel/2/ RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nabc"
)
REPORT = b"$\x01\x00\x04\x80\xc9\x00\x00"


def test_requests_are_found_however_they_are_cut_and_reports_are_passed_over() -> None:
    data = ASKED + REPORT + PLAYED + REPORT + ASKED
    reader = RequestReader()

    found = [r for n in range(len(data)) for r in reader.feed(data[n : n + 1])]

    assert [r.method for r in found] == ["OPTIONS", "PLAY", "OPTIONS"]
    assert found == list(RequestReader().feed(data))
    assert found[1].headers == {"cseq": "2", "content-length": "3"}


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("rtsp://127.77.1.1:8554/stream", "/stream"),
        ("rtsp://127.77.1.1:8554/stream/", "/stream"),
        ("rtsp://127.77.1.1:8554/channel/3/trackID=0", "/channel/3"),
        ("*", "*"),
    ],
)
def test_path_is_told_without_track(uri: str, path: str) -> None:
    assert Request("SETUP", uri, {}).path == path


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"PLAY rtsp://a/ RTSP/1.0\r\nContent-Length: much\r\n\r\n",
        b"PLAY rtsp://a/ RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableRequestError):
        list(RequestReader().feed(data))


def test_response_counts_its_body_in_bytes() -> None:
    assert response(Status.OK, "3", [("Session", "ä")], "é\r\n") == (
        b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nServer: camreach-sim\r\nSession: \xc3\xa4\r\n"
        b"Content-Type: application/sdp\r\nContent-Length: 4\r\n\r\n\xc3\xa9\r\n"
    )
    assert response(Status.NOT_ENOUGH_BANDWIDTH, "4").startswith(
        b"RTSP/1.0 453 Not Enough Bandwidth\r\n"
    )
