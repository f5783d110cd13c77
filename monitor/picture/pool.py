"""The decoder pool: jobs in, reports out, children replaced as they fail. It touches no pixel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

import structlog

from monitor.picture import wire
from monitor.picture.child import ChildLost, DecoderChild, Limits
from monitor.picture.repetition import Repetition, judge_repetition
from monitor.picture.values import (
    PICTURE_REASONS,
    PictureReport,
    PictureRequest,
    not_checkable,
)
from registry.clock import Clock
from registry.look import NO_CHECK_YET, Finding, Keyframe
from registry.vocabulary import Answer, Reason

_RESTART_PAUSES_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_NO_CHECK_YET = Finding(Answer.NOT_CHECKABLE, NO_CHECK_YET)

_Answer = asyncio.Future[wire.Seen | wire.Refused]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DecoderStats:
    jobs: int
    failures: int
    respawns: int
    busy: int
    queue: int


@dataclass(slots=True)
class _Waiting:
    """A job and the caller who waits for it; a caller who has gone away has a finished `answer`."""

    job: wire.Job
    deadline: float
    answer: _Answer


class DecoderPool:
    """A few long-lived children, one keyframe at a time each."""

    def __init__(self, *, workers: int = 2, clock: Clock, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._workers = workers
        self._clock = clock
        self._limits = limits
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(limits.queue)
        self._numbers = count(1)
        self._runner: asyncio.Task[None] | None = None
        self._children: dict[int, DecoderChild] = {}
        self._tried: set[int] = set()
        self._settled = asyncio.Event()
        self._unconfined: str | None = None
        self._jobs = self._failures = self._respawns = self._busy = 0

    async def start(self) -> None:
        """Returns when each child is warm or failed once; failed ones are tried again later."""
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="decoder-pool")
        waiting = asyncio.ensure_future(self._settled.wait())
        await asyncio.wait((waiting, self._runner), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def close(self) -> None:
        """Kills the children. Those who still wait are told so."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.cancel()
            (ended,) = await asyncio.gather(runner, return_exceptions=True)
            if not isinstance(ended, asyncio.CancelledError):
                _log.error("decoder pool had ended by itself", why=repr(ended))
        while not self._queue.empty():
            _settle(self._queue.get_nowait(), "the decoder pool was closed")

    def stats(self) -> DecoderStats:
        return DecoderStats(
            jobs=self._jobs,
            failures=self._failures,
            respawns=self._respawns,
            busy=self._busy,
            queue=self._queue.qsize(),
        )

    def pids(self) -> tuple[int, ...]:
        """The children that are warm, for a doctor."""
        return tuple(child.pid for child in self._children.values())

    async def judge(self, request: PictureRequest, deadline: float) -> PictureReport:
        """What the keyframes of one look show. Raises nothing but cancellation.

        `deadline` is a moment of the monotonic clock.
        """
        whole = [keyframe for keyframe in request.keyframes if keyframe.incomplete is None]
        if not whole:
            return _nothing_to_judge(request)
        self._jobs += 1
        answer = await self._see(request, whole[-1], deadline)
        if isinstance(answer, wire.Refused):
            self._failures += 1
            return _not_decoded(request, answer.detail)
        interval_s = request.keyframe_interval_s
        return _report(answer, judge_repetition(whole, request.memory, request.now, interval_s))

    async def _see(
        self, request: PictureRequest, keyframe: Keyframe, deadline: float
    ) -> wire.Seen | wire.Refused:
        number = next(self._numbers)
        if self._runner is None or self._runner.done():
            return wire.Refused(number, "the decoder pool is not running")
        if len(keyframe.data) > wire.MAX_KEYFRAME_BYTES:
            seen = f"keyframe of {len(keyframe.data)} bytes"
            return wire.Refused(number, f"{seen}, expected at most {wire.MAX_KEYFRAME_BYTES}")
        job = wire.Job(
            number, request.codec, request.expected, request.want_snapshot, keyframe.data
        )
        answer: _Answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(deadline - self._clock.monotonic()):
                await self._queue.put(_Waiting(job, deadline, answer))
                return await answer
        except TimeoutError:
            return wire.Refused(number, "not decoded before the deadline")

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for slot in range(self._workers):
                group.create_task(self._keep(slot), name=f"decoder-{slot}")

    async def _keep(self, slot: int) -> None:
        """One slot of the pool: a child, its work, the next child."""
        failed = 0
        while True:
            await self._clock.sleep(_RESTART_PAUSES_S[min(failed, len(_RESTART_PAUSES_S) - 1)])
            try:
                child = await DecoderChild.start(self._limits)
            except ChildLost as error:
                failed += 1
                _log.error("decoder child did not start", why=str(error), failed=failed)
                self._tell_settled(slot)
                continue
            failed = 0
            try:
                self._welcome(slot, child)
                await self._work(child)
            finally:
                del self._children[slot]
                await child.kill()
            self._respawns += 1

    def _welcome(self, slot: int, child: DecoderChild) -> None:
        self._children[slot] = child
        if child.unconfined is not None and child.unconfined != self._unconfined:
            self._unconfined = child.unconfined
            _log.warning("decoder children run without their sandbox", why=child.unconfined)
        self._tell_settled(slot)

    def _tell_settled(self, slot: int) -> None:
        self._tried.add(slot)
        if len(self._tried) == self._workers:
            self._settled.set()

    async def _work(self, child: DecoderChild) -> None:
        """Until the child is lost or has done its share."""
        while child.jobs < self._limits.recycle_after:
            waiting = await self._queue.get()
            if waiting.answer.done() or waiting.deadline <= self._clock.monotonic():
                _settle(waiting, "not decoded before the deadline")
                continue
            self._busy += 1
            try:
                answered = await self._ask(child, waiting)
            finally:
                self._busy -= 1
            if not answered:
                return

    async def _ask(self, child: DecoderChild, waiting: _Waiting) -> bool:
        """False when the child is lost. A caller who leaves changes nothing: the answer is read."""
        why = "the decoder pool was closed"
        try:
            async with asyncio.timeout(waiting.deadline - self._clock.monotonic()):
                answer = await child.ask(waiting.job)
        except ChildLost as error:
            why = str(error)
        except TimeoutError:
            why = "decoder child did not answer before the deadline"
        else:
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
            return True
        finally:
            _settle(waiting, why)
        _log.warning("decoder child lost", why=why)
        return False


