"""How each request of a look is written: its number, its headers in their order, its signature.

Decides nothing: what is asked next is the conversation's.
"""

from __future__ import annotations

from monitor.rtsp import replies
from monitor.rtsp.failures import Step
from monitor.rtsp.messages import Headers, Request
from monitor.rtsp.state import Send, State

USER_AGENT = "camreach"  # some answer 401 to a request without one (Q19)

_AGENT = ("User-Agent", USER_AGENT)
_UNCHANGING: dict[Step, tuple[tuple[str, str], ...]] = {
    Step.DESCRIBE: (_AGENT, ("Accept", "application/sdp")),
    Step.PLAY: (_AGENT, ("Range", "npt=0.000-")),  # Q23
}


def next_request(state: State, kind: Step, uri: str, *, resigned: bool = False) -> Send:
    """The request, which is unanswered from now on."""
    cseq = state.cseq = state.cseq + 1  # the first is 1 (Q16)
    headers = [("CSeq", str(cseq)), *_UNCHANGING.get(kind, (_AGENT,))]  # in this order (Q17, Q18)
    if kind is Step.SETUP:
        headers.append(("Transport", _transport(state)))
    if state.session is not None:
        headers.append(("Session", state.session.id))
    method = state.keepalive if kind is Step.KEEPALIVE else kind.upper()
    if (signer := state.signer) is not None:
        state.nonce_uses += 1
        state.tried = True
        headers.append(("Authorization", signer.sign(method, uri, state.nonce_uses)))
    request = Request(method, uri, Headers(headers))
    sent = Send(request, kind, cseq, signer is not None, resigned)
    state.unanswered.append(sent)
    return sent


def _transport(state: State) -> str:
    """No mode= (Q22); /TCP never left out, /UDP never written (Q25): every server reads these."""
    if state.over_udp:
        return "RTP/AVP;unicast;client_port={}-{}".format(*state.client_ports)
    return "RTP/AVP/TCP;unicast;interleaved={}-{}".format(*replies.CHANNELS)
