from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rtsp.failures import Malformed
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.url import (
    Secrets,
    join_control,
    parse_url,
    redirect_target,
    repair_base,
    with_authority_of,
)

REQUEST, _ = parse_url("rtsp://192.0.2.7:8554/live?channel=1")


@pytest.mark.parametrize(
    ("text", "host", "port", "user_info", "rest"),
    [
        ("rtsp://192.0.2.7/a", "192.0.2.7", 554, None, "/a"),
        ("RTSP://cam.example:8554", "cam.example", 8554, None, ""),
        ("rtsp://[2001:db8::7]:554/a", "2001:db8::7", 554, None, "/a"),
        ("rtsp://[fe80::1%eth0]/a", "fe80::1%eth0", 554, None, "/a"),
        ("rtsp://[fe80::1%25eth0]:554/a", "fe80::1%eth0", 554, None, "/a"),
        ("rtsp://u:p@192.0.2.7/a", "192.0.2.7", 554, "u:p", "/a"),
        ("rtsp://u:p@ss@192.0.2.7/a@b", "192.0.2.7", 554, "u:p@ss", "/a@b"),
        ("rtsp://u:p/ss#1[2]?@192.0.2.7/a", "192.0.2.7", 554, "u:p/ss#1[2]?", "/a"),
        ("rtsp://192.0.2.7/%241%26%2F?a=%3A", "192.0.2.7", 554, None, "/%241%26%2F?a=%3A"),
        ("rtsps://192.0.2.7/a", "192.0.2.7", 322, None, "/a"),
    ],
)
def test_a_url_is_cut_by_text(text, host, port, user_info, rest):
    url, found = parse_url(text)

    assert (url.host, url.port, found, url.rest) == (host, port, user_info, rest)
    assert "@" not in url.authority


@pytest.mark.parametrize(
    "text", ["http://a/", "rtsp://", "rtsp:///a", "rtsp://a:99999/", "rtsp://a b/", "rtsp://a:x/"]
)
def test_what_cannot_be_connected_to_is_malformed(text):
    with pytest.raises(Malformed):
        parse_url(text)


def test_an_error_about_a_url_shows_none_of_it():
    with pytest.raises(Malformed) as caught:
        parse_url("rtsp://user:sesame@:99999/x")

    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://h/a", "track1", "rtsp://h/a/track1"),
        ("rtsp://h/a/", "track1", "rtsp://h/a/track1"),
        ("rtsp://h/a", "/track1", "rtsp://h/a/track1"),
        ("rtsp://h/a?channel=1&subtype=0", "video", "rtsp://h/a?channel=1&subtype=0/video"),
        ("rtsp://h/a", "*", "rtsp://h/a"),
        ("rtsp://h/a", "", "rtsp://h/a"),
        ("rtsp://h/a", "rtsp://other/b", "rtsp://other/b"),
    ],
)
def test_controls_are_joined_by_text(base, control, joined):
    assert join_control(base, control) == joined


@pytest.mark.parametrize(
    ("text", "base", "quirk"),
    [
        ("rtsp://h/a/", "rtsp://h/a/", None),
        ("rtsp://[2001:db8::7]/a/", "rtsp://[2001:db8::7]/a/", None),
        ("h:554/a/", "rtsp://h:554/a/", Quirk.CONTENT_BASE_WITHOUT_SCHEME),
        ("rtsp://rtsp://h/a", "rtsp://h/a", Quirk.CONTENT_BASE_DOUBLED),
        ("/a/", "rtsp://192.0.2.7:8554/a/", Quirk.CONTENT_BASE_RELATIVE),
        (
            "rtsp://::ffff:192.0.2.9/a",
            "rtsp://::ffff:192.0.2.9/a",
            Quirk.CONTENT_BASE_BARE_IPV6,
        ),
        ("rtsp://h/a b", REQUEST.text, Quirk.CONTENT_BASE_UNUSABLE),
    ],
)
def test_a_content_base_is_repaired(text, base, quirk):
    assert repair_base(text, REQUEST) == (base, quirk)


def test_a_redirect_carries_no_login_and_does_not_leave_tls():
    secure, _ = parse_url("rtsps://192.0.2.7/a")

    assert redirect_target("rtsp://u:p@192.0.2.8/b", REQUEST).text == "rtsp://192.0.2.8/b"
    assert redirect_target("/b", REQUEST).text == "rtsp://192.0.2.7:8554/b"
    with pytest.raises(Malformed, match="plain"):
        redirect_target("rtsp://192.0.2.7/a", secure)


def test_the_last_try_names_the_host_we_are_connected_to():
    assert with_authority_of("rtsp://10.0.0.1/a/t1", REQUEST) == "rtsp://192.0.2.7:8554/a/t1"


def test_placeholders_are_filled_at_send_time_only():
    secrets = Secrets("ad min", "p/w#1", {"secret": "%41b"})

    filled = secrets.fill("rtsp://h/{user}/{password}?t={secret}&x={other}")

    assert filled == "rtsp://h/ad%20min/p%2Fw%231?t=%41b&x={other}"
    assert "p/w" not in repr(secrets)


def test_echoed_secrets_are_taken_out_in_every_spelling():
    secrets = Secrets("viewer", "p/w#1", {"secret": "abcd"})

    shown = secrets.redactor(told=False)("at p/w#1 and p%2Fw%231 with abcd")

    assert shown == "at {password} and {password} with {secret}"


def test_a_secret_that_was_told_is_taken_out_even_when_it_was_cut_off():
    redact = Secrets("viewer", "open sesame").redactor(told=True)

    assert redact("it was open ses") == "it was {password}"
    assert redact("Basic dmlld2VyOm9wZW4gc2VzYW1l") == "Basic {login}"


@given(st.text(max_size=120))
def test_any_text_is_a_url_or_malformed(text):
    for candidate in (text, f"rtsp://{text}", f"rtsp://u:p@{text}"):
        try:
            url, _ = parse_url(candidate)
        except Malformed:
            continue
        again, user_info = parse_url(url.text)
        assert again == url
        assert user_info is None
