"""The conversation of one look as a pure function: (state, event) -> (state, actions).

Drives OPTIONS (optional), DESCRIBE, SETUP of the video only, PLAY and TEARDOWN. Never sends, never
waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn, TypeAlias, assert_never

from monitor.rtsp import keepalive, login, replies
from monitor.rtsp.auth import Challenge
from monitor.rtsp.failures import Malformed, ProbeError, ProbeFailure, Step, Where
from monitor.rtsp.headers import parse_session
from monitor.rtsp.messages import Headers, Request, Response, printable
from monitor.rtsp.quirks import Quirk
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
    Sent,
    State,
    Stop,
    Streaming,
)
from monitor.rtsp.url import redirect_target, with_authority_of

UDP_BESIDE_TLS = "RTP over UDP beside RTSPS would need SRTP, which is not supported"
USER_AGENT = "camreach"  # some answer 401 to a request without one (Q19)
MAX_REDIRECTS = 2

Outcome: TypeAlias = tuple[State, tuple[Action, ...]]


class _Broken(Exception):
    """Carries the state in which a step failed: a session that was opened must still be closed."""

    def __init__(self, state: State, error: ProbeError) -> None:
        super().__init__(str(error))
        self.state = state
        self.error = error


def step(state: State, event: Event) -> Outcome:
    """One step of the conversation."""
    try:
        return _step(state, event)
    except _Broken as broken:
        return broken.state, (Break(broken.error),)


def _step(state: State, event: Event) -> Outcome:
    match event:
        case Opened(client_ports):
            return _open(state, client_ports)
        case Response():
            return _answered(state, event)
        case Request():
            return _asked(state, event)
        case Ended():
            return _ended(state)
        case Stop():
            return _leave(state)
        case KeepAlive():
            return _keep_alive(state) if state.phase is Phase.STREAMING else (state, ())
    assert_never(event)


# --- sending ------------------------------------------------------------------------------------


def _open(state: State, client_ports: tuple[int, int]) -> Outcome:
    """A conversation begins with DESCRIBE, after a change of transport too (Q11). Where a login was
    taken before, it is signed anew: a nonce may belong to its connection.
    """
    state = replace(
        state,
        phase=Phase.CONVERSING,
        unanswered=(),
        challenge=state.challenge if state.description is None else None,
        description=None,
        session=None,
        client_ports=client_ports,
    )
    if state.ask_options and not state.reconnected:
        return _send(state, Step.OPTIONS, state.url.text)
    return _send(state, Step.DESCRIBE, state.url.text)


_EXTRA_HEADERS: dict[Step, tuple[tuple[str, str], ...]] = {
    Step.DESCRIBE: (("Accept", "application/sdp"),),
    Step.PLAY: (("Range", "npt=0.000-"),),  # Q23
}


def _send(state: State, kind: Step, uri: str, *, resigned: bool = False) -> Outcome:
    cseq = state.cseq + 1  # the first is 1 (Q16)
    headers = [("CSeq", str(cseq)), ("User-Agent", USER_AGENT)]  # in this order (Q17, Q18)
    headers += _EXTRA_HEADERS.get(kind, ())
    if kind is Step.SETUP:
        headers.append(("Transport", _transport(state)))
    if state.session is not None:
        headers.append(("Session", state.session.id))
    method = state.keepalive if kind is Step.KEEPALIVE else kind.value.upper()
    signed = False
    if state.challenge is not None and state.credentials is not None:
        value = login.authorization(state, state.challenge, state.credentials, method, uri)
        headers.append(("Authorization", value))
        signed = True
    sent = Sent(cseq, kind, uri, signed, resigned)
    after = replace(
        state,
        cseq=cseq,
        unanswered=(*state.unanswered, sent),
        nonce_uses=state.nonce_uses + signed,
        tried=state.tried or signed,
    )
    return after, (Send(Request(method, uri, Headers(headers)), kind, signed),)


def _transport(state: State) -> str:
    """No mode= (Q22); /TCP never left out, /UDP never written (Q25): every server reads these."""
    if state.over_udp:
        return "RTP/AVP;unicast;client_port={}-{}".format(*state.client_ports)
    return "RTP/AVP/TCP;unicast;interleaved={}-{}".format(*replies.CHANNELS)


# --- answers ------------------------------------------------------------------------------------


def _answered(state: State, answer: Response) -> Outcome:
    if answer.status < 200:
        return state, ()
    state, sent = _match(state, answer)
    if sent is None:
        return state, ()
    server = answer.headers.get("Server")
    if server is not None and state.server is None:
        state = replace(state, server=printable(server, 120))
    if sent.step is Step.TEARDOWN:
        return replace(state, phase=Phase.GONE), (Gone(),)  # 500 and 454 mean gone too (Q114)
    if state.phase is Phase.LEAVING:
        return _late_answer(state, sent, answer)
    if sent.step is Step.KEEPALIVE:
        return _kept_alive(state, sent, answer)
    if answer.status == 401:
        return _challenged(state, sent, answer)
    if sent.signed:
        state = _judged(state, answer.status)
    return _HANDLERS[sent.step](state, sent, answer)


def _judged(state: State, status: int) -> State:
    """What a signed request's answer says of the login: 404 or 453 come from behind the door."""
    if status in (401, 403):
        return replace(state, rejected=status == 403)
    taken = status < 400 or 404 <= status < 500
    return replace(state, accepted=True) if taken else state