def _settle(waiting: _Waiting, why: str) -> None:
    """Whoever still waits is told why there is no answer."""
    if not waiting.answer.done():
        waiting.answer.set_result(wire.Refused(waiting.job.number, why))


def _nothing_to_judge(request: PictureRequest) -> PictureReport:
    """An incomplete picture is never judged; it says nothing against the feed either."""
    why = next((k.incomplete for k in request.keyframes if k.incomplete), "no keyframe came")
    return PictureReport(findings=not_checkable(why), memory=request.memory)


def _not_decoded(request: PictureRequest, detail: str) -> PictureReport:
    return PictureReport(
        findings=not_checkable("the keyframe was not decoded"),
        memory=request.memory,
        failure=Reason.DECODER_FAILED,
        detail=detail,
    )


def _report(seen: wire.Seen, repetition: Repetition) -> PictureReport:
    memory = replace(repetition.memory, width=seen.width, height=seen.height, luma=seen.luma)
    return PictureReport(
        findings=_in_order({**seen.findings, Reason.FROZEN: repetition.finding}),
        memory=memory,
        suspected=frozenset({Reason.FROZEN}) if repetition.suspected else frozenset(),
        width=seen.width,
        height=seen.height,
        snapshot=seen.snapshot,
        decode_s=seen.decode_s,
        checks_s=seen.checks_s,
    )


def _in_order(findings: Mapping[Reason, Finding]) -> Mapping[Reason, Finding]:
    return {reason: findings.get(reason, _NO_CHECK_YET) for reason in PICTURE_REASONS}
