"""A whole conversation: whatever a camera answers, requests stay well-formed and logins at home."""

from __future__ import annotations

from contextlib import suppress

from monitor.rtsp.auth import Credentials
from monitor.rtsp.failures import ProbeError
from monitor.rtsp.messages import Request, Response, write_request
from monitor.rtsp.state import Ended, Opened, Phase, Reconnect, Reply, Stop
from monitor.rtsp.wire import Wire
from tests.fakes.interview import Interview

_PASSWORD = "correct-horse-battery"
_HOME = ("rtsp", "192.0.2.7", 554)
_MOST_QUIRKS = 40
# What passes before the bytes of a fuzzer come: to begin with DESCRIBE costs it too much each time.
_OK = b"RTSP/1.0 200 OK\r\n"
_SDP = b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t1\r\n"
_DESCRIBED = _OK + b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(_SDP) + _SDP
_SET_UP = _OK + b"Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
_PRELUDES = (b"", _DESCRIBED, _DESCRIBED + _SET_UP)
TOKENS = (
    *(_OK, b"RTSP/1.0 401 X\r\n", b"RTSP/1.0 302 X\r\n", b"RTSP/1.0 461 X\r\n", b"\r\n\r\n"),
    *(b"WWW-Authenticate: ", b'Digest realm="a", nonce="b"', b"stale=true", b"Basic", b"CSeq: "),
    *(b"Location: rtsp://", b"198.51.100.1/", b"Session: ", b"Transport: ", b"Content-Base: "),
    *(b"RTP/AVP/TCP;interleaved=0-1", b"RTP/AVP;server_port=5-6", b"Connection: close", _SDP),
    *(b"a=control:", b"Content-Length: ", b"RTSP/1.0 454 X\r\n", b"algorithm=SHA-256"),
    *(b"OPTIONS * RTSP/1.0\r\n", b'qop="auth"', b"Content-Type: application/sdp\r\n"),
)


def conversation(data: bytes) -> None:
    """The first byte chooses login, transport and how far the conversation has come."""
    if not data:
        return
    login = Credentials("viewer", _PASSWORD) if data[0] & 1 else None
    talk = Interview(login=login, over_udp=bool(data[0] & 2), may_switch=bool(data[0] & 4))
    _hear(talk, _PRELUDES[(data[0] >> 3) % len(_PRELUDES)] + data[1:])
    if talk.broken is None:
        talk.tell(Ended())
    talk.tell(Stop())
    assert talk.state.phase in (Phase.LEAVING, Phase.GONE)
    assert len(talk.state.quirks) <= _MOST_QUIRKS
    assert len(talk.state.unanswered) <= 4
    _logins_were_few(talk)


def _hear(talk: Interview, data: bytes) -> None:
    wire = Wire("192.0.2.7:554")
    room = wire.buffer()
    count = min(len(room), len(data))
    room[:count] = data[:count]
    messages: list[Response | Request] = []
    with suppress(ProbeError):
        wire.received(count, messages.append)
    for message in messages:
        before = len(talk.sent)
        actions = talk.tell(message)
        for action in actions:
            if isinstance(action, Reply):
                assert len(action.response.headers.get("CSeq") or "") <= 64
        while talk.actions and isinstance(talk.actions[-1], Reconnect):
            talk.tell(Opened((50_000, 50_001)))
        for request in talk.sent[before:]:
            _is_well_formed(request, at_home=talk.state.url.origin == _HOME)
        if talk.broken is not None:
            return


def _is_well_formed(request: Request, *, at_home: bool) -> None:
    written = write_request(request)
    lines = written.split(b"\r\n")
    assert len(lines) == len(list(request.headers)) + 3
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert b"\r" not in written.replace(b"\r\n", b"")
    assert len(written) < 128 * 1024
    assert _PASSWORD.encode() not in written
    signed = request.headers.get("Authorization")
    assert signed is None or (at_home and signed.startswith("Digest "))


def _logins_were_few(talk: Interview) -> None:
    """A camera that never takes the login sees two signed requests at most: cameras lock out."""
    if not talk.state.accepted:
        signed = [r for r in talk.sent if r.headers.get("Authorization") is not None]
        assert len([r for r in signed if r.method != "TEARDOWN"]) <= 2
