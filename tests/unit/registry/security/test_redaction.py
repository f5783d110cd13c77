"""Secrets do not get past the log's redactor, wherever in an event they stand."""

from __future__ import annotations

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from registry.security.redaction import redact_events, redacted, redacted_text


@pytest.mark.parametrize(
    "text",
    [
        "looking at rtsp://admin:hidden@192.0.2.1/x now",
        "rtsp://admin:hid/den#hidden@192.0.2.1:554/x",
        "rtsp://hidden@192.0.2.1/x",
        "http://cam/?user=hidden&password=hidden&token=hidden",
        "/user=hidden_password=hidden_channel=1",
        'Authorization: Digest username="hidden", response="hidden"',
        "authorization:Basic aGlkZGVuaGlkZGVu hidden",
        "Bearer hidden.hidden-hidden",
        "BEARER\u2003hidden.hidden-hidden",
        "PROXY-AUTHORIZATION:hidden",
    ],
)
def test_text_loses_its_secrets(text):
    assert "hidden" not in redacted_text(text)
    assert "aGlkZGVu" not in redacted_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://192.0.2.1:554/Streaming/Channels/101",
        "rtsp://192.0.2.1/user={user}&password={password}",
        "feed cam-1/main is live again",
        "camera keyframe=12 after 3 s",
    ],
)
def test_text_without_secrets_stays(text):
    assert redacted_text(text) == text


def test_values_of_telling_names_are_hidden_at_any_depth():
    event = {"password": "hidden", "a": [{"Token": "hidden"}, ("rtsp://u:hidden@h/",)], "n": 3}

    shown = redacted(event)

    assert "hidden" not in str(shown)
    assert shown["n"] == 3


def test_errors_and_bytes_are_read_as_text():
    shown = redacted({"error": ValueError("rtsp://u:hidden@h/"), "raw": b"token=hidden \xff"})

    assert "hidden" not in str(shown)


def test_structlog_lines_carry_no_secret():
    lines: list[str] = []
    log = structlog.wrap_logger(
        structlog.PrintLogger(type("Out", (), {"write": lines.append, "flush": lambda _: None})()),
        processors=[
            structlog.processors.format_exc_info,
            redact_events,
            structlog.processors.JSONRenderer(),
        ],
    )

    try:
        int("rtsp://u:hidden@192.0.2.1/")
    except ValueError:
        log.exception("look failed", url="rtsp://u:hidden@192.0.2.1/", secret="hidden")

    assert "look failed" in "".join(lines)
    assert "hidden" not in "".join(lines)


@given(st.text(max_size=60), st.text("abcXYZ019", min_size=4, max_size=12))
def test_no_password_of_user_info_survives(around, password):
    text = f"{around} rtsp://user:0{password}0@192.0.2.1/ {around}"

    assert f":0{password}0@" not in redacted_text(text)
