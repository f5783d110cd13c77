"""The conversation of one look: an event comes, the state moves on, actions are asked for.

Drives OPTIONS (optional), DESCRIBE, SETUP of the video only, PLAY and TEARDOWN. Never sends, never
waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias, assert_never

from monitor.rtsp import keepalive, login, replies
from monitor.rtsp.auth import Challenge, Credentials, Signer
from monitor.rtsp.failures import Malformed, ProbeError, ProbeFailure, Step, Where
from monitor.rtsp.headers import SessionAnswer, parse_session
from monitor.rtsp.messages import Headers, Request, Response, printable
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.requests import next_request
from monitor.rtsp.state import (
    Action,
    Break,
    Ended,
    Event,
    Gone,
    KeepAlive,
    Listen,
    Opened,
    Phase,
    Reconnect,
    Reply,
    Send,
    State,
    Stop,
    Streaming,
)
from monitor.rtsp.url import redirect_target, with_authority_of

UDP_BESIDE_TLS = "RTP over UDP beside RTSPS would need SRTP, which is not supported"
MAX_REDIRECTS = 2
# A server may still be taking down what the refused SETUP had begun: GStreamer's then says 503.
SWITCHING_S = 0.3
MAX_ECHOED = 64  # characters of a camera's CSeq: what it asks must not be amplified

Actions: TypeAlias = tuple[Action, ...]


def step(state: State, event: Event) -> Actions:
    """One step of the conversation. A step that fails leaves the state as far as it came: a session
    that was opened must still be closed.
    """
    try:
        match event:
            case Response():
                return _answered(state, event)
            case Opened(client_ports):
                return _open(state, client_ports)
            case Request():
                return _asked(state, event)
            case Ended():
                return _ended(state)
            case Stop():
                return _leave(state)
            case KeepAlive():
                return _keep_alive(state) if state.phase is Phase.STREAMING else ()
            case _:
                assert_never(event)
    except ProbeError as error:
        return (Break(error),)


# --- sending ------------------------------------------------------------------------------------


def _open(state: State, client_ports: tuple[int, int]) -> Actions:
    """A conversation begins with DESCRIBE, after a change of transport too (Q11). Where a login was
    taken before, it is signed anew: a nonce may belong to its connection.
    """
    state.phase = Phase.CONVERSING
    state.unanswered = []
    if state.description is not None:
        state.signer = state.description = None
    state.session = None
    state.client_ports = client_ports
    if state.ask_options and not state.reconnected:
        return _send(state, Step.OPTIONS, state.url.text)
    return _send(state, Step.DESCRIBE, state.url.text)


def _send(state: State, kind: Step, uri: str, *, resigned: bool = False) -> Actions:
    return (next_request(state, kind, uri, resigned=resigned),)


# --- answers ------------------------------------------------------------------------------------


def _answered(state: State, answer: Response) -> Actions:
    if answer.status < 200 or state.phase is Phase.GONE:
        return ()
    sent = _match(state, answer)
    if sent is None:
        return ()
    if state.server is None and (server := answer.headers.get("Server")) is not None:
        state.server = printable(server, 120)
    if sent.step is Step.TEARDOWN:
        return _gone(state)  # 500 and 454 mean gone too (Q114)
    if state.phase is Phase.LEAVING:
        return _late_answer(state, sent, answer)
    if sent.step is Step.KEEPALIVE:
        return _kept_alive(state, sent, answer)
    if answer.status == 401:
        return _challenged(state, sent, answer)
    if sent.signed:
        _judge(state, answer.status)
    return _HANDLERS[sent.step](state, sent, answer)


def _judge(state: State, status: int) -> None:
    """What a signed request's answer says of the login: 404 or 453 come from behind the door."""
    if status == 403:
        state.rejected = True
    elif status < 400 or 404 <= status < 500:
        state.accepted = True


def _match(state: State, answer: Response) -> Send | None:
    """Which request this answers: by number, else by what is still unanswered (Q27 - Q29)."""
    if not state.unanswered:
        return None
    cseq, sent = answer.cseq, state.unanswered[0]
    if cseq is not None and cseq != sent.cseq:
        sent = next((other for other in state.unanswered if other.cseq == cseq), sent)
        if cseq != sent.cseq:
            state.quirks.add(Quirk.WRONG_CSEQ)
    state.unanswered.remove(sent)
    return sent


def _late_answer(state: State, sent: Send, answer: Response) -> Actions:
    """We are leaving and an older request is answered: a session that opens now must be closed too
    (Q115).
    """
    if sent.step is not Step.SETUP:
        return ()
    if not answer.ok or answer.headers.get("Session") is None:
        return _gone(state)
    _take_session(state, answer)
    return _leave(state)


def _gone(state: State) -> Actions:
    state.phase = Phase.GONE
    return (Gone(),)


