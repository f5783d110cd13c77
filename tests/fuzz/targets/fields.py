"""Header values: Transport, Session and the challenges of WWW-Authenticate."""

from __future__ import annotations

from monitor.rtsp.auth import Challenge, Credentials, Scheme, Signer, choose
from monitor.rtsp.failures import Malformed
from monitor.rtsp.headers import parse_challenges, parse_session, parse_transport
from monitor.rtsp.messages import decode
from tests.fuzz.targets.refusing import says_why

HEADER_TOKENS = (
    *(b"RTP/AVP/TCP", b"RTP/AVP", b"unicast", b";interleaved=0-1", b";ssrc=", b"multicast", b";"),
    *(b"server_port=6970-6971", b"client_port=", b"timeout="),
)
CHALLENGE_TOKENS = (
    *(b"Digest ", b"Basic ", b'realm="', b'nonce="', b"stale=TRUE", b'qop="auth,auth-int"', b"\\"),
    *(b"algorithm=SHA-256", b"algorithm=MD5-sess", b'opaque="', b'", ', b",", b"\n", b'="', b'\\"'),
)


def headers(data: bytes) -> None:
    text = decode(data)
    _transport(text)
    _session(text)


def _transport(text: str) -> None:
    try:
        answer = parse_transport(text)
    except Malformed as error:
        says_why(error)
        return
    assert answer.interleaved is None or all(0 <= n < 256 for n in answer.interleaved)
    assert all(0 <= port < 65536 for port in answer.server_ports)
    assert answer.ssrc is None or 0 < answer.ssrc <= 0xFFFFFFFF


def _session(text: str) -> None:
    try:
        answer = parse_session(text)
    except Malformed as error:
        says_why(error)
        return
    assert answer.id.isprintable()
    assert 0 < len(answer.id) <= 256
    assert 0 < answer.timeout_s < 10**10


def challenges(data: bytes) -> None:
    """One header per line."""
    offers = parse_challenges(tuple(decode(data).split("\n")))
    assert sum(len(offer.params) for offer in offers) + len(offers) <= len(data)
    assert all(offer.scheme == offer.scheme.lower() for offer in offers)
    for allow_basic in (False, True):
        chosen = choose(offers, allow_basic=allow_basic)
        if chosen is not None:
            assert allow_basic or chosen.scheme is Scheme.DIGEST
            _signs(chosen)


def _signs(chosen: Challenge) -> None:
    login = Credentials("viewer", 's3cret/"word', allow_basic=True)
    uri = "rtsp://192.0.2.7/live"
    value = Signer(chosen, login, "c0ffee").sign("DESCRIBE", uri, 1)
    if chosen.scheme is Scheme.BASIC or any(map(_breaks_out, (chosen.realm, chosen.nonce))):
        return
    (offer, *_) = parse_challenges((value,))
    assert offer.scheme == Scheme.DIGEST
    assert (offer.params.get("realm"), offer.params.get("nonce")) == (chosen.realm, chosen.nonce)
    assert offer.params.get("uri") == uri
    assert "s3cret" not in value


def _breaks_out(text: str) -> bool:
    """Came without quotes and cannot be said inside of them: the camera's own affair."""
    return '"' in text or text.endswith("\\")
