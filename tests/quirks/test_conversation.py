"""Sections 1 to 5, 7, 8 and 11 of the catalogue: what is said on the connection."""

from __future__ import annotations

import pytest

from monitor.rtsp.auth import Credentials
from monitor.rtsp.failures import ProbeError, ProbeFailure
from monitor.rtsp.headers import parse_session, parse_transport
from monitor.rtsp.messages import Headers, Request, Response, write_request
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.state import Ended, Gone, Opened, Reply, Stop, Streaming
from monitor.rtsp.url import parse_url
from monitor.rtsp.wire import MAX_BODY
from tests.fakes.feeding import feed, feed_all_ways
from tests.fakes.interview import DIGEST, SDP, Interview
from tests.fakes.packetiser import interleaved
from tests.quirks.cases import Cases, run

case = Cases()
LOGIN = Credentials("viewer", "sesame")
OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
OK_VALUE = Response(200, "OK", Headers([("CSeq", "1")]))
PACKET = b"\x80\x60" + b"\x00" * 20


def playing(**how) -> Interview:
    talk = Interview(**how)
    talk.describe()
    talk.set_up()
    talk.play()
    return talk


def failure(talk: Interview) -> ProbeFailure | None:
    return talk.broken.failure if talk.broken else None


# --- 1. framing and connection --------------------------------------------------------------


@case("Q01-line-ends-between-messages")
def line_ends_between_messages() -> None:
    data = OK + b"\r\n\r\n" + interleaved(PACKET) + b"\n" + OK
    feed_all_ways(data, [OK_VALUE, (0, PACKET), OK_VALUE])


@case("Q02-garbage-resync-bounded")
def garbage_resync_bounded() -> None:
    feed_all_ways(OK + b"\x99\x98junk" + interleaved(PACKET), [OK_VALUE, (0, PACKET)])
    with pytest.raises(ProbeError, match="neither RTSP"):
        feed([b"\x99" * 5000])


@case("Q03-header-cut-anywhere")
def header_cut_anywhere() -> None:
    feed_all_ways(OK + OK, [OK_VALUE, OK_VALUE])


@case("Q04-header-name-case")
def header_name_case() -> None:
    talk = Interview()
    talk.answer(200, [("Cseq", "1"), ("CONTENT-TYPE", "application/sdp")], SDP, cseq=None)
    assert talk.asked[-1] == "SETUP"


@case("Q05-blanks-around-values")
def blanks_around_values() -> None:
    (answer,) = feed([b"RTSP/1.0 200 OK\r\nCSeq: 1 \r\nSession:        7083\r\nA:b\r\n\r\n"])
    assert isinstance(answer, Response)
    assert (answer.cseq, answer.headers.get("Session"), answer.headers.get("A")) == (1, "7083", "b")


@case("Q06-repeated-header-is-kept")
def repeated_header_is_kept() -> None:
    talk = Interview(login=LOGIN)
    talk.challenge(DIGEST, 'Basic realm="cam"')
    assert (talk.header("Authorization") or "").startswith("Digest ")


@case("Q07-head-and-body-bounds")
def head_and_body_bounds() -> None:
    for hostile in (
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"RTSP/1.0 200 OK\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"a: " + b"b" * 40_000,
    ):
        with pytest.raises(ProbeError):
            feed([hostile])


@case("Q08-camera-asks-us")
def camera_asks_us() -> None:
    talk = playing()
    for method, status in (("OPTIONS", 200), ("GET_PARAMETER", 200), ("ANNOUNCE", 501)):
        (said,) = talk.tell(Request(method, "*", Headers([("CSeq", "9")])))
        assert isinstance(said, Reply)
        assert (said.response.status, said.response.cseq) == (status, 9)
    assert Quirk.SERVER_REQUEST in talk.state.quirks


@case("Q09-closed-after-the-challenge")
def closed_after_the_challenge() -> None:
    talk = Interview(login=LOGIN)
    talk.challenge(DIGEST)
    talk.tell(Ended())
    assert len(talk.reconnects) == 1
    talk.tell(Opened())
    assert talk.header("Authorization") is not None
    assert Quirk.CLOSED_AFTER_CHALLENGE in talk.state.quirks
    talk.tell(Ended())
    assert failure(talk) is ProbeFailure.CLOSED