def _match(state: State, answer: Response) -> tuple[State, Sent | None]:
    """Which request this answers: by number, else by what is still unanswered (Q27 - Q29)."""
    if not state.unanswered:
        return state, None
    cseq = answer.cseq
    sent = next((sent for sent in state.unanswered if sent.cseq == cseq), state.unanswered[0])
    if cseq is not None and cseq != sent.cseq:
        state = _note(state, Quirk.WRONG_CSEQ)
    left = tuple(other for other in state.unanswered if other is not sent)
    return replace(state, unanswered=left), sent


def _late_answer(state: State, sent: Sent, answer: Response) -> Outcome:
    """We are leaving and an older request is answered: a session that opens now must be closed too
    (Q115).
    """
    if sent.step is not Step.SETUP:
        return state, ()
    if not answer.ok or answer.headers.get("Session") is None:
        return replace(state, phase=Phase.GONE), (Gone(),)
    return _leave(_with_session(state, answer))


def _challenged(state: State, sent: Sent, answer: Response) -> Outcome:
    if state.credentials is None:
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: a login is wanted and none is known")
    challenge, why = login.pick(answer, state.credentials, prefers_md5=state.prefers_md5)
    if challenge is None:
        _fail(state, sent, ProbeFailure.AUTH_UNSUPPORTED, why)
    if sent.signed:
        state, challenge = _signed_again(state, sent, answer, challenge)
    elif state.tried and not state.accepted:
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: one login was tried already")
    state = _with_challenge(state, challenge)
    if "close" in (answer.headers.get("Connection") or "").lower():
        return _again(state, Quirk.CLOSED_AFTER_CHALLENGE)  # Q09, announced
    return _send(state, sent.step, sent.uri, resigned=sent.signed)


def _signed_again(
    state: State, sent: Sent, answer: Response, challenge: Challenge
) -> tuple[State, Challenge]:
    """A signed request was refused: the two cases in which that is no judgement of the login."""
    if login.may_sign_again(state, sent, challenge):
        return _note(state, Quirk.NONCE_RENEWED), challenge  # Q41
    weaker = login.md5_instead(state, sent, answer)
    if weaker is None:
        state = replace(state, rejected=True)
        _fail(state, sent, ProbeFailure.AUTH_REJECTED, "401: the login was rejected")
    return replace(_note(state, Quirk.SHA256_REFUSED), prefers_md5=True), weaker  # Q39


def _with_challenge(state: State, challenge: Challenge) -> State:
    same = state.challenge is not None and state.challenge.nonce == challenge.nonce
    return replace(state, challenge=challenge, nonce_uses=state.nonce_uses if same else 0)


def _on_options(state: State, _sent: Sent, _answer: Response) -> Outcome:
    return _send(state, Step.DESCRIBE, state.url.text)  # whatever it said (Q47)


def _on_describe(state: State, sent: Sent, answer: Response) -> Outcome:
    if answer.status in (301, 302, 303, 305, 307, 308):
        return _redirected(state, sent, answer)
    _require_ok(state, sent, answer)
    description = replies.describe(answer, state.url, state.supported, _failing(state, sent))
    state = replace(
        state,
        description=description,
        setup_uri=description.setup_uri,
        quirks=state.quirks | description.quirks,
    )
    return _send(state, Step.SETUP, description.setup_uri)


