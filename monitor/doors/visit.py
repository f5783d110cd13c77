"""One look in progress: events to the client machine, its actions to the wire, and out again.

Decides nothing of its own: what is said is the machine's, what is seen the watch's.
"""

from __future__ import annotations

import asyncio
from typing import assert_never

from monitor.doors.attention import Attention
from monitor.doors.beginning import first_state
from monitor.doors.datagrams import Datagrams
from monitor.doors.failures import probe_error
from monitor.doors.gate import Place, Turn
from monitor.doors.line import Line
from monitor.doors.listening import hear, receiver_for, transport_of
from monitor.doors.pulse import Pulse
from monitor.doors.report import Account
from monitor.doors.tools import Tools
from monitor.doors.underway import STAGES, stage_of
from monitor.doors.watch import Aside, Times, Watch
from monitor.media.reception import Reception
from monitor.rtsp import client, keepalive
from monitor.rtsp.failures import ProbeError, ProbeFailure, Step, Where
from monitor.rtsp.headers import DEFAULT_TIMEOUT_S
from monitor.rtsp.messages import Response, write_request, write_response
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.stale import lingers_s
from monitor.rtsp.state import (
    Action,
    Break,
    Ended,
    Event,
    Gone,
    KeepAlive,
    Listen,
    Opened,
    Reconnect,
    Reply,
    Send,
    State,
    Stop,
    Streaming,
)
from monitor.rtsp.url import Url
from registry.targets import Target
from registry.vocabulary import Stage, TransportPolicy


