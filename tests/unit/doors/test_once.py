from __future__ import annotations

import json
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from monitor.doors.once import exit_code, look_to_json, look_to_text, target_of_url
from registry.look import Finding, Look, Video
from registry.targets import Login, Target
from registry.vocabulary import Answer, Codec, Depth, Reason, Stage, TransportPolicy


def _typed(url: str, username: str | None = None, password: str | None = None) -> Target:
    return target_of_url(url, username=username, password=password, transport=TransportPolicy.AUTO)


def _login(target: Target) -> Login:
    assert target.login is not None
    return target.login


def _look(failure: Reason | None = None, **more) -> Look:
    return Look(
        depth=Depth.PICTURE,
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        duration_s=0.5,
        failure=failure,
        **more,
    )


def test_user_info_becomes_the_login():
    target = _typed("rtsp://viewer:p%40ss/word@192.0.2.7/stream1")

    assert target.url == "rtsp://192.0.2.7/stream1"
    assert (_login(target).username, _login(target).password) == ("viewer", "p@ss/word")
    assert _login(target).hosts == ("192.0.2.7",)
    assert not _login(target).allow_basic
    assert "word" not in repr(target)


@pytest.mark.parametrize(
    ("url", "shown", "password", "secret"),
    [
        (
            "rtsp://h/a?user=x&password=s%20e",
            "rtsp://h/a?user={user}&password={password}",
            "s%20e",
            None,
        ),
        ("rtsp://h/a?Token=abc#x", "rtsp://h/a?Token={secret}#x", "", "abc"),
        (
            "rtsp://h/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
            "rtsp://h/user={user}_password={password}_channel=1_stream=0.sdp",
            "tlJwpbo6",
            None,
        ),
        ("rtsp://h/monkey=1", "rtsp://h/monkey=1", None, None),
    ],
)
def test_secrets_in_the_url_leave_a_placeholder(url, shown, password, secret):
    target = _typed(url)

    assert target.url == shown
    assert (target.login.password if target.login else None) == password
    assert (target.login.secrets.get("secret") if target.login else None) == secret


def test_what_was_said_besides_the_url_wins():
    target = _typed("rtsp://u:p@192.0.2.7/x", "viewer", "sesame")

    assert (_login(target).username, _login(target).password) == ("viewer", "sesame")


@pytest.mark.parametrize("url", ["http://h/", "rtsp://", "192.0.2.7"])
def test_a_url_that_is_none_is_a_value_error(url):
    with pytest.raises(ValueError, match="URL"):
        _typed(url)


def test_the_json_has_the_promised_shape():
    look = _look(
        transport="tcp",
        stages=MappingProxyType({Stage.CONNECT: 0.0004}),
        video=Video(codec=Codec.H264, width=1920, height=1080, frames=12, packets=212),
        bytes_received=291_200,
        findings=MappingProxyType({Reason.BLACK: Finding(Answer.OK)}),
        quirks=("content_base_relative",),
        server="cam",
    )

    said = look_to_json(_typed("rtsp://192.0.2.7:554/stream1"), look)

    assert json.loads(json.dumps(said)) == {
        "target": "rtsp://192.0.2.7:554/stream1",
        "depth": "picture",
        "outcome": "live",
        "reason": None,
        "detail": None,
        "transport": "tcp",
        "certificate_expires_at": None,
        "stages": {"connect": 0.0004},
        "video": {
            "codec": "h264",
            "width": 1920,
            "height": 1080,
            "frames_per_second": None,
            "bytes_per_second": None,
            "frames": 12,
            "packets": 212,
            "lost": 0,
            "jitter_seconds": None,
            "keyframe_interval_seconds": None,
        },
        "clock_offset_seconds": None,
        "bytes_received": 291_200,
        "findings": {"black": "ok"},
        "quirks": ["content_base_relative"],
        "server": "cam",
    }


@pytest.mark.parametrize(
    ("failure", "code"),
    [(None, 0), (Reason.REFUSED, 1), (Reason.AUTH_REJECTED, 3), (Reason.PROTOCOL, 3)],
)
def test_the_exit_code_tells_absent_from_could_not_look(failure, code):
    assert exit_code(_look(failure)) == code


def test_a_found_finding_is_seen_absent():
    look = _look(findings=MappingProxyType({Reason.BLACK: Finding(Answer.FOUND)}))

    assert exit_code(look) == 1
    assert look_to_json(_typed("rtsp://h/"), look)["reason"] == "black"


def test_the_text_shows_the_conversation_only_of_what_is_not_live():
    target = _typed("rtsp://h/x")

    live = look_to_text(target, _look(log=("+0.000 connect",)))
    down = look_to_text(target, _look(Reason.REFUSED, detail="why", log=("+0.000 connect",)))

    assert "connect" not in live
    said = down.splitlines()
    assert said[:2] == ["rtsp://h/x", "down: refused (connection refused)"]
    assert said[2].startswith("  next     ")
    assert said[3] == "  detail   why"
    assert "+0.000 connect" in down
