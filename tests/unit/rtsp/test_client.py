from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rtsp.auth import Credentials
from monitor.rtsp.failures import ProbeFailure, Step
from monitor.rtsp.messages import Headers, Request, Response
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.state import Ended, Gone, KeepAlive, Opened, Phase, Stop, Streaming
from tests.fakes.interview import DIGEST, SDP, Interview

LOGIN = Credentials("viewer", "sesame")


def _playing(**how) -> Interview:
    talk = Interview(**how)
    talk.describe()
    talk.set_up()
    talk.play()
    return talk


def _failure(talk: Interview) -> ProbeFailure | None:
    return talk.broken.failure if talk.broken else None


def test_a_look_asks_describe_setup_play_and_leaves_with_teardown():
    talk = _playing()

    talk.tell(Stop())
    actions = talk.answer()

    assert talk.asked == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert [request.headers.get("CSeq") for request in talk.sent] == ["1", "2", "3", "4"]
    assert talk.header("Session") == "77"
    assert actions == (Gone(),)


def test_only_the_video_is_set_up():
    talk = Interview()

    talk.describe(b"m=audio 0 RTP/AVP 8\r\na=control:sound\r\n" + SDP)

    assert talk.last.uri == "rtsp://192.0.2.7/live/track1"


def test_options_are_asked_only_when_wanted():
    talk = Interview(ask_options=True)

    talk.answer(501)

    assert talk.asked == ["OPTIONS", "DESCRIBE"]


def test_media_is_listened_to_before_play_is_answered():
    talk = Interview()

    talk.describe()
    talk.set_up("RTP/AVP/TCP;interleaved=6-7;ssrc=1A2B")

    assert talk.listening is not None
    assert (talk.listening.rtp_channel, talk.listening.rtcp_channel) == (6, 7)
    assert talk.listening.ssrc == 0x1A2B
    assert talk.play() == (Streaming(),)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (404, ProbeFailure.NOT_FOUND),
        (454, ProbeFailure.NOT_FOUND),
        (453, ProbeFailure.BUSY),
        (503, ProbeFailure.BUSY),
        (403, ProbeFailure.AUTH_REJECTED),
        (461, ProbeFailure.PROTOCOL),
        (400, ProbeFailure.PROTOCOL),
        (500, ProbeFailure.PROTOCOL),
    ],
)
def test_a_refused_describe_is_called_by_its_status(status, failure):
    talk = Interview()

    talk.answer(status)

    assert _failure(talk) is failure
    assert talk.broken is not None
    assert talk.broken.where.step is Step.DESCRIBE
    assert str(status) in talk.broken.message


# --- logging in -----------------------------------------------------------------------------


def test_a_challenge_is_answered_once_and_every_later_request_is_signed():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.describe()
    talk.set_up()
    talk.play()
    talk.tell(Stop())

    signed = [request.headers.get("Authorization") is not None for request in talk.sent]
    assert talk.asked == ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert signed == [False, True, True, True, True]
    assert talk.state.login_verdict is True


def test_a_rejected_login_is_never_tried_again():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.challenge('Digest realm="cam", nonce="n2"')

    assert talk.asked == ["DESCRIBE", "DESCRIBE"]
    assert _failure(talk) is ProbeFailure.AUTH_REJECTED
    assert talk.state.login_verdict is False


def test_a_stale_nonce_is_signed_again_once():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.challenge('Digest realm="cam", nonce="n2", stale=TRUE')
    talk.challenge('Digest realm="cam", nonce="n3", stale=TRUE')

    assert talk.asked == ["DESCRIBE"] * 3
    assert _failure(talk) is ProbeFailure.AUTH_REJECTED


def test_stale_with_the_same_nonce_is_no_reason_to_sign_again():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.challenge(DIGEST + ", stale=true")

    assert _failure(talk) is ProbeFailure.AUTH_REJECTED


def test_a_new_nonce_after_an_accepted_login_is_signed_again():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.describe()
    talk.challenge('Digest realm="cam", nonce="n2"')

    assert talk.asked[-2:] == ["SETUP", "SETUP"]
    assert talk.authorization()["nonce"] == "n2"
    assert Quirk.NONCE_RENEWED in talk.state.quirks


def test_basic_is_never_answered_where_it_is_not_allowed():
    talk = Interview(login=LOGIN)

    talk.challenge('Basic realm="cam"')

    assert _failure(talk) is ProbeFailure.AUTH_UNSUPPORTED
    assert all(request.headers.get("Authorization") is None for request in talk.sent)
    assert talk.state.login_verdict is None


def test_without_a_login_a_challenge_is_a_rejection_that_says_so():
    talk = Interview()

    talk.challenge(DIGEST)

    assert _failure(talk) is ProbeFailure.AUTH_REJECTED
    assert "none is known" in str(talk.broken)