def _challenged(state: State, sent: Send, answer: Response) -> Actions:
    if state.credentials is None:
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: a login is wanted and none is known")
    challenge, why = login.pick(answer, state.credentials, prefers_md5=state.prefers_md5)
    if challenge is None:
        _fail(state, sent, ProbeFailure.AUTH_UNSUPPORTED, why)
    if sent.signed:
        challenge = _signed_again(state, sent, answer, challenge)
    elif state.tried and not state.accepted:
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: one login was tried already")
    _take_challenge(state, state.credentials, challenge)
    if "close" in (answer.headers.get("Connection") or "").lower():
        return _again(state, Quirk.CLOSED_AFTER_CHALLENGE)  # Q09, announced
    return _send(state, sent.step, sent.request.uri, resigned=sent.signed)


def _signed_again(state: State, sent: Send, answer: Response, challenge: Challenge) -> Challenge:
    """A signed request was refused: the two cases in which that is no judgement of the login."""
    if login.may_sign_again(state, sent, challenge):
        state.quirks.add(Quirk.NONCE_RENEWED)  # Q41
        return challenge
    weaker = login.md5_instead(state, sent, answer)
    if weaker is None:
        state.rejected = True
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: the login was rejected")
    state.quirks.add(Quirk.SHA256_REFUSED)  # Q39
    state.prefers_md5 = True
    return weaker


def _take_challenge(state: State, credentials: Credentials, challenge: Challenge) -> None:
    before = state.challenge
    if before is None or before.nonce != challenge.nonce:
        state.nonce_uses = 0
    state.signer = Signer(challenge, credentials, state.cnonce)


def _on_options(state: State, _sent: Send, _answer: Response) -> Actions:
    return _send(state, Step.DESCRIBE, state.url.text)  # whatever it said (Q47)


def _on_describe(state: State, sent: Send, answer: Response) -> Actions:
    if answer.status in (301, 302, 303, 305, 307, 308):
        return _redirected(state, sent, answer)
    _require_ok(state, sent, answer)
    description = replies.describe(answer, state.url, state.supported, _failing(state, sent))
    state.description = description
    state.quirks |= description.quirks
    return _send(state, Step.SETUP, description.setup_uri)


def _redirected(state: State, sent: Send, answer: Response) -> Actions:
    try:
        target = redirect_target(answer.headers.get("Location") or "", state.url)
    except Malformed as error:
        _fail(
            state, sent, ProbeFailure.PROTOCOL, f"{answer.status} without a usable place: {error}"
        )
    if state.redirects >= MAX_REDIRECTS:
        _fail(state, sent, ProbeFailure.PROTOCOL, f"more than {MAX_REDIRECTS} redirects")
    if target.origin != state.url.origin:  # a login never follows to another host or port
        state.credentials = state.signer = None
    state.url = target
    state.redirects += 1
    if state.over_udp and target.scheme == "rtsps":
        if not state.may_switch:
            _fail(state, sent, ProbeFailure.UNSUPPORTED, UDP_BESIDE_TLS)
        state.over_udp = False
    state.quirks.add(Quirk.REDIRECTED)
    return (Reconnect(target),)


def _on_setup(state: State, sent: Send, answer: Response) -> Actions:
    if answer.status in (400, 404, 454) and Quirk.CONTROL_HOST_REPLACED not in state.quirks:
        ours = with_authority_of(sent.request.uri, state.url)
        if ours != sent.request.uri:
            state.quirks.add(Quirk.CONTROL_HOST_REPLACED)
            return _send(state, Step.SETUP, ours)
    if answer.status in (406, 461):
        asked = "UDP" if state.over_udp else "TCP"
        return _switch(state, sent, f"{answer.status}: the camera refuses RTP over {asked}")
    _require_ok(state, sent, answer)
    try:
        _take_session(state, answer)
    except Malformed as error:
        _fail(state, sent, ProbeFailure.PROTOCOL, f"answer to setup: {error}")
    try:
        media = replies.media(answer, over_udp=state.over_udp, fail=_failing(state, sent))
    except replies.OtherTransport as other:
        return _switch(state, sent, str(other))
    if media.quirk is not None:
        state.quirks.add(media.quirk)
    described = state.known_description
    listen = Listen(described.track, *media.channels, media.ssrc, media.server_ports)
    return (listen, *_send(state, Step.PLAY, described.aggregate_uri))


def _switch(state: State, sent: Send, why: str) -> Actions:
    """The other transport, where the choice is ours: over a new connection, from DESCRIBE on
    (Q11, Q78).
    """
    if not state.over_udp:
        state.quirks.add(Quirk.UDP_ONLY)
    if state.url.scheme == "rtsps":
        _fail(state, sent, ProbeFailure.UNSUPPORTED, f"{why}; {UDP_BESIDE_TLS}")
    if not state.may_switch:
        _fail(state, sent, ProbeFailure.UNSUPPORTED, f"{why}; no other transport may be tried")
    state.over_udp, state.may_switch = not state.over_udp, False
    return (Reconnect(state.url, SWITCHING_S),)


def _take_session(state: State, answer: Response) -> None:
    """Raises Malformed."""
    value = answer.headers.get("Session")
    if value is None:
        raise Malformed("no session header, expected a session id")
    state.session = parse_session(value)