@case("Q10-one-describe-per-connection")
def one_describe_per_connection() -> None:
    assert playing().asked == ["DESCRIBE", "SETUP", "PLAY"]


@case("Q12-redirects-at-most-two")
def redirects_at_most_two() -> None:
    talk = Interview(login=LOGIN)
    for number in range(3):
        talk.answer(302, {"Location": f"rtsp://192.0.2.{number}/x"})
        if talk.broken is None:
            talk.tell(Opened())
    assert len(talk.reconnects) == 2
    assert failure(talk) is ProbeFailure.PROTOCOL
    assert talk.state.credentials is None


@case("Q14-full-camera-is-busy")
def full_camera_is_busy() -> None:
    for status in (453, 503):
        talk = Interview()
        talk.describe()
        talk.answer(status)
        assert failure(talk) is ProbeFailure.BUSY


@case("Q15-no-back-channel")
def no_back_channel() -> None:
    assert all(request.headers.get("Require") is None for request in playing().sent)


# --- 2. what we send ------------------------------------------------------------------------


@case("Q16-cseq-starts-at-one")
def cseq_starts_at_one() -> None:
    assert Interview().header("CSeq") == "1"


@case("Q17-cseq-is-the-first-header")
def cseq_is_the_first_header() -> None:
    for request in playing().sent:
        assert [name for name, _ in request.headers][:2] == ["CSeq", "User-Agent"]


@case("Q18-cseq-is-spelt-so")
def cseq_is_spelt_so() -> None:
    assert b"\r\nCSeq: 1\r\n" in write_request(Interview().last)


@case("Q19-always-a-user-agent")
def always_a_user_agent() -> None:
    assert {request.headers.get("User-Agent") for request in playing().sent} == {"camreach"}


@case("Q20-url-text-is-kept")
def url_text_is_kept() -> None:
    text = "rtsp://192.0.2.7:554/cam?cameraid=1000193%241%26&a=%2F%3A"
    talk = Interview(text, login=LOGIN)
    talk.challenge(DIGEST)
    assert talk.last.uri == talk.authorization()["uri"] == text


@case("Q21-password-with-url-characters")
def password_with_url_characters() -> None:
    url, user_info = parse_url("rtsp://viewer:p%#/@:[1]@192.0.2.7/live")
    assert (url.host, user_info) == ("192.0.2.7", "viewer:p%#/@:[1]")


@case("Q22-no-mode-in-transport")
def no_mode_in_transport() -> None:
    setup = playing().sent[1]
    assert "mode" not in (setup.headers.get("Transport") or "")


@case("Q23-play-has-a-range")
def play_has_a_range() -> None:
    talk = playing()
    assert talk.header("Range") == "npt=0.000-"
    assert talk.header("Scale") is None


@case("Q24-only-known-methods")
def only_known_methods() -> None:
    talk = playing()
    talk.tell(Stop())
    assert set(talk.asked) == {"DESCRIBE", "SETUP", "PLAY", "TEARDOWN"}


@case("Q26-no-user-info-leaves")
def no_user_info_leaves() -> None:
    url, _ = parse_url("rtsp://viewer:sesame@192.0.2.7/live")
    assert "sesame" not in url.text
    assert "viewer" not in url.text


# --- 3. any reply ---------------------------------------------------------------------------


@case("Q27-reply-without-cseq")
def reply_without_cseq() -> None:
    talk = Interview()
    talk.answer(200, {"Content-Type": "application/sdp"}, SDP, cseq=None)
    assert talk.asked[-1] == "SETUP"


@case("Q28-late-reply-to-an-older-request")
def late_reply_to_an_older_request() -> None:
    talk = Interview()
    talk.describe()
    talk.set_up()
    play = talk.header("CSeq")
    talk.tell(Stop())
    assert talk.answer(cseq=play) == ()
    assert talk.answer() == (Gone(),)


