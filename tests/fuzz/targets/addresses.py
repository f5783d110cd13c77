"""URL text of a camera, and the certificate it shows."""

from __future__ import annotations

from monitor.doors.tls import expiry
from monitor.rtsp.failures import Malformed
from monitor.rtsp.messages import decode
from monitor.rtsp.url import (
    Secrets,
    Url,
    join_control,
    parse_url,
    redirect_target,
    repair_base,
    with_authority_of,
)
from tests.fuzz.targets.refusing import says_why

TOKENS = (
    *(b"rtsp://", b"rtsps://", b"http://", b"rtspu://", b"192.0.2.7", b"[2001:db8::7]", b"%25eth0"),
    *(b"user:pass@", b":554", b"/live", b"?x=1", b"#a", b"trackID=1", b"*", b"@", b"{password}"),
)
_REQUEST, _ = parse_url("rtsp://192.0.2.7:8554/live?x=1")
_SECURE, _ = parse_url("rtsps://[fe80::7%eth0]/live")
_SECRETS = Secrets("viewer", "pa55word", {"token": "t0ken"})


def url(data: bytes) -> None:
    text = decode(data)
    _parses(text)
    for request in (_REQUEST, _SECURE):
        base, _ = repair_base(text, request)
        assert base
        assert join_control(base, text)
        with_authority_of(text, request)
        _redirects(text, request)
    shown = _SECRETS.redactor(told=True)(text)
    assert "pa55word" not in shown
    assert len(shown) <= 4 * len(text)


def _parses(text: str) -> None:
    try:
        parsed, _ = parse_url(text)
    except Malformed as error:
        says_why(error)
        return
    assert 0 < parsed.port < 65536
    assert parsed.host
    assert parsed.scheme == parsed.scheme.lower()
    if "%" not in parsed.authority and "@" not in parsed.authority + parsed.rest:
        again, user_info = parse_url(parsed.text)
        assert (again, user_info) == (parsed, None)


def _redirects(text: str, request: Url) -> None:
    try:
        target = redirect_target(text, request)
    except Malformed:
        return
    assert request.scheme != "rtsps" or target.scheme == "rtsps"


def certificate(data: bytes) -> None:
    at = expiry(data)
    assert at is None or at.tzinfo is not None