class Visit:
    """One look in progress: moves events to the client machine and its actions to the wire.

    What a camera says is answered right where it arrives; the task goes on only with what has to
    wait, with failures and with the end.
    """

    def __init__(
        self, tools: Tools, target: Target, account: Account, deadline: float, keyframes: int
    ) -> None:
        self._tools = tools
        self._clock = tools.clock
        self._target = target
        self._account = account
        self._deadline = deadline
        self._keyframes = keyframes
        self._state: State | None = None
        self._line: Line | None = None
        self._home: tuple[str, ...] = ()  # the addresses of its first connection
        self._datagrams: Datagrams | None = None
        self._attention: Attention | None = None
        self._aside = Aside()
        self._left: list[Action] = []  # what only the task can do, and what follows it
        self._watch: Watch | None = None  # once there is a stream
        self._pulse: Pulse | None = None
        self._gone = False
        self._turn = Turn(tools.gate, tools.clock)
        self._reply_s = max(tools.limits.reply_s, target.start_limit_s or 0.0)
        self._reply_by = 0.0
        self._sent_at = 0.0
        self._round_trip_s = 0.0

    def stage(self) -> Stage | None:
        """What it waits for in this moment."""
        return stage_of(self._line, self._state, self._watch, self._account)

    async def conduct(self) -> None:
        """Raises ProbeError, and cancellation after the camera was left."""
        try:
            account = self._account
            await self._converse(first_state(self._target, account, self._tools.ways))
            await self._stream()
        finally:
            try:
                await self._leave()
            finally:
                self._settle()

    # --- conversation ---

    async def _converse(self, state: State) -> None:
        self._state = state
        await self._open(state.url)
        while self._watch is None:
            if self._left:
                await self._carry_out(self._left[0])
                del self._left[0]
            elif not self._advance():
                await self._more()

    def _advance(self) -> bool:
        """Answer what has arrived, in the very call that brings it. True: the task must go on."""
        line = self._wire_line()
        while not self._left and self._watch is None and (message := line.message()) is not None:
            self._step(message)
        if self._watch is None:
            return bool(self._left)
        return self._watch.has_news()  # with what came right behind the answer to PLAY

    async def _open(self, url: Url) -> None:
        await self._connect(url)
        if url.scheme == "rtsps":
            await self._secure(url)
        client_ports = (0, 0)
        if self._known_state().over_udp:
            client_ports = await self._open_datagrams(Where(url.authority, Step.SETUP))
        self._wire_line().on_read = self._advance
        self._step(Opened(client_ports))

    async def _secure(self, url: Url) -> None:
        account, tools = self._account, self._tools
        until = min(self._clock.monotonic() + tools.limits.tls_s, self._deadline)
        policy = self._target.tls_policy
        secured = await tools.dialer.secure(self._wire_line(), url, policy, until)
        account.took(Stage.TLS, secured.took_s)
        account.certificate_expires_at = secured.expires_at
        if secured.is_old:
            account.quirks.add(Quirk.OLD_TLS)

    async def _open_datagrams(self, where: Where) -> tuple[int, int]:
        every_s = self._tools.limits.report_every_s
        try:
            made = self._datagrams = await Datagrams.opened(self._wire_line(), self._aside, every_s)
        except OSError as error:
            raise probe_error(error, where) from error
        return made.ports

    async def _connect(self, url: Url) -> None:
        account, limits = self._account, self._tools.limits
        now = self._clock.monotonic()
        until = min(now + limits.connect_s, self._deadline)
        account.log(now, f"connect {url.authority}")
        hosts, home = self._login_hosts(), self._home
        dialed = await self._tools.dialer.dial(url, hosts, until, self._stray, home)
        self._home = home or dialed.addresses
        if dialed.dns_s is not None:
            account.took(Stage.DNS, dialed.dns_s)
        account.took(Stage.CONNECT, dialed.connect_s)
        self._line, self._round_trip_s = dialed.line, dialed.round_trip_s

    def _login_hosts(self) -> tuple[str, ...]:
        """Where the login that goes along is bound to; a redirect may have left it behind."""
        login, state = self._target.login, self._known_state()
        left_behind = state.credentials is None and state.redirects > 0
        return () if login is None or left_behind else login.hosts

    def _stray(self, _channel: int, _packet: memoryview) -> None:
        """Media nobody asked for yet: another session writes into ours (Q93, Q113)."""
        self._account.quirks.add(Quirk.DATA_BEFORE_PLAY)

    async def _more(self) -> None:
        """Wait for more of the conversation, each answer within its time. Raises ProbeError."""
        line, until = self._wire_line(), self._answered_by()
        if line.error is not None:
            raise line.error
        if line.ended:
            self._step(Ended())
        elif not (await line.wait(until) or self._watch or self._left):
            if self._answered_by() > until:
                return  # that of a later request, which was sent meanwhile
            step = self._known_state().step
            waited = f"no answer to {step} within {self._reply_s:g} s"
            if until == self._deadline:
                waited = f"the look's time was over while waiting for the answer to {step}"
            raise ProbeError(ProbeFailure.TIMEOUT, waited, Where(line.wire.peer, step))

    def _answered_by(self) -> float:
        return min(self._reply_by, self._deadline)

    def _step(self, event: Event) -> None:
        state = self._known_state()
        if isinstance(event, Response):
            self._heard(event, state)
        actions = client.step(state, event)
        if (verdict := state.login_verdict) is not None:
            self._turn.end(verdict)
        for action in actions:
            if self._left or not self._act(action):
                self._left.append(action)

    def _heard(self, answer: Response, state: State) -> None:
        now = self._clock.monotonic()
        self._account.log(now, (answer.status, answer.reason))
        if (stage := STAGES.get(state.step)) is not None:
            self._account.took(stage, now - self._sent_at)

    def _act(self, action: Action) -> bool:
        """False: the task must do it."""
        match action:
            case Send():
                if action.signed and not self._may_sign():
                    return False
                self._send(action)
            case Reply(response):
                self._wire_line().send(write_response(response))
            case Listen():
                self._listen(action)
            case Streaming():
                self._begin_stream()
            case Gone():
                self._gone = True
            case Reconnect() | Break():
                return False
            case _:
                assert_never(action)
        return True

    async def _carry_out(self, action: Action) -> None:
        match action:
            case Break(error):
                raise error
            case Reconnect(url, pause_s):
                await self._leave()
                self._gone = False
                if pause_s:
                    await self._clock.sleep(pause_s)
                await self._open(url)
            case Send(signed=True):
                state = self._known_state()
                where = Where(state.url.authority, state.step)
                await self._turn.take(*self._turn_wanted(), where)
                self._send(action)
            case _:
                self._act(action)

    def _send(self, action: Send) -> None:
        line, account = self._wire_line(), self._account
        self._sent_at = now = self._clock.monotonic()
        account.log(now, (action.request.method, action.signed))
        account.signed_attempt |= action.signed
        self._reply_by = now + self._reply_s
        if account.first_sent is None:
            account.first_sent = now
        if action.step is Step.PLAY:
            account.play_sent = now
        line.send(write_request(action.request))

    def _may_sign(self) -> bool:
        return self._turn.was_taken or self._turn.take_now(*self._turn_wanted())

    def _turn_wanted(self) -> tuple[Place, float]:
        """The turn must leave time for the answer: a login sent at the deadline is for nothing."""
        state, login = self._known_state(), self._target.login
        fingerprint = login.fingerprint if login is not None else ""
        latest = self._deadline - self._tools.limits.reply_s
        return (state.url.host, state.url.port, fingerprint), latest

    # --- stream ---

    def _listen(self, action: Listen) -> None:
        """From now on media counts, even before PLAY is answered (Q91)."""
        line, account = self._wire_line(), self._account
        self._attention = attention = Attention(self._tools.breath)
        receiver = receiver_for(action, account, attention, self._round_trip_s, self._keyframes)
        account.receiver, account.encoding = receiver, action.track.encoding
        in_tls = self._known_state().url.scheme == "rtsps"
        account.transport = transport_of(action, in_tls=in_tls)
        line.wire.channels = frozenset((action.rtp_channel, action.rtcp_channel))
        line.wire.on_rtp = hear(line, receiver, action, self._aside)
        if self._datagrams is not None and action.server_ports is not None:
            told = Reception(receiver)
            self._datagrams.listen(
                action.server_ports, lambda ours: told.report(ours, self._clock.monotonic())
            )

    def _begin_stream(self) -> None:
        """PLAY was answered: from now on every read is watched."""
        account, line, receiver = self._account, self._wire_line(), self._account.receiver
        if receiver is None or self._attention is None:
            raise LookupError("nothing listens yet: PLAY comes after SETUP")
        now = self._clock.monotonic()
        self._watch = Watch(
            line,
            receiver,
            self._attention,
            Times.of(self._target, self._tools.limits, account.started, now, self._deadline),
            account.depth,
            keyframes=self._keyframes,
            aside=self._aside,
            drain=self._drain,
        )
        session = self._known_state().session
        timeout_s = session.timeout_s if session is not None else DEFAULT_TIMEOUT_S
        every_s = keepalive.interval_s(timeout_s)
        if now + every_s < self._deadline:  # or the look is over before the first beat
            self._pulse = Pulse(every_s, lambda: self._do(KeepAlive()))

    async def _stream(self) -> None:
        watch, account = self._watch, self._account
        if watch is None:
            raise LookupError("no stream yet: the conversation comes first")
        await watch.run()
        account.detail = watch.detail
        if watch.no_random_access:
            account.quirks.add(Quirk.NO_RANDOM_ACCESS_POINT)

    # --- leaving ---

    async def _leave(self) -> None:
        """TEARDOWN, awaited and bounded, whatever happened (Q111, Q115); told again to go, it
        stays its time.
        """
        line, state = self._line, self._state
        if self._attention is not None:
            self._attention.stop()
        if self._pulse is not None:
            self._pulse.stop()
        self._pulse = self._watch = None  # both know this visit: no circle is left behind
        if line is None or state is None:
            return
        until = self._clock.monotonic() + self._tools.limits.teardown_s
        cancelled: asyncio.CancelledError | None = None
        self._do(Stop())
        line.on_read = None
        self._drain()  # an answer may be here that nobody took: its session must be closed too
        while not self._gone and not line.ended:
            try:
                if not await line.wait(until):
                    break
            except asyncio.CancelledError as again:
                cancelled = again
            self._drain()
        if not self._gone and not line.ended:
            self._account.quirks.add(Quirk.TEARDOWN_UNANSWERED)
        self._drop_line()
        if cancelled is not None:
            raise cancelled

    def _do(self, event: Event) -> None:
        """A step during the stream or of leaving: nothing in it waits, and nothing fails."""
        line, state = self._line, self._state
        if state is None or line is None:
            return
        if isinstance(event, Response):
            self._heard(event, state)
        for action in client.step(state, event):
            if isinstance(action, Send):
                self._account.log(self._clock.monotonic(), (action.request.method, action.signed))
                line.send(write_request(action.request))
            elif isinstance(action, Reply):
                line.send(write_response(action.response))
            elif isinstance(action, Gone):
                self._gone = True

    def _drain(self) -> None:
        while self._line is not None and (message := self._line.message()) is not None:
            self._do(message)

    def _drop_line(self) -> None:
        """Once is enough: what it brought counts once."""
        account = self._account
        line, self._line = self._line, None
        if self._datagrams is not None:
            account.dropped_here += self._datagrams.dropped
            self._datagrams.close()
            self._datagrams = None
        if line is None:
            return
        line.abort()
        account.bytes_received += line.bytes_received
        if line.wire.resyncs:
            account.quirks.add(Quirk.GARBAGE_SKIPPED)

    def _settle(self) -> None:
        self._turn.end(None)
        self._drop_line()
        receiver = self._account.receiver
        if receiver is not None and self._target.transport is TransportPolicy.AUTO:
            over_udp = self._account.transport == "udp" and receiver.rtp.packets > 0
            self._tools.ways.over_udp.learn(self._target.key, holds=over_udp)
        state, account = self._state, self._account
        if state is not None:
            self._tools.ways.login_judged(self._target.key, state)
            account.quirks |= state.quirks
            account.server = state.server
            timeout_s = state.session.timeout_s if state.session else DEFAULT_TIMEOUT_S
            account.lingers_s = lingers_s(account.quirks, timeout_s)

    def _known_state(self) -> State:
        if self._state is None:
            raise LookupError("no conversation yet: connect comes first")
        return self._state

    def _wire_line(self) -> Line:
        if self._line is None:
            raise LookupError("no connection yet: connect comes first")
        return self._line