@case("Q29-cseq-of-the-previous-request")
def cseq_of_the_previous_request() -> None:
    for wrong in ("0", "1"):
        talk = Interview()
        talk.describe()
        talk.answer(
            200,
            {"Session": "77", "Transport": "RTP/AVP/TCP;interleaved=0-1"},
            cseq=wrong,
        )
        assert talk.asked[-1] == "PLAY"
        assert Quirk.WRONG_CSEQ in talk.state.quirks


@case("Q30-session-in-describe")
def session_in_describe() -> None:
    talk = Interview()
    talk.describe(SDP, Session="early;timeout=120")
    assert talk.header("Session") is None
    talk.set_up(session="77")
    assert talk.header("Session") == "77"


@case("Q31-odd-status-text")
def odd_status_text() -> None:
    for line in (b"RTSP/1.0 200", b"RTSP/1.0 200 ", b"RTSP/1.0 200 all \xff good"):
        (answer,) = feed([line + b"\r\nCSeq: 1\r\n\r\n"])
        assert isinstance(answer, Response)
        assert answer.ok


# --- 4. authentication ----------------------------------------------------------------------


def _asked_for(*challenges: str, login: Credentials = LOGIN) -> Interview:
    talk = Interview(login=login)
    talk.challenge(*challenges)
    return talk


@case("Q32-challenge-without-qop")
def challenge_without_qop() -> None:
    answer = _asked_for(DIGEST).authorization()
    assert "response" in answer
    assert not {"nc", "cnonce", "qop"} & set(answer)


@case("Q33-qop-auth-counts")
def qop_auth_counts() -> None:
    talk = _asked_for(DIGEST + ', qop="auth"')
    assert talk.authorization()["nc"] == "00000001"
    talk.describe()
    assert talk.authorization()["nc"] == "00000002"
    assert talk.authorization()["cnonce"] == "c0ffee"


@case("Q34-auth-out-of-a-list")
def auth_out_of_a_list() -> None:
    for qop in ('"auth-int,auth"', '"auth, auth-int"', "auth"):
        assert _asked_for(f"{DIGEST}, qop={qop}").authorization()["qop"] == "auth"


@case("Q35-md5-is-not-said")
def md5_is_not_said() -> None:
    assert "algorithm" not in _asked_for(DIGEST).authorization()


@case("Q36-sha-256")
def sha_256() -> None:
    answer = _asked_for(f"{DIGEST}, algorithm=SHA-256").authorization()
    assert answer["algorithm"] == "SHA-256"
    assert len(answer["response"]) == 64


@case("Q37-several-challenges")
def several_challenges() -> None:
    listed = f'NTLM, Basic realm="cam", {DIGEST}, {DIGEST}, algorithm=SHA-256'
    assert _asked_for(listed).authorization()["algorithm"] == "SHA-256"


@case("Q38-never-basic-first")
def never_basic_first() -> None:
    login = Credentials("viewer", "sesame", allow_basic=True)
    talk = _asked_for('Basic realm="cam"', DIGEST, login=login)
    assert (talk.header("Authorization") or "").startswith("Digest ")


@case("Q39-md5-once-where-sha-256-is-refused")
def md5_once_where_sha_256_is_refused() -> None:
    offers = (DIGEST, f"{DIGEST}, algorithm=SHA-256")
    talk = _asked_for(*offers)
    talk.challenge(*offers)
    assert "algorithm" not in talk.authorization()
    assert Quirk.SHA256_REFUSED in talk.state.quirks
    talk.challenge(*offers)
    assert failure(talk) is ProbeFailure.AUTH_REJECTED
    assert sum(r.headers.get("Authorization") is not None for r in talk.sent) == 2


@case("Q39-not-where-sha-256-was-ever-taken")
def not_where_sha_256_was_ever_taken() -> None:
    offers = (DIGEST, f"{DIGEST}, algorithm=SHA-256")
    talk = Interview(login=LOGIN)
    talk.state.sha256_works = True
    talk.challenge(*offers)
    talk.challenge(*offers)
    assert failure(talk) is ProbeFailure.AUTH_REJECTED
    assert sum(r.headers.get("Authorization") is not None for r in talk.sent) == 1