def test_a_404_behind_a_login_means_the_login_was_taken():
    talk = Interview(login=LOGIN)

    talk.challenge(DIGEST)
    talk.answer(404)

    assert _failure(talk) is ProbeFailure.NOT_FOUND
    assert talk.state.login_verdict is True


# --- redirects ------------------------------------------------------------------------------


def test_a_login_does_not_follow_a_redirect_to_another_host():
    talk = Interview(login=LOGIN)

    talk.answer(302, {"Location": "rtsp://192.0.2.99/live?p={password}"})
    talk.tell(Opened())
    talk.challenge(DIGEST)

    assert talk.reconnects[0].url.host == "192.0.2.99"
    assert talk.last.uri == "rtsp://192.0.2.99/live?p={password}"
    assert _failure(talk) is ProbeFailure.AUTH_REJECTED
    assert all(request.headers.get("Authorization") is None for request in talk.sent)


def test_a_login_does_not_follow_a_redirect_to_another_port():
    talk = Interview(login=LOGIN)

    talk.answer(301, {"Location": "rtsp://192.0.2.7:8554/live"})

    assert talk.state.credentials is None


def test_a_login_follows_a_redirect_on_the_same_host_and_port():
    talk = Interview(login=LOGIN)

    talk.answer(302, {"Location": "/other"})
    talk.tell(Opened())
    talk.challenge(DIGEST)

    assert talk.last.uri == "rtsp://192.0.2.7/other"
    assert talk.authorization()["uri"] == "rtsp://192.0.2.7/other"


def test_two_redirects_are_followed_and_not_three():
    talk = Interview()

    for number in range(3):
        talk.answer(302, {"Location": f"rtsp://192.0.2.7/{number}"})
        if number < 2:
            talk.tell(Opened())

    assert len(talk.reconnects) == 2
    assert _failure(talk) is ProbeFailure.PROTOCOL


# --- leaving --------------------------------------------------------------------------------


def test_leaving_before_a_session_says_nothing():
    talk = Interview()

    assert talk.tell(Stop()) == (Gone(),)
    assert talk.asked == ["DESCRIBE"]


def test_leaving_while_setup_is_open_waits_for_its_session_and_closes_it():
    talk = Interview()
    talk.describe()

    assert talk.tell(Stop()) == ()
    talk.set_up(session="88")

    assert talk.asked[-1] == "TEARDOWN"
    assert talk.header("Session") == "88"
    assert talk.answer() == (Gone(),)


def test_leaving_while_play_is_open_closes_at_once_and_drops_the_late_answer():
    talk = Interview()
    talk.describe()
    talk.set_up()
    play = talk.header("CSeq")

    talk.tell(Stop())
    late = talk.answer(cseq=play)

    assert talk.asked[-1] == "TEARDOWN"
    assert late == ()
    assert talk.answer() == (Gone(),)


def test_a_session_that_was_opened_in_vain_is_closed():
    talk = Interview()
    talk.describe()

    talk.set_up("RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001")
    talk.tell(Stop())

    assert _failure(talk) is ProbeFailure.UNSUPPORTED
    assert talk.asked[-1] == "TEARDOWN"


@pytest.mark.parametrize("status", [200, 454, 500])
def test_any_answer_to_teardown_means_gone(status):
    talk = _playing()
    talk.tell(Stop())

    assert talk.answer(status) == (Gone(),)
    assert talk.state.phase is Phase.GONE


_EVENTS = st.one_of(
    st.sampled_from([Opened(), Ended(), Stop(), KeepAlive()]),
    st.builds(
        Response,
        st.sampled_from([100, 200, 302, 400, 401, 404, 453, 461, 500]),
        st.just("x"),
        st.lists(
            st.sampled_from(
                [
                    ("CSeq", "1"),
                    ("CSeq", "3"),
                    ("Session", "77"),
                    ("Transport", "RTP/AVP/TCP;interleaved=0-1"),
                    ("Transport", "RTP/AVP;client_port=1-2"),
                    ("WWW-Authenticate", DIGEST),
                    ("WWW-Authenticate", 'Digest realm="r", nonce="n2", stale=true'),
                    ("Location", "rtsp://192.0.2.8/x"),
                    ("Content-Base", "/x/"),
                    ("Connection", "close"),
                ]
            ),
            max_size=5,
        ).map(Headers),
        st.sampled_from([b"", SDP, b"m=audio 0 RTP/AVP 0"]),
    ),
    st.builds(Request, st.sampled_from(["OPTIONS", "ANNOUNCE"]), st.just("*")),
)


@given(st.lists(_EVENTS, max_size=14))
def test_any_events_in_any_order_keep_the_machine_whole(events):
    talk = Interview(login=LOGIN)

    for event in events:
        talk.tell(event)

    signed = [r for r in talk.sent if r.headers.get("Authorization")]
    assert all(request.uri for request in talk.sent)
    assert len(talk.reconnects) <= 4
    assert len(signed) <= len(talk.sent)
