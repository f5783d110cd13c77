from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rtsp.failures import Malformed
from monitor.rtsp.headers import (
    AuthOffer,
    SessionAnswer,
    parse_challenges,
    parse_session,
    parse_transport,
)


@pytest.mark.parametrize(
    ("value", "interleaved", "ssrc"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", (0, 1), None),
        ("RTP/AVP/TCP; ssrc=1A2B ; interleaved=4-5;unicast", (4, 5), 0x1A2B),
        ('RTP/AVP/TCP;interleaved="2-3";mode="play"', (2, 3), None),
        ("RTP/AVP/TCP;interleaved=6", (6, 7), None),
        ("RTP/AVP;interleaved=0-1;ssrc=zz", (0, 1), None),
        ("RTP/AVP/TCP;unicast", None, None),
    ],
)
def test_transport_answers_are_read_in_any_order(value, interleaved, ssrc):
    answer = parse_transport(value)

    assert (answer.interleaved, answer.ssrc) == (interleaved, ssrc)


@pytest.mark.parametrize(
    ("profile", "encrypted"),
    [
        *((name, True) for name in ("RTP/SAVP", "rtp/savp/tcp", " RTP/SAVPF ", "RTP/SAVPF/UDP")),
        ("UDP/TLS/RTP/SAVPF", True),
        *((name, False) for name in ("RTP/AVP", "RTP/AVP/TCP", "RTP/AVP/UDP", "RTP/AVPF", "", "x")),
    ],
)
def test_encrypted_rtp_is_told_from_odd_names_of_plain_rtp(profile, encrypted):
    assert parse_transport(f"{profile};unicast;interleaved=0-1").encrypted is encrypted


@pytest.mark.parametrize("channels", ["a-b", "0-", "-1", "256-257", "999999999", "0-x"])
def test_unusable_channels_are_malformed_or_single(channels):
    if channels == "0-":
        assert parse_transport(f"RTP/AVP/TCP;interleaved={channels}").interleaved == (0, 1)
        return
    with pytest.raises(Malformed, match="interleaved"):
        parse_transport(f"RTP/AVP/TCP;interleaved={channels}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12345", SessionAnswer("12345", 60)),
        ("12345; timeout=15", SessionAnswer("12345", 15)),
        ("12345;timeout=0", SessionAnswer("12345", 60)),
        ("12345;foo=1; Timeout = 30 ", SessionAnswer("12345", 30)),
        ("12345;timeout=soon", SessionAnswer("12345", 60)),
    ],
)
def test_session_attributes_are_optional(value, expected):
    assert parse_session(value) == expected


@pytest.mark.parametrize("value", ["", ";timeout=60", "a b", "x" * 300])
def test_a_session_without_a_usable_id_is_malformed(value):
    with pytest.raises(Malformed):
        parse_session(value)


def test_challenges_are_found_in_lists_and_repeated_headers():
    offers = parse_challenges(
        (
            'Digest realm="IP Camera(F5390), north", nonce="ab", stale="FALSE", Basic realm="x"',
            'Digest Realm="Login to AMC",NONCE="cd" , algorithm=SHA-256,qop=auth',
        )
    )

    assert offers == (
        AuthOffer(
            "digest",
            {"realm": "IP Camera(F5390), north", "nonce": "ab", "stale": "FALSE"},
        ),
        AuthOffer("basic", {"realm": "x"}),
        AuthOffer(
            "digest",
            {"realm": "Login to AMC", "nonce": "cd", "algorithm": "SHA-256", "qop": "auth"},
        ),
    )


def test_quoted_values_are_kept_raw():
    (offer,) = parse_challenges((r'Digest realm="a \"b\" c", nonce="n"',))

    assert offer.params["realm"] == r"a \"b\" c"


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_is_read_or_malformed(values):
    parse_challenges(tuple(values))
    for value in values:
        for parse in (parse_transport, parse_session):
            try:
                parse(value)
            except Malformed as error:
                assert "expected" in str(error)  # noqa: PT017 - both ways are right
