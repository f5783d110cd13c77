"""A camera's side of the client machine, without sockets: what it was asked, what it answers."""

from __future__ import annotations

from monitor.rtsp import client
from monitor.rtsp.auth import Credentials
from monitor.rtsp.failures import ProbeError
from monitor.rtsp.headers import parse_challenges
from monitor.rtsp.messages import Headers, Request, Response
from monitor.rtsp.state import Action, Break, Event, Listen, Opened, Reconnect, Send, State
from monitor.rtsp.url import parse_url

SDP = b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
PORTS = (50_000, 50_001)
DIGEST = 'Digest realm="cam", nonce="n1"'


class Interview:
    """Drives `client.step`; every request that was sent is in `sent`."""

    def __init__(
        self,
        url: str = "rtsp://192.0.2.7/live",
        *,
        login: Credentials | None = None,
        ask_options: bool = False,
        over_udp: bool = False,
        may_switch: bool = False,
    ) -> None:
        parsed, _ = parse_url(url)
        self.state = State(
            parsed,
            login,
            "c0ffee",
            ask_options=ask_options,
            over_udp=over_udp,
            may_switch=may_switch,
        )
        self.sent: list[Request] = []
        self.actions: list[Action] = []
        self.tell(Opened(PORTS if over_udp else (0, 0)))

    def tell(self, event: Event) -> tuple[Action, ...]:
        actions = client.step(self.state, event)
        self.actions += actions
        self.sent += [action.request for action in actions if isinstance(action, Send)]
        return actions

    def answer(
        self,
        status: int = 200,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        body: bytes = b"",
        *,
        cseq: str | None = "",
    ) -> tuple[Action, ...]:
        items = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        if cseq is not None:
            items.insert(0, ("CSeq", cseq or self.header("CSeq") or ""))
        return self.tell(Response(status, "said", Headers(items), body))

    def describe(self, body: bytes = SDP, **headers: str) -> tuple[Action, ...]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.answer(200, {"Content-Type": "application/sdp", **named}, body)

    def set_up(
        self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1", session: str = "77"
    ) -> tuple[Action, ...]:
        return self.answer(200, {"Session": session, "Transport": transport})

    def play(self) -> tuple[Action, ...]:
        return self.answer()

    def challenge(self, *values: str) -> tuple[Action, ...]:
        return self.answer(401, [("WWW-Authenticate", value) for value in values])

    @property
    def last(self) -> Request:
        return self.sent[-1]

    @property
    def asked(self) -> list[str]:
        return [request.method for request in self.sent]

    def header(self, name: str) -> str | None:
        return self.last.headers.get(name)

    def authorization(self) -> dict[str, str]:
        (offer,) = parse_challenges((self.header("Authorization") or "",))
        return dict(offer.params)

    @property
    def broken(self) -> ProbeError | None:
        return next((a.error for a in self.actions if isinstance(a, Break)), None)

    @property
    def listening(self) -> Listen | None:
        return next((a for a in self.actions if isinstance(a, Listen)), None)

    @property
    def reconnects(self) -> list[Reconnect]:
        return [a for a in self.actions if isinstance(a, Reconnect)]
