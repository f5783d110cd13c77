from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rtsp.failures import Malformed
from monitor.rtsp.sdp import (
    MAX_ATTRIBUTES,
    MAX_FORMATS,
    MAX_MEDIA,
    NoVideo,
    UnsupportedVideo,
    choose_video,
    parse_sdp,
    read_video,
)

SUPPORTED = frozenset({"H264", "H265"})
LINES = (
    *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=a=b", " a=control:*", "a=control:x", "\xa0a=tool:y", ""),
    *("m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 8", "a=rtpmap:96 H264/90000", "b=AS:1", "rubbish"),
)


def _track(text: str):
    return choose_video(parse_sdp(text.encode()), SUPPORTED)


def test_a_plain_description_gives_the_video_track():
    track = _track(
        "v=0\r\na=control:*\r\nm=audio 0 RTP/AVP 8\r\na=control:track2\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:25\r\n"
        "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=\r\na=control:track1\r\n"
    )

    assert (track.encoding, track.clock_rate, track.control) == ("H264", 90_000, "track1")
    assert track.payload_types == {96}
    assert track.fmtp["sprop-parameter-sets"] == "Z0I=,aM4="


def test_the_first_video_that_can_be_read_is_taken():
    track = _track(
        "m=video 0 RTP/AVP 26\na=control:jpeg\n"
        "m=video 0 RTP/AVP 97\na=rtpmap:97 h265/90000\na=control:hevc"
    )

    assert (track.encoding, track.control) == ("H265", "hevc")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("m=audio 0 RTP/AVP 0", NoVideo, "only audio"),
        ("m=video 0 RTP/AVP 26", UnsupportedVideo, "coded as JPEG"),
        ("m=video 0 RTP/SAVP 96\na=rtpmap:96 H264/90000", UnsupportedVideo, "encrypted"),
        ("m=video 0 UDP 96\na=rtpmap:96 H264/90000", UnsupportedVideo, "expected RTP/AVP"),
        ("hello", Malformed, "no m= line"),
    ],
)
def test_what_cannot_be_read_says_what_was_there(text, error, message):
    with pytest.raises(error, match=message):
        _track(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_description_or_malformed(data):
    for body in (data, b"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/" + data, b"m=video " + data):
        try:
            choose_video(parse_sdp(body), SUPPORTED)
        except (Malformed, NoVideo, UnsupportedVideo) as error:
            assert str(error)  # noqa: PT017 - both ways are right


def test_of_a_description_without_end_so_much_is_read():
    media = b"m=video 0 RTP/AVP" + b" 96" * 9000 + b"\n"
    attributes = b"".join(b"a=fmtp:%d x=1\n" % (number % 1000) for number in range(2000))

    presentation = parse_sdp((media + attributes) * (2 * MAX_MEDIA))

    assert len(presentation.media) == MAX_MEDIA
    assert {len(each.formats) for each in presentation.media} == {MAX_FORMATS}
    assert max(len(each.fmtp) for each in presentation.media) == MAX_ATTRIBUTES


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("a=framesize:26 2592-1944", "26 2592-1944"),
        ("a=x-dimensions: 2592,1944", "2592,1944"),
        ("a=cliprect:0,0,1944,2592", None),
    ],
)
def test_a_frame_size_goes_along_with_the_parameters_of_the_format(attribute, said):
    presentation = parse_sdp(f"m=video 0 RTP/AVP 26\r\n{attribute}\r\n".encode())

    assert choose_video(presentation, frozenset({"JPEG"})).fmtp.get("framesize") == said


def test_what_is_read_does_not_depend_on_the_session_that_it_was_read_in():
    first = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 26\r\n"
    again = first.replace(b"- 1 1", b"- 2 7")

    presentation, track = read_video(first, frozenset({"JPEG"}))

    assert read_video(again, frozenset({"JPEG"})) == (presentation, track)
    assert (presentation.control, track.encoding) == ("*", "JPEG")


@given(st.lists(st.sampled_from(LINES), max_size=9), st.sampled_from(["\r\n", "\n", "\r"]))
def test_a_description_that_is_kept_says_what_it_says_when_read_alone(lines, end):
    body = end.join(lines).encode()
    try:
        alone = parse_sdp(body)
        chosen = choose_video(alone, SUPPORTED)
    except (Malformed, NoVideo, UnsupportedVideo) as error:
        with pytest.raises(type(error)):
            read_video(body, SUPPORTED)
    else:
        assert read_video(body, SUPPORTED) == (alone, chosen)