def _redirected(state: State, sent: Sent, answer: Response) -> Outcome:
    try:
        target = redirect_target(answer.headers.get("Location") or "", state.url)
    except Malformed as error:
        _fail(
            state, sent, ProbeFailure.PROTOCOL, f"{answer.status} without a usable place: {error}"
        )
    if state.redirects >= MAX_REDIRECTS:
        _fail(state, sent, ProbeFailure.PROTOCOL, f"more than {MAX_REDIRECTS} redirects")
    if target.origin != state.url.origin:  # a login never follows to another host or port
        state = replace(state, credentials=None, challenge=None)
    state = replace(state, url=target, redirects=state.redirects + 1)
    if state.over_udp and target.scheme == "rtsps":
        if not state.may_switch:
            _fail(state, sent, ProbeFailure.UNSUPPORTED, UDP_BESIDE_TLS)
        state = replace(state, over_udp=False)
    return _note(state, Quirk.REDIRECTED), (Reconnect(target),)


def _on_setup(state: State, sent: Sent, answer: Response) -> Outcome:
    if answer.status in (400, 404, 454) and Quirk.CONTROL_HOST_REPLACED not in state.quirks:
        ours = with_authority_of(sent.uri, state.url)
        if ours != sent.uri:
            return _send(_note(state, Quirk.CONTROL_HOST_REPLACED), Step.SETUP, ours)
    if answer.status in (406, 461):
        asked = "UDP" if state.over_udp else "TCP"
        return _switch(state, sent, f"{answer.status}: the camera refuses RTP over {asked}")
    _require_ok(state, sent, answer)
    try:
        state = _with_session(state, answer)
    except Malformed as error:
        _fail(state, sent, ProbeFailure.PROTOCOL, f"answer to setup: {error}")
    try:
        media = replies.media(answer, over_udp=state.over_udp, fail=_failing(state, sent))
    except replies.OtherTransport as other:
        return _switch(state, sent, str(other))
    state = _note(state, media.quirk) if media.quirk is not None else state
    track = state.known_description.track
    state, sending = _send(state, Step.PLAY, state.known_description.aggregate_uri)
    return state, (Listen(track, *media.channels, media.ssrc, media.server_ports), *sending)


def _switch(state: State, sent: Sent, why: str) -> Outcome:
    """The other transport, where the choice is ours: over a new connection, from DESCRIBE on
    (Q11, Q78).
    """
    if not state.over_udp:
        state = _note(state, Quirk.UDP_ONLY)
    if state.url.scheme == "rtsps":
        _fail(state, sent, ProbeFailure.UNSUPPORTED, f"{why}; {UDP_BESIDE_TLS}")
    if not state.may_switch:
        _fail(state, sent, ProbeFailure.UNSUPPORTED, f"{why}; no other transport may be tried")
    switched = replace(state, over_udp=not state.over_udp, may_switch=False)
    return switched, (Reconnect(state.url),)


def _with_session(state: State, answer: Response) -> State:
    """Raises Malformed."""
    value = answer.headers.get("Session")
    if value is None:
        raise Malformed("no session header, expected a session id")
    return replace(state, session=parse_session(value))


def _with_newest_timeout(state: State, answer: Response) -> State:
    """The id of SETUP stays (Q85); a timeout that PLAY tells replaces that of SETUP (Q30)."""
    value, known = answer.headers.get("Session"), state.session
    if value is None or known is None:
        return state
    try:
        said = parse_session(value, known.timeout_s)
    except Malformed:
        return _note(state, Quirk.UNREADABLE_FIELD)
    if said.id != known.id:
        state = _note(state, Quirk.SESSION_ID_CHANGED)
    return replace(state, session=replace(known, timeout_s=said.timeout_s))


# --- keeping a session alive ----------------------------------------------------------------------


def _keep_alive(state: State, *, resigned: bool = False) -> Outcome:
    """On the aggregate URL, with session and signature: some answer nothing less (Q108)."""
    state = replace(state, unanswered=keepalive.still_waiting(state))
    uri = state.known_description.aggregate_uri
    return _send(state, Step.KEEPALIVE, uri, resigned=resigned)


