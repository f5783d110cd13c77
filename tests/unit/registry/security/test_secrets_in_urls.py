"""Secrets leave a URL's text, and nothing else of the text changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.feed_url import BadFeedUrl
from registry.security.secrets_in_urls import without_secrets

HIKVISION = "rtsp://192.0.2.1:554/Streaming/Channels/101?transportmode=unicast"


@pytest.mark.parametrize(
    ("url", "clean", "username", "password", "secrets"),
    [
        (HIKVISION, HIKVISION, None, None, {}),
        (HIKVISION.replace("192", "admin:12345@192", 1), HIKVISION, "admin", "12345", {}),
        ("rtsp://admin@192.0.2.1/x", "rtsp://192.0.2.1/x", "admin", "", {}),
        ("rtsps://a:b@[2001:db8::1]:322/x", "rtsps://[2001:db8::1]:322/x", "a", "b", {}),
        # percent-encoding of user-info is undone, that of the rest never touched (Q20)
        (
            "rtsp://u:p%40ss%2F@cam.example/live?cameraid=1000193%241%26",
            "rtsp://cam.example/live?cameraid=1000193%241%26",
            "u",
            "p@ss/",
            {},
        ),
        # passwords typed as they are (Q21)
        ("rtsp://admin:p@ss@192.0.2.1/x", "rtsp://192.0.2.1/x", "admin", "p@ss", {}),
        ("rtsp://admin:p/w#d@192.0.2.1/x", "rtsp://192.0.2.1/x", "admin", "p/w#d", {}),
        ("rtsp://admin:p:w@192.0.2.1/x", "rtsp://192.0.2.1/x", "admin", "p:w", {}),
        ("rtsp://192.0.2.1/path@here", "rtsp://192.0.2.1/path@here", None, None, {}),
        # XMEye: in the path, joined by & or, in older firmware, by _
        (
            "rtsp://192.0.2.1/user=admin&password=&channel=1&stream=0.sdp?",
            "rtsp://192.0.2.1/user={user}&password={password}&channel=1&stream=0.sdp?",
            "admin",
            "",
            {},
        ),
        (
            "rtsp://192.0.2.1/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream",
            "rtsp://192.0.2.1/user={user}_password={password}_channel=1_stream=0.sdp?real_stream",
            "admin",
            "tlJwpbo6",
            {},
        ),
        (
            "rtsp://192.0.2.1/user=a&password=x/y&channel=1",
            "rtsp://192.0.2.1/user={user}&password={password}&channel=1",
            "a",
            "x/y",
            {},
        ),
        # Dahua: a login in base64
        (
            "rtsp://192.0.2.1/cam/realmonitor?channel=1&subtype=0&authbasic=YWRtaW46YQ==",
            "rtsp://192.0.2.1/cam/realmonitor?channel=1&subtype=0&authbasic={secret}",
            None,
            None,
            {"secret": "YWRtaW46YQ=="},
        ),
        # Reolink, Foscam, VStarcam: in the query
        (
            "rtsp://192.0.2.1/bcs/ch0?user=admin&password=a%26b&token=t/1&token=t/1&key=k",
            "rtsp://192.0.2.1/bcs/ch0?user={user}&password={password}"
            "&token={secret}&token={secret}&key={secret2}",
            "admin",
            "a%26b",
            {"secret": "t/1", "secret2": "k"},
        ),
        (
            "rtsp://192.0.2.1/v?Usr=u&PWD=p",
            "rtsp://192.0.2.1/v?Usr={user}&PWD={password}",
            "u",
            "p",
            {},
        ),
        (
            "rtsp://192.0.2.1/v?loginuse=u&loginpas=p",
            "rtsp://192.0.2.1/v?loginuse={user}&loginpas={password}",
            "u",
            "p",
            {},
        ),
        # a second, different password beside the one of the user-info
        (
            "rtsp://u:p@192.0.2.1/v?password=other",
            "rtsp://192.0.2.1/v?password={secret}",
            "u",
            "p",
            {"secret": "other"},
        ),
        # words that only contain a name of a secret
        (
            "rtsp://192.0.2.1/keyframe=1/monkey=2?bypass=3",
            "rtsp://192.0.2.1/keyframe=1/monkey=2?bypass=3",
            None,
            None,
            {},
        ),
        (
            "rtsp://192.0.2.1/live/token=abc/stream1",
            "rtsp://192.0.2.1/live/token={secret}/stream1",
            None,
            None,
            {"secret": "abc"},
        ),
    ],
)
def test_secrets_become_placeholders(url, clean, username, password, secrets):
    found = without_secrets(url)

    assert (found.url, found.username, found.password) == (clean, username, password)
    assert found.secrets == secrets


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://admin:p@ss/w@192.0.2.1/x",
        "rtsp://admin:12/w@192.0.2.1/x",
        "rtsp://admin:12?w@192.0.2.1/x",
        "rtsp://admin:p/w@x@192.0.2.1/x",
    ],
)
def test_a_url_that_leaves_the_login_open_is_refused_without_repeating_it(url):
    with pytest.raises(BadFeedUrl) as refused:
        without_secrets(url)

    assert "192.0.2.1" not in str(refused.value)


def test_what_was_taken_out_is_not_shown():
    assert "12345" not in repr(without_secrets("rtsp://admin:12345@192.0.2.1/?token=12345"))


paths = st.text("abAB019/=&?;_.%{}-:", max_size=40)
secrets = st.text("abcXYZ019%.!*", min_size=1, max_size=12)


@given(path=paths, password=secrets)
def test_a_cleaned_url_stays_as_it_is(path, password):
    once = without_secrets(f"rtsp://192.0.2.1/{path}?password={password}")

    again = without_secrets(once.url)

    assert again.url == once.url
    assert not again.held_secrets


@given(path=paths, password=secrets)
def test_filling_the_placeholders_gives_the_text_back(path, password):
    url = f"rtsp://192.0.2.1/{path.replace('{', '').replace('}', '')}?password={password}"
    found = without_secrets(url)

    filled = found.url.replace("{user}", found.username or "")
    filled = filled.replace("{password}", found.password or "")
    for name, secret in found.secrets.items():
        filled = filled.replace(f"{{{name}}}", secret)

    assert filled == url