def _take_newest_timeout(state: State, answer: Response) -> None:
    """The id of SETUP stays (Q85); a timeout that PLAY tells replaces that of SETUP (Q30)."""
    value, known = answer.headers.get("Session"), state.session
    if value is None or known is None or value == known.id:
        return
    try:
        said = parse_session(value, known.timeout_s)
    except Malformed:
        state.quirks.add(Quirk.UNREADABLE_FIELD)
        return
    if said.id != known.id:
        state.quirks.add(Quirk.SESSION_ID_CHANGED)
    state.session = SessionAnswer(known.id, said.timeout_s)


# --- keeping a session alive ----------------------------------------------------------------------


def _keep_alive(state: State, *, resigned: bool = False) -> Actions:
    """On the aggregate URL, with session and signature: some answer nothing less (Q108)."""
    keepalive.forget_oldest(state)
    uri = state.known_description.aggregate_uri
    return _send(state, Step.KEEPALIVE, uri, resigned=resigned)


def _kept_alive(state: State, sent: Send, answer: Response) -> Actions:
    """An Axis M5525 renews its nonce after 150 s: that one is signed again (Q41). A change of
    method is made at once: what was sent may not have counted, and half the time is over (Q105).
    """
    if answer.status == 401 and state.credentials is not None:
        challenge, _ = login.pick(answer, state.credentials, prefers_md5=state.prefers_md5)
        if challenge is not None and login.may_sign_again(state, sent, challenge):
            state.quirks.add(Quirk.NONCE_RENEWED)
            _take_challenge(state, state.credentials, challenge)
            return _keep_alive(state, resigned=True)
    method = state.keepalive
    keepalive.answered(state, answer)
    return _keep_alive(state) if state.keepalive != method else ()


def _on_play(state: State, sent: Send, answer: Response) -> Actions:
    _require_ok(state, sent, answer)
    _take_newest_timeout(state, answer)
    state.phase = Phase.STREAMING
    return (Streaming(),)


_HANDLERS: dict[Step, Callable[[State, Send, Response], Actions]] = {
    Step.OPTIONS: _on_options,
    Step.DESCRIBE: _on_describe,
    Step.SETUP: _on_setup,
    Step.PLAY: _on_play,
}


def _require_ok(state: State, sent: Send, answer: Response) -> None:
    if not answer.ok:
        failure = replies.failure_of_status(answer.status)
        reason = printable(answer.reason, 60)
        _fail(state, sent, failure, f"{answer.status} {reason} in answer to {sent.step}".strip())


# --- everything else that happens ---------------------------------------------------------------


def _asked(state: State, request: Request) -> Actions:
    """Cameras ask too, mid-session (Q08)."""
    cseq = request.headers.get("CSeq")
    headers = Headers([("CSeq", cseq)] if cseq is not None and len(cseq) <= MAX_ECHOED else [])
    if request.method in ("OPTIONS", "GET_PARAMETER"):
        answer = Response(200, "OK", headers)
    else:
        answer = Response(501, "Not Implemented", headers)
    state.quirks.add(Quirk.SERVER_REQUEST)
    return (Reply(answer),)


def _ended(state: State) -> Actions:
    if state.phase in (Phase.LEAVING, Phase.GONE):
        return _gone(state)
    if state.phase is Phase.STREAMING:
        message = "the camera closed the connection while streaming"
        where = Where(state.url.authority, Step.STREAM)
        raise ProbeError(ProbeFailure.ENDED_BY_CAMERA, message, where)
    last = state.unanswered[-1] if state.unanswered else None
    if last is not None and last.step is Step.DESCRIBE and last.signed and not state.reconnected:
        # VStarcam closes after its 401 (Q09). The login was not judged: it is still the same
        # attempt.
        return _again(state, Quirk.CLOSED_AFTER_CHALLENGE)
    waiting = f"waiting for the answer to {last.step}" if last else "before anything was asked"
    where = Where(state.url.authority, state.step, cseq=last.cseq if last else None)
    message = f"the camera closed the connection, {waiting}"
    raise ProbeError(ProbeFailure.CLOSED, message, where)


def _again(state: State, quirk: Quirk) -> Actions:
    state.quirks.add(quirk)
    state.reconnected = True
    state.unanswered = []
    return (Reconnect(state.url),)


def _leave(state: State) -> Actions:
    """TEARDOWN where there is a session, patience where one may be opening, nothing otherwise."""
    if state.phase is Phase.GONE:
        return ()
    state.phase = Phase.LEAVING
    if state.session is not None:
        return _send(state, Step.TEARDOWN, state.known_description.aggregate_uri)
    if any(sent.step is Step.SETUP for sent in state.unanswered):
        return ()
    return _gone(state)


def _failing(state: State, sent: Send) -> replies.Fail:
    def fail(failure: ProbeFailure, message: str, near: bytes) -> NoReturn:
        _fail(state, sent, failure, message, near)

    return fail


def _fail(
    state: State, sent: Send, failure: ProbeFailure, message: str, near: bytes = b""
) -> NoReturn:
    where = Where(state.url.authority, sent.step, cseq=sent.cseq)
    raise ProbeError(failure, message, where, near)