def _kept_alive(state: State, sent: Sent, answer: Response) -> Outcome:
    """An Axis M5525 renews its nonce after 150 s: that one is signed again (Q41)."""
    if answer.status == 401 and state.credentials is not None:
        challenge, _ = login.pick(answer, state.credentials, prefers_md5=state.prefers_md5)
        if challenge is not None and login.may_sign_again(state, sent, challenge):
            state = _with_challenge(_note(state, Quirk.NONCE_RENEWED), challenge)
            return _keep_alive(state, resigned=True)
    return keepalive.answered(state, answer), ()


def _on_play(state: State, sent: Sent, answer: Response) -> Outcome:
    _require_ok(state, sent, answer)
    state = _with_newest_timeout(state, answer)
    return replace(state, phase=Phase.STREAMING), (Streaming(),)


_HANDLERS: dict[Step, Callable[[State, Sent, Response], Outcome]] = {
    Step.OPTIONS: _on_options,
    Step.DESCRIBE: _on_describe,
    Step.SETUP: _on_setup,
    Step.PLAY: _on_play,
}


def _require_ok(state: State, sent: Sent, answer: Response) -> None:
    if not answer.ok:
        failure = replies.failure_of_status(answer.status)
        reason = printable(answer.reason, 60)
        _fail(state, sent, failure, f"{answer.status} {reason} in answer to {sent.step}".strip())


# --- everything else that happens ---------------------------------------------------------------


def _asked(state: State, request: Request) -> Outcome:
    """Cameras ask too, mid-session (Q08)."""
    cseq = request.headers.get("CSeq")
    headers = Headers([("CSeq", cseq)] if cseq is not None else [])
    if request.method in ("OPTIONS", "GET_PARAMETER"):
        answer = Response(200, "OK", headers)
    else:
        answer = Response(501, "Not Implemented", headers)
    return _note(state, Quirk.SERVER_REQUEST), (Reply(answer),)


def _ended(state: State) -> Outcome:
    if state.phase in (Phase.LEAVING, Phase.GONE):
        return replace(state, phase=Phase.GONE), (Gone(),)
    if state.phase is Phase.STREAMING:
        message = "the camera closed the connection while streaming"
        where = Where(state.url.authority, Step.STREAM)
        raise _Broken(state, ProbeError(ProbeFailure.ENDED_BY_CAMERA, message, where))
    last = state.unanswered[-1] if state.unanswered else None
    if last is not None and last.step is Step.DESCRIBE and last.signed and not state.reconnected:
        # VStarcam closes after its 401 (Q09). The login was not judged: it is still the same
        # attempt.
        return _again(state, Quirk.CLOSED_AFTER_CHALLENGE)
    waiting = f"waiting for the answer to {last.step}" if last else "before anything was asked"
    where = Where(state.url.authority, state.step, cseq=last.cseq if last else None)
    message = f"the camera closed the connection, {waiting}"
    raise _Broken(state, ProbeError(ProbeFailure.CLOSED, message, where))


def _again(state: State, quirk: Quirk) -> Outcome:
    state = replace(_note(state, quirk), reconnected=True, unanswered=())
    return state, (Reconnect(state.url),)


def _leave(state: State) -> Outcome:
    """TEARDOWN where there is a session, patience where one may be opening, nothing otherwise."""
    if state.phase is Phase.GONE:
        return state, ()
    leaving = replace(state, phase=Phase.LEAVING)
    if state.session is not None:
        return _send(leaving, Step.TEARDOWN, state.known_description.aggregate_uri)
    if any(sent.step is Step.SETUP for sent in state.unanswered):
        return leaving, ()
    return replace(state, phase=Phase.GONE), (Gone(),)


def _note(state: State, quirk: Quirk) -> State:
    return state if quirk in state.quirks else replace(state, quirks=state.quirks | {quirk})


def _failing(state: State, sent: Sent) -> replies.Fail:
    def fail(failure: ProbeFailure, message: str, near: bytes) -> NoReturn:
        _fail(state, sent, failure, message, near)

    return fail


def _fail(
    state: State, sent: Sent, failure: ProbeFailure, message: str, near: bytes = b""
) -> NoReturn:
    where = Where(state.url.authority, sent.step, cseq=sent.cseq)
    raise _Broken(state, ProbeError(failure, message, where, near))
