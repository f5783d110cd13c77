"""Section 6 of the catalogue: descriptions as cameras write them."""

from __future__ import annotations

from base64 import b64encode

import pytest

from monitor.media.flow import FlowProof
from monitor.media.parameter_sets import Size
from monitor.media.video import VideoReceiver
from monitor.rtsp.sdp import (
    NoVideo,
    UnsupportedVideo,
    VideoTrack,
    choose_video,
    parse_fmtp,
    parse_sdp,
)
from tests.fakes.packetiser import encode, packets
from tests.quirks.cases import Cases, run
from tests.unit.media.test_video import send

case = Cases()
SUPPORTED = frozenset({"H264", "H265"})
VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"


def track(text: str) -> VideoTrack:
    return choose_video(parse_sdp(text.encode()), SUPPORTED)


def receiver(sprop: str) -> VideoReceiver:
    return VideoReceiver(
        "H264",
        frozenset({96}),
        90_000,
        FlowProof(90_000),
        fmtp={"sprop-parameter-sets": sprop},
        attentive=lambda arrived: arrived,
        keep_keyframes=9,
    )


@case("Q61-only-media-lines-are-needed")
def only_media_lines_are_needed() -> None:
    assert track(VIDEO).encoding == "H264"


@case("Q62-any-origin")
def any_origin() -> None:
    for origin in (
        "RTSP Session 1 2 IN IP4 0.0.0.0",
        "- -0 0 IN IP4 192.0.2.7",
        "- 0xA1 1.5 IN",
        "- 1 IP IP4",
        "",
    ):
        assert track(f"v=0\r\no={origin}\r\n{VIDEO}").encoding == "H264"


@case("Q63-any-connection-line")
def any_connection_line() -> None:
    for line in ("IN c=IN IP4 0.0.0.0", "IN", "In IP4", "IN 192.0.2.7", "SM SM spk0"):
        assert track(f"{VIDEO}c={line}\r\n").encoding == "H264"


@case("Q64-odd-times-and-repeated-names")
def odd_times_and_repeated_names() -> None:
    assert track(f"t=now-\r\n{VIDEO}s=again\r\ni=again\r\ni=more\r\n").control == "t"


@case("Q65-any-line-ends")
def any_line_ends() -> None:
    text = VIDEO.replace("\r\n", "\n\n").rstrip("\n")
    assert track(text).control == "t"


@case("Q66-unknown-bandwidth")
def unknown_bandwidth() -> None:
    assert track(f"{VIDEO}b=RR:0\r\nb=X-y:1\r\nb=TIAS:z\r\n").control == "t"


@case("Q67-other-kinds-of-media")
def other_kinds_of_media() -> None:
    others = (
        "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\nm=vana\r\nm=metadata 0 RTP/AVP 98\r\n"
    )
    assert track(others + VIDEO).encoding == "H264"
    with pytest.raises(NoVideo):
        track(others)


@case("Q68-odd-protocols")
def odd_protocols() -> None:
    for protocol in ("RTP/AVP/TCP", "TCP/RTP/AVP", "rtp/avp"):
        assert track(VIDEO.replace("RTP/AVP", protocol)).encoding == "H264"
    for protocol, words in (("RTP/SAVP", "encrypted"), ("MP2T/AVP", "expected RTP/AVP")):
        with pytest.raises(UnsupportedVideo, match=words):
            track(VIDEO.replace("RTP/AVP", protocol))


@case("Q69-trailing-blanks")
def trailing_blanks() -> None:
    text = "m=video 0 RTP/AVP 96 \t\r\na=rtpmap:96 H264/90000 \r\na=control:t \r\n"
    assert (track(text).encoding, track(text).control) == ("H264", "t")


@case("Q70-broken-format-parameters")
def broken_format_parameters() -> None:
    assert track(f"{VIDEO}a=fmtp:96\r\n").fmtp == {}
    assert parse_fmtp("Packetization-Mode=1; ;key;;x=; ;") == {"packetization-mode": "1", "x": ""}


@case("Q71-parameters-under-the-audio")
def parameters_under_the_audio() -> None:
    found = track(f"{VIDEO}m=audio 0 RTP/AVP 8\r\na=fmtp:96 packetization-mode=1\r\n")
    assert found.fmtp == {"packetization-mode": "1"}
    assert found.fmtp_elsewhere


@case("Q72-static-types")
def static_types() -> None:
    with pytest.raises(UnsupportedVideo, match="JPEG"):
        track("m=video 0 RTP/AVP 26\r\n")
    assert track("m=video 0 RTP/AVP 26\r\na=rtpmap:26 H264/90000\r\n").encoding == "H264"


@case("Q73-codec-by-name")
def codec_by_name() -> None:
    bosch = track("m=video 0 RTP/AVP 35\r\na=rtpmap:35 H264/90000\r\n")
    assert (bosch.encoding, bosch.payload_types) == ("H264", frozenset({35}))
    hevc = VIDEO.replace("H264", "h265") + "a=fmtp:96 packetization-mode=1\r\n"
    assert track(hevc).encoding == "H265"


@case("Q74-odd-frame-rates")
def odd_frame_rates() -> None:
    assert track(f"{VIDEO}a=framerate:25.0\r\na=framerate:0S\r\n").framerate == 25
    assert track(f"{VIDEO}a=framerate:-1\r\na=framerate:nan\r\n").framerate is None


@case("Q75-sendonly-media")
def sendonly_media() -> None:
    assert track(f"{VIDEO}a=sendonly\r\n").encoding == "H264"


@case("Q76-unusable-parameter-sets")
def unusable_parameter_sets() -> None:
    nals = encode("h264", frames=2)[0].nals
    sps = next(nal for nal in nals if nal[0] & 31 == 7)
    wrapped = b64encode(b"\0\0\0\1" + sps + b"\0\0\0\1").decode()
    for sprop in ("%%%", "Z0I", wrapped + ",", "aGVsbG8=,aGVsbG8="):
        video = receiver(sprop)
        send(video, packets(encode("h264")))
        assert video.size == Size(320, 240)
        assert video.facts.keyframes[0].incomplete is None


@case("Q77-no-parameter-sets-in-the-description")
def no_parameter_sets_in_the_description() -> None:
    video = receiver("")
    send(video, packets(encode("h264"))[3:])
    assert video.facts.keyframes[0].incomplete is None


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