@case("Q40-realm-with-anything-in-it")
def realm_with_anything_in_it() -> None:
    talk = _asked_for('digest REALM="IP Camera(F5390), Login to AMC",Nonce=ab,stale="FALSE"')
    assert talk.authorization()["realm"] == "IP Camera(F5390), Login to AMC"
    assert talk.authorization()["nonce"] == "ab"


@case("Q41-new-nonce-in-mid-session")
def new_nonce_in_mid_session() -> None:
    talk = _asked_for(DIGEST)
    talk.describe()
    talk.set_up()
    talk.challenge('Digest realm="cam", nonce="n2"')
    assert (talk.asked[-1], talk.authorization()["nonce"]) == ("PLAY", "n2")
    talk.play()
    talk.tell(Stop())
    assert talk.authorization()["nonce"] == "n2"


@case("Q42-opaque-comes-back")
def opaque_comes_back() -> None:
    assert _asked_for(DIGEST + ', opaque="o\\"p"').authorization()["opaque"] == 'o\\"p'


@case("Q43-401-without-a-challenge")
def without_a_challenge() -> None:
    assert failure(_asked_for()) is ProbeFailure.AUTH_UNSUPPORTED


@case("Q44-uri-is-the-request-line")
def uri_is_the_request_line() -> None:
    talk = _asked_for(DIGEST)
    talk.describe()
    talk.set_up()
    assert talk.authorization()["uri"] == talk.last.uri


@case("Q45-same-nonce-still-401")
def same_nonce_still_401() -> None:
    talk = _asked_for(DIGEST)
    talk.challenge(DIGEST)
    assert failure(talk) is ProbeFailure.AUTH_REJECTED


@case("Q46-one-signed-attempt")
def one_signed_attempt() -> None:
    talk = _asked_for(DIGEST)
    talk.challenge('Digest realm="cam", nonce="n2"')
    assert sum(r.headers.get("Authorization") is not None for r in talk.sent) == 1


@case("Q47-options-may-fail")
def options_may_fail() -> None:
    for status in (400, 404, 501):
        talk = Interview(ask_options=True)
        talk.answer(status)
        assert talk.asked == ["OPTIONS", "DESCRIBE"]
    guarded = Interview(ask_options=True, login=LOGIN)
    guarded.challenge(DIGEST)
    assert guarded.asked == ["OPTIONS", "OPTIONS"]


# --- 5. DESCRIBE and URLs -------------------------------------------------------------------


def _setup_uri(body: bytes = SDP, url: str = "rtsp://192.0.2.7/live", **headers: str) -> str:
    talk = Interview(url)
    talk.describe(body, **headers)
    return talk.last.uri


@case("Q48-no-content-type")
def no_content_type() -> None:
    talk = Interview()
    talk.answer(200, {}, SDP)
    assert talk.asked[-1] == "SETUP"
    assert Quirk.CONTENT_TYPE_ABSENT in talk.state.quirks


@case("Q49-content-type-with-charset")
def content_type_with_charset() -> None:
    talk = Interview()
    talk.answer(200, {"Content-Type": "Application/SDP;charset=utf-8"}, SDP)
    assert talk.asked[-1] == "SETUP"


@case("Q50-content-base-location-request")
def content_base_location_request() -> None:
    assert _setup_uri() == "rtsp://192.0.2.7/live/track1"
    assert _setup_uri(Content_Location="rtsp://192.0.2.7/b/") == "rtsp://192.0.2.7/b/track1"
    both = _setup_uri(Content_Base="rtsp://192.0.2.7/a/", Content_Location="rtsp://192.0.2.7/b/")
    assert both == "rtsp://192.0.2.7/a/track1"


@case("Q51-content-base-without-scheme")
def content_base_without_scheme() -> None:
    base = "192.0.2.7:554/stream0/"
    assert _setup_uri(Content_Base=base) == "rtsp://192.0.2.7:554/stream0/track1"


@case("Q52-content-base-doubled")
def content_base_doubled() -> None:
    assert _setup_uri(Content_Base="rtsp://rtsp://192.0.2.7/a") == "rtsp://192.0.2.7/a/track1"


