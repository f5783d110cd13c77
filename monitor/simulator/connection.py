"""One client's connection: reads requests, answers as the camera behaves, owns the session.

It must not know how pictures are made or when they are due.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from dataclasses import dataclass
from typing import cast

from monitor.simulator.auth import accepts, challenges
from monitor.simulator.behaviour import Behaviour
from monitor.simulator.channel import Channel
from monitor.simulator.counts import SignedRequest
from monitor.simulator.datagrams import Datagrams
from monitor.simulator.host import Host
from monitor.simulator.rtp import Sender
from monitor.simulator.stream import Stream, garbage
from monitor.simulator.wire import (
    AUDIO,
    CONTROL,
    UNREAD_VIDEO,
    Request,
    RequestReader,
    Status,
    UnreadableRequestError,
    response,
    session_description,
    video,
)

_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})-\d{1,3}")
_CLIENT_PORT = re.compile(r"client_port=(\d{1,5})-\d{1,5}")
_TRACKED_REQUESTS = 64  # waiting for their reply delay; a client that sends more is cut off

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Way:
    """Where the client wants its packets: a channel of the connection, or a port of its own."""

    udp: bool
    first: int  # of a pair

    def __str__(self) -> str:
        if self.udp:
            return f"RTP/AVP;unicast;client_port={self.first}-{self.first + 1}"
        return f"RTP/AVP/TCP;unicast;interleaved={self.first}-{self.first + 1}"


def _way_asked_for(transport: str, *, udp: bool) -> _Way | None:
    """None: not the way this camera sends by."""
    over_tcp = "RTP/AVP/TCP" in transport
    found = (_CLIENT_PORT if udp else _INTERLEAVED).search(transport)
    if found is None or over_tcp is udp or int(found[1]) > (65_534 if udp else 254):
        return None
    return _Way(udp, int(found[1]))


def _media_of(channel: Channel) -> list[str]:
    clip = channel.clip
    match channel.behaviour:
        case Behaviour.AUDIO_ONLY:
            return AUDIO
        case Behaviour.OTHER_CODEC:
            return UNREAD_VIDEO
        case _:
            return video(channel.camera.codec, clip.parameter_sets, clip.spec.frames_per_second)


@dataclass(slots=True)
class Session:
    name: str
    channel: Channel
    stream: Stream
    sender: Sender
    transport: str  # as the answer to SETUP names it
    datagrams: Datagrams | None = None
    playing: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    status: Status
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class Connection(asyncio.Protocol):
    def __init__(self, host: Host) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._reader = RequestReader()
        self._nonce = secrets.token_hex(16)
        self._waiting: deque[tuple[Request, Channel | None]] = deque()
        self._reply_timer: asyncio.TimerHandle | None = None
        self._session: Session | None = None
        self._transport: asyncio.Transport

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._host.connections[self._transport] = self

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.connections.pop(self._transport, None)
        if self._reply_timer is not None:
            self._reply_timer.cancel()
        if self._session is not None:
            self._leave(self._session)

    def _leave(self, session: Session) -> None:
        """FFmpeg closes right after its TEARDOWN: what came in before the end still counts."""
        if any(request.method == "TEARDOWN" for request, _ in self._waiting):
            session.channel.counts.sessions_torn_down += 1
            self._end_session()
        else:
            session.channel.counts.sessions_left_behind += 1
            self._end_session(lingering=True)

    def pause_writing(self) -> None:
        self._set_congested(True)

    def resume_writing(self) -> None:
        self._set_congested(False)

    def data_received(self, data: bytes) -> None:
        try:
            for request in self._reader.feed(data):
                self._take(request)
        except UnreadableRequestError:
            self._transport.write(response(Status.BAD_REQUEST))
            self._hang_up()

    # the fleet's side

    def behave(self, channel: Channel, now_s: float) -> None:
        """The camera began to behave otherwise: a running session of it goes along, or ends."""
        session = self._session
        if session is None or session.channel is not channel:
            return
        if channel.behaviour.drops_running_sessions:
            self.drop()
        elif session.playing:
            session.stream.play(channel.script(now_s, from_keyframe=True))

    def drop(self) -> None:
        self._drop_session()
        self._transport.abort()

    def _hang_up(self) -> None:
        self._drop_session()
        self._transport.close()

    def _drop_session(self) -> None:
        if self._session is not None:
            self._session.channel.counts.sessions_dropped += 1
            self._end_session()

    # requests

    def _take(self, request: Request) -> None:
        channel = self._host.channels.get(request.path) or self._host.only_channel
        if channel is not None:
            self._count(request, channel)
        if len(self._waiting) >= _TRACKED_REQUESTS:
            raise UnreadableRequestError(f"{_TRACKED_REQUESTS} requests before their answers")
        self._waiting.append((request, channel))
        if self._reply_timer is None:
            self._wait_to_reply()

    def _count(self, request: Request, channel: Channel) -> None:
        channel.counts.requests += 1
        authorization = request.headers.get("authorization")
        if authorization is not None:
            channel.counts.signed_requests += 1
            channel.counts.basic_requests += authorization.lower().startswith("basic")
            self._host.signed.append(
                SignedRequest(channel.camera.code, request.method, authorization)
            )

    def _wait_to_reply(self) -> None:
        _, channel = self._waiting[0]
        delay_s = channel.camera.reply_delay_s if channel is not None else 0.0
        self._reply_timer = self._loop.call_later(delay_s, self._reply)

    def _reply(self) -> None:
        self._reply_timer = None
        request, channel = self._waiting.popleft()
        behaviour = Behaviour.LIVE if channel is None else channel.behaviour
        match behaviour:
            case Behaviour.GARBAGE:
                self._transport.write(garbage(self._nonce))
            case Behaviour.HANGS_UP:
                self._hang_up()
            case Behaviour.HANGS_UP_ON_LOGIN if "authorization" in request.headers:
                self._hang_up()
            case Behaviour.SILENT:
                pass
            case _:
                self._answer(request, channel)
        if self._waiting and not self._transport.is_closing():
            self._wait_to_reply()

    def _answer(self, request: Request, channel: Channel | None) -> None:
        reply = self._decide(request, channel)
        cseq = request.headers.get("cseq", "0")
        self._transport.write(response(reply.status, cseq, reply.headers, reply.body))
        if request.method == "PLAY" and reply.status is Status.OK:
            self._start()

    def _decide(self, request: Request, channel: Channel | None) -> Reply:
        if request.method == "OPTIONS":
            return Reply(Status.OK, (("Public", _METHODS),))
        if channel is None or request.path != channel.path:
            return Reply(Status.NOT_FOUND)
        if not self._signed_well(request, channel):
            offer = channel.camera.auth_under(channel.behaviour)
            headers = tuple(("WWW-Authenticate", text) for text in challenges(offer, self._nonce))
            return Reply(Status.UNAUTHORIZED, headers)
        if channel.behaviour is Behaviour.NOT_FOUND:
            return Reply(Status.NOT_FOUND)
        return self._serve(request, channel)

    def _signed_well(self, request: Request, channel: Channel) -> bool:
        login = channel.camera.login_under(channel.behaviour)
        if login is None:
            return True
        authorization = request.headers.get("authorization", "")
        offer = channel.camera.auth_under(channel.behaviour)
        matches = accepts(offer, login, self._nonce, request.method, authorization)
        return matches and channel.behaviour is not Behaviour.REJECTS_LOGIN

    def _serve(self, request: Request, channel: Channel) -> Reply:
        match request.method:
            case "DESCRIBE":
                return self._describe(request, channel)
            case "SETUP":
                return self._set_up(request, channel)
            case "PLAY" | "TEARDOWN" | "GET_PARAMETER" | "SET_PARAMETER":
                return self._in_session(request, channel)
            case _:
                return Reply(Status.METHOD_NOT_ALLOWED, (("Allow", _METHODS),))

    def _describe(self, request: Request, channel: Channel) -> Reply:
        body = session_description(self._host.address[0], _media_of(channel))
        return Reply(Status.OK, (("Content-Base", f"{request.uri.rstrip('/')}/"),), body)

    def _set_up(self, request: Request, channel: Channel) -> Reply:
        way = _way_asked_for(request.headers.get("transport", ""), udp=channel.camera.udp)
        if way is None:
            return Reply(Status.UNSUPPORTED_TRANSPORT)
        session = self._session or self._open(channel, way)
        if session is None:
            channel.counts.sessions_refused += 1
            return Reply(Status.NOT_ENOUGH_BANDWIDTH)
        name = f"{session.name};timeout=60"
        return Reply(Status.OK, (("Transport", session.transport), ("Session", name)))

    def _open(self, channel: Channel, way: _Way) -> Session | None:
        if channel.behaviour is Behaviour.BUSY or not self._host.admit():
            return None
        first = 0 if way.udp else way.first
        sender = Sender(first, secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
        datagrams = self._datagrams(channel, way) if way.udp else None
        rate = channel.clip.spec.frames_per_second
        stream = Stream(
            datagrams or self._transport,
            sender,
            rate,
            channel.sent,
            self._hang_up,
            channel.resumes_at,
        )
        told = f"{way};ssrc={sender.ssrc:08X}"
        if datagrams is not None:
            told += ";server_port={}-{}".format(*datagrams.ports)
        self._session = Session(secrets.token_hex(8), channel, stream, sender, told, datagrams)
        channel.counts.sessions_opened += 1
        return self._session

    def _datagrams(self, channel: Channel, way: _Way) -> Datagrams:
        client = self._transport.get_extra_info("peername")[0]
        ports = (way.first, way.first + 1)
        return Datagrams(self._host.address[0], client, ports, channel.loss)

    def _in_session(self, request: Request, channel: Channel) -> Reply:
        said = request.headers.get("session", "").partition(";")[0].strip()
        keeps_alive = request.method in ("GET_PARAMETER", "SET_PARAMETER")
        if self._session is None or said != self._session.name:
            alive_without = keeps_alive and not said
            return Reply(Status.OK if alive_without else Status.SESSION_NOT_FOUND)
        header = ("Session", self._session.name)
        if request.method == "TEARDOWN":
            channel.counts.sessions_torn_down += 1
            self._end_session()
        if request.method != "PLAY" or self._session is None:
            return Reply(Status.OK, (header,))
        sender = self._session.sender
        track = f"{request.uri.rstrip('/')}/{CONTROL}"
        info = f"url={track};seq={sender.sequence};rtptime={sender.rtp_time & 0xFFFFFFFF}"
        return Reply(Status.OK, (header, ("Range", "npt=0.000-"), ("RTP-Info", info)))

    # the session

    def _start(self) -> None:
        session = self._session
        if session is not None and not session.playing:
            session.playing = True
            session.stream.play(
                session.channel.script(self._loop.time()), session.channel.camera.start_delay_s
            )

    def _end_session(self, *, lingering: bool = False) -> None:
        if self._session is not None:
            self._session.stream.stop()
            if self._session.datagrams is not None:
                self._session.datagrams.close()
            self._session = None
            self._host.release(lingering=lingering)

    def _set_congested(self, congested: bool) -> None:
        if self._session is not None:
            self._session.stream.congested = congested
