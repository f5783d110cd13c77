from __future__ import annotations

from base64 import b64decode

import pytest

from monitor.rtsp.auth import Challenge, Credentials, Scheme, Signer, choose
from monitor.rtsp.headers import parse_challenges

# RFC 2617 section 3.5 and RFC 7616 section 3.9.1: GET and an HTTP uri, the arithmetic is the same.
OLD = Credentials("Mufasa", "Circle Of Life")
NEW = Credentials("Mufasa", "Circle of Life")
RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def _pick(*values: str, allow_basic: bool = False) -> Challenge | None:
    return choose(parse_challenges(values), allow_basic=allow_basic)


def _signed(value: str, login: Credentials, cnonce: str) -> str:
    challenge = _pick(value)
    assert challenge is not None
    return Signer(challenge, login, cnonce).sign("GET", "/dir/index.html", 1)


def test_the_vector_of_rfc_2617():
    text = _signed(RFC_2617, OLD, "0a4f113b")

    assert 'response="6629fae49393a05397450978507c4ef1"' in text
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in text
    assert 'qop=auth, nc=00000001, cnonce="0a4f113b"' in text
    assert "algorithm" not in text


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616(algorithm, response):
    value = RFC_7616.format(algorithm=algorithm)

    text = _signed(value, NEW, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")

    assert f'response="{response}"' in text
    assert ("algorithm=SHA-256" in text) == (algorithm == "SHA-256")


def test_a_challenge_without_qop_gets_the_answer_of_rfc_2069():
    text = _signed('Digest realm="r", nonce="n"', Credentials("u", "p"), "c")

    assert 'response="fef71a1ed020d5dbc919be49210d36ef"' in text
    assert "nc=" not in text
    assert "cnonce" not in text


def test_session_algorithms_mix_the_nonces_into_the_secret():
    plain = _signed('Digest realm="r", nonce="n", qop="auth"', NEW, "c")
    session = _signed('Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess', NEW, "c")

    assert "algorithm=MD5-sess" in session
    assert plain.split("response=")[1][:20] != session.split("response=")[1][:20]


@pytest.mark.parametrize(
    ("values", "scheme", "algorithm"),
    [
        (('Basic realm="r"', 'Digest realm="r", nonce="n"'), Scheme.DIGEST, None),
        (
            ('Digest realm="r", nonce="n"', 'Digest realm="r", nonce="m", algorithm=SHA-256'),
            Scheme.DIGEST,
            "SHA-256",
        ),
        (('Bearer x, Digest realm="r", nonce="n", algorithm=MD5',), Scheme.DIGEST, "MD5"),
        (('Digest realm="r", nonce="n", algorithm=SHA-512-256', 'Basic realm="r"'), None, None),
        (('Digest realm="r", nonce="n", qop="auth-int"',), None, None),
        (('Digest realm="r"',), None, None),
    ],
)
def test_the_strongest_offer_that_may_be_answered_is_chosen(values, scheme, algorithm):
    chosen = _pick(*values)

    assert (chosen.scheme if chosen else None) == scheme
    assert (chosen.algorithm if chosen else None) == algorithm


def test_basic_is_chosen_only_where_it_is_allowed():
    chosen = _pick('Basic realm="r"', allow_basic=True)

    assert _pick('Basic realm="r"') is None
    assert chosen is not None
    text = Signer(chosen, Credentials("u", "p:q"), "").sign("X", "y", 1)
    assert b64decode(text.removeprefix("Basic ")) == b"u:p:q"


def test_credentials_show_nothing_of_themselves():
    assert "secret" not in repr(Credentials("secret-user", "secret-word"))