@case("Q53-content-base-bare-ipv6")
def content_base_bare_ipv6() -> None:
    base = "rtsp://::ffff:192.0.2.7/a"
    assert _setup_uri(Content_Base=base) == "rtsp://::ffff:192.0.2.7/a/track1"


@case("Q54-content-base-is-a-path")
def content_base_is_a_path() -> None:
    assert _setup_uri(Content_Base="/b/") == "rtsp://192.0.2.7/b/track1"


@case("Q55-another-host-is-text-only")
def another_host_is_text_only() -> None:
    talk = Interview()
    talk.describe(SDP.replace(b"track1", b"rtsp://10.0.0.1/live/track1"))
    assert talk.last.uri == "rtsp://10.0.0.1/live/track1"
    talk.answer(404)
    assert talk.last.uri == "rtsp://192.0.2.7/live/track1"
    assert talk.reconnects == []


@case("Q56-join-control-text")
def join_control_text() -> None:
    uri = _setup_uri(url="rtsp://192.0.2.7/cam?channel=1&subtype=0")
    assert uri == "rtsp://192.0.2.7/cam?channel=1&subtype=0/track1"


@case("Q57-absolute-session-control")
def absolute_session_control() -> None:
    talk = Interview()
    control = "rtsp://192.0.2.7/axis-media/media.amp?Axis-Orig-Sw=true"
    talk.describe(b"a=control:%b\r\n" % control.encode() + SDP, Content_Base="rtsp://192.0.2.7/x/")
    assert talk.last.uri == "rtsp://192.0.2.7/x/track1"
    talk.set_up()
    assert talk.last.uri == control
    talk.play()
    talk.tell(Stop())
    assert talk.last.uri == control


@case("Q58-no-session-control")
def no_session_control() -> None:
    talk = Interview()
    talk.describe()
    talk.set_up()
    assert talk.last.uri == "rtsp://192.0.2.7/live"


@case("Q59-no-media-control")
def no_media_control() -> None:
    for body in (SDP.replace(b"a=control:track1\r\n", b""), SDP.replace(b"track1", b"*")):
        assert _setup_uri(body) == "rtsp://192.0.2.7/live"


@case("Q60-order-of-attributes")
def order_of_attributes() -> None:
    body = (
        b"a=control:*\r\na=tool:x\r\nm=video 0 RTP/AVP 96\r\na=control:t\r\na=rtpmap:96 H264/90000"
    )
    assert _setup_uri(body) == "rtsp://192.0.2.7/live/t"


@case("Q146-ipv6-literals-and-zones")
def ipv6_literals_and_zones() -> None:
    for text, host in (("[2001:db8::7]:554", "2001:db8::7"), ("[fe80::1%eth0]", "fe80::1%eth0")):
        talk = Interview(f"rtsp://{text}/live")
        assert talk.state.url.host == host
        assert talk.last.uri == f"rtsp://{text.replace('%eth0', '')}/live"


# --- 7. SETUP -------------------------------------------------------------------------------


def _set_up_with(transport: str, session: str = "77") -> Interview:
    talk = Interview()
    talk.describe()
    talk.set_up(transport, session)
    return talk


@case("Q78-udp-only-camera-says-so")
def udp_only_camera_says_so() -> None:
    for status in (461, 406):
        talk = Interview()
        talk.describe()
        talk.answer(status)
        assert failure(talk) is ProbeFailure.UNSUPPORTED
        assert Quirk.UDP_ONLY in talk.state.quirks
    talk = _set_up_with("RTP/AVP;unicast;client_port=5000-5001")
    assert failure(talk) is ProbeFailure.UNSUPPORTED


@case("Q79-other-channels-than-asked")
def other_channels_than_asked() -> None:
    for text, channels in (("6-7", (6, 7)), ("3-4", (3, 4)), ("0", (0, 1))):
        listening = _set_up_with(f"RTP/AVP/TCP;interleaved={text}").listening
        assert listening is not None
        assert (listening.rtp_channel, listening.rtcp_channel) == channels


@case("Q80-transport-without-tcp")
def transport_without_tcp() -> None:
    talk = _set_up_with("RTP/AVP;unicast;interleaved=0-1")
    assert talk.asked[-1] == "PLAY"
    assert Quirk.TRANSPORT_WITHOUT_TCP in talk.state.quirks


@case("Q81-parameters-in-any-order")
def parameters_in_any_order() -> None:
    answer = parse_transport('RTP/AVP/TCP; ssrc=0A0B; mode="play"; interleaved=2-3 ;unicast')
    assert (answer.interleaved, answer.ssrc) == ((2, 3), 0x0A0B)


@case("Q82-ssrc-with-blanks-and-odd-digits")
def ssrc_with_blanks_and_odd_digits() -> None:
    for text, ssrc in ((" d6d6627", 0xD6D6627), ("0", None), ("zz", None), ("1", 1)):
        assert parse_transport(f"RTP/AVP/TCP;interleaved=0-1;ssrc={text}").ssrc == ssrc


@case("Q85-only-the-video-is-set-up")
def only_the_video_is_set_up() -> None:
    talk = Interview()
    talk.describe(SDP + b"m=audio 0 RTP/AVP 8\r\na=control:track2\r\n")
    talk.set_up()
    assert talk.asked == ["DESCRIBE", "SETUP", "PLAY"]


@case("Q127-audio-is-never-set-up")
def audio_is_never_set_up() -> None:
    """First in the description, with an fmtp that lacks what it must have: it is not looked at."""
    audio = b"m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/8000\r\na=fmtp:97 streamtype=5\r\n"
    talk = Interview()
    talk.describe(audio + b"a=control:track2\r\n" + SDP)
    assert talk.last.uri.endswith("/track1")
    talk.set_up()
    assert talk.asked == ["DESCRIBE", "SETUP", "PLAY"]


@case("Q86-session-timeout")
def session_timeout() -> None:
    for text, seconds in (("1", 60), ("1;timeout=15", 15), ("1; timeout=0", 60), ("1;x=y", 60)):
        assert parse_session(text).timeout_s == seconds


# --- 8. PLAY --------------------------------------------------------------------------------


@case("Q88-no-rtp-info")
def no_rtp_info() -> None:
    talk = _set_up_with("RTP/AVP/TCP;interleaved=0-1")
    assert talk.play() == (Streaming(),)


@case("Q89-rtp-info-never-fails")
def rtp_info_never_fails() -> None:
    for text in ("url=a;seq=1;rtptime=-1;", ", ,", "trackID=1", "url=;seq=x", "\xff;;;===,"):
        talk = _set_up_with("RTP/AVP/TCP;interleaved=0-1")
        assert talk.answer(200, {"RTP-Info": text}) == (Streaming(),)


@case("Q91-media-before-the-play-answer")
def media_before_the_play_answer() -> None:
    talk = _set_up_with("RTP/AVP/TCP;interleaved=0-1")
    kinds = [type(action).__name__ for action in talk.actions[-2:]]
    assert kinds == ["Listen", "Send"]


# --- 11. TEARDOWN and stale sessions --------------------------------------------------------


@case("Q111-teardown-before-closing")
def teardown_before_closing() -> None:
    talk = playing()
    assert Gone() not in talk.tell(Stop())
    assert talk.asked[-1] == "TEARDOWN"


@case("Q112-old-replies-while-leaving")
def old_replies_while_leaving() -> None:
    talk = Interview()
    talk.describe()
    talk.set_up()
    play = talk.header("CSeq")
    talk.tell(Stop())
    talk.tell(Request("ANNOUNCE", "*"))
    assert talk.answer(cseq=play) == ()
    assert talk.answer() == (Gone(),)


@case("Q114-500-or-454-to-teardown")
def refused_teardown_is_gone() -> None:
    for status in (500, 454):
        talk = playing()
        talk.tell(Stop())
        assert talk.answer(status) == (Gone(),)


@case("Q115-teardown-on-error-too")
def teardown_on_error_too() -> None:
    talk = _set_up_with("RTP/AVP/TCP;interleaved=0-1")
    talk.answer(453)
    assert failure(talk) is ProbeFailure.BUSY
    talk.tell(Stop())
    assert talk.asked[-1] == "TEARDOWN"


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
