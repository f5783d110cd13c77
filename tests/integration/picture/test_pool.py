"""Real children, real coded pictures: whatever a child suffers, the caller gets a report."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.picture import wire
from monitor.picture.child import Limits
from monitor.picture.pool import DecoderPool
from monitor.picture.values import PICTURE_REASONS, Expected, PictureMemory, PictureRequest
from registry.clock import SystemClock
from registry.look import Keyframe
from registry.vocabulary import Answer, Codec, Reason
from tests.unit.picture import scenes

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STREET = scenes.coded(Codec.H264, scenes.street())
CLOCK = SystemClock()


@pytest.fixture
async def pool() -> AsyncIterator[DecoderPool]:
    running = DecoderPool(workers=1, clock=CLOCK)
    await running.start()
    yield running
    await running.close()


def keyframe(data: bytes = STREET, vcl_hash: str = "a", gop: int = 0, **fields: Any) -> Keyframe:
    at_s = 2.0 * gop
    whole = Keyframe(
        codec=Codec.H264,
        data=data,
        vcl_hash=vcl_hash,
        rtp_time=int(at_s * 90_000),
        arrived_s=50 + at_s,
        gop=gop,
    )
    return replace(whole, **fields)


def request(*keyframes: Keyframe, **fields: Any) -> PictureRequest:
    usual = PictureRequest(
        codec=Codec.H264,
        keyframes=keyframes,
        memory=PictureMemory(),
        expected=Expected(),
        want_snapshot=False,
        now=NOON,
    )
    return replace(usual, **fields)


def soon(seconds: float = 10.0) -> float:
    return CLOCK.monotonic() + seconds


async def only_pid(pool: DecoderPool, other_than: int | None = None) -> int:
    """The pid of the one child, once there is one (again)."""
    await until(lambda: any(pid != other_than for pid in pool.pids()))
    return next(pid for pid in pool.pids() if pid != other_than)


async def until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110 - it happens in another process
        await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_report_answers_every_picture_reason(pool):
    report = await pool.judge(request(keyframe(), want_snapshot=True), soon())

    assert report.failure is None
    assert tuple(report.findings) == PICTURE_REASONS
    assert report.findings[Reason.BLACK].answer is Answer.OK
    assert report.findings[Reason.BLURRED].answer is Answer.NOT_CHECKABLE
    assert report.findings[Reason.BLURRED].why == "no check for this yet"
    assert (report.width, report.height) == scenes.SIZE
    assert report.snapshot is not None
    assert 0 < len(report.snapshot) <= wire.MAX_SNAPSHOT_BYTES
    assert report.decode_s > 0
    assert report.checks_s >= 0  # of a processor whose account may advance in steps of 10 ms


@pytest.mark.parametrize("codec", sorted(Codec))
async def test_each_codec_is_judged_in_a_confined_child(pool, codec):
    data = scenes.coded(codec, scenes.black())

    report = await pool.judge(request(keyframe(data, codec=codec), codec=codec), soon())

    assert report.failure is None
    assert report.findings[Reason.BLACK].answer is Answer.FOUND


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p10le", "yuv444p", "gray"])
async def test_unusual_pixel_formats_pass_the_confinement(pool, pixel_format):
    data = scenes.coded(Codec.H265, scenes.street(), pixel_format)
    usual = request(keyframe(data, codec=Codec.H265), codec=Codec.H265, want_snapshot=True)

    report = await pool.judge(usual, soon())

    assert report.failure is None
    assert report.snapshot is not None


async def test_a_big_picture_passes_the_confinement(pool):
    data = scenes.coded(Codec.H264, scenes.street((3840, 2160)))

    report = await pool.judge(request(keyframe(data), want_snapshot=True), soon())

    assert report.failure is None
    assert (report.width, report.height) == (3840, 2160)
    assert report.findings[Reason.TOO_DARK].answer is Answer.OK


async def test_memory_travels_from_look_to_look(pool):
    first = await pool.judge(request(keyframe()), soon())
    stored = PictureMemory.from_json(first.memory.to_json())

    later = NOON + timedelta(minutes=10)
    again = keyframe(rtp_time=77)
    second = await pool.judge(request(again, memory=stored, now=later), soon())

    assert first.findings[Reason.FROZEN].answer is Answer.NOT_CHECKABLE
    assert second.findings[Reason.FROZEN].answer is Answer.FOUND
    assert second.memory.changed_at == NOON
    assert second.memory.width == 640
    assert second.memory.luma is not None


async def test_two_keyframes_of_one_look_tell_frozen_from_moving(pool):
    frozen = await pool.judge(request(keyframe(gop=0), keyframe(gop=1)), soon())
    moving = await pool.judge(request(keyframe(gop=0), keyframe(vcl_hash="b", gop=1)), soon())

    assert frozen.findings[Reason.FROZEN].answer is Answer.FOUND
    assert moving.findings[Reason.FROZEN].answer is Answer.OK


async def test_a_close_repetition_is_reported_as_suspected(pool):
    first = await pool.judge(request(keyframe()), soon())

    later = NOON + timedelta(seconds=5)
    second = await pool.judge(request(keyframe(), memory=first.memory, now=later), soon())

    assert second.suspected == {Reason.FROZEN}
    assert second.findings[Reason.FROZEN].answer is Answer.NOT_CHECKABLE


async def test_a_live_dark_scene_is_not_frozen_although_its_pictures_look_equal(pool):
    night = scenes.coded(Codec.H264, scenes.black(sigma=0.0))
    pictures = request(keyframe(night, "a", 0), keyframe(night, "b", 1))

    report = await pool.judge(pictures, soon())

    assert report.findings[Reason.FROZEN].answer is Answer.OK


async def test_an_unexpected_size_is_a_wrong_profile(pool):
    report = await pool.judge(request(keyframe(), expected=Expected(None, 1920, 1080)), soon())

    finding = report.findings[Reason.WRONG_PROFILE]
    assert finding.answer is Answer.FOUND
    assert finding.why == "seen h264 640x360, expected any 1920x1080"


async def test_an_incomplete_keyframe_is_never_judged(pool):
    memory = PictureMemory(keyframe_hash="z")

    torn = request(keyframe(incomplete="packet 17 is missing"), memory=memory)
    report = await pool.judge(torn, soon())

    assert {f.answer for f in report.findings.values()} == {Answer.NOT_CHECKABLE}
    assert {f.why for f in report.findings.values()} == {"packet 17 is missing"}
    assert report.failure is None
    assert report.memory == memory


async def test_of_several_keyframes_the_whole_ones_are_judged(pool):
    torn = keyframe(b"torn", "torn", gop=1, incomplete="packet 17 is missing")

    report = await pool.judge(request(keyframe(gop=0), torn), soon())

    assert report.failure is None
    assert report.memory.keyframe_hash == "a"


async def test_a_keyframe_the_decoder_refuses_is_our_failure_and_no_finding(pool):
    memory = PictureMemory(keyframe_hash="z")

    report = await pool.judge(request(keyframe(b"\0\0\1garbage"), memory=memory), soon())

    assert report.failure is Reason.DECODER_FAILED
    assert report.detail
    assert {f.answer for f in report.findings.values()} == {Answer.NOT_CHECKABLE}
    assert report.memory == memory


async def test_a_huge_keyframe_is_refused_before_it_is_sent(pool):
    huge = keyframe(bytes(wire.MAX_KEYFRAME_BYTES + 1))

    report = await pool.judge(request(huge), soon())

    assert report.failure is Reason.DECODER_FAILED
    assert str(wire.MAX_KEYFRAME_BYTES) in (report.detail or "")


async def test_a_child_killed_in_mid_job_is_reported_and_replaced(pool):
    pid = await only_pid(pool)
    os.kill(pid, signal.SIGSTOP)
    judging = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    await until(lambda: pool.stats().busy == 1)

    os.kill(pid, signal.SIGKILL)
    lost = await judging
    again = await pool.judge(request(keyframe()), soon())

    assert lost.failure is Reason.DECODER_FAILED
    assert lost.detail == "decoder child died of SIGKILL"
    assert again.failure is None
    assert pool.stats().respawns == 1
    assert pool.stats().failures == 1


async def test_a_hanging_child_is_killed_at_the_deadline(pool):
    pid = await only_pid(pool)
    os.kill(pid, signal.SIGSTOP)

    hung = await pool.judge(request(keyframe()), soon(0.2))
    await only_pid(pool, other_than=pid)
    again = await pool.judge(request(keyframe()), soon())

    assert hung.failure is Reason.DECODER_FAILED
    assert is_gone(pid)
    assert again.failure is None


async def test_a_child_that_died_idle_costs_one_report_at_most(pool):
    pid = await only_pid(pool)
    os.kill(pid, signal.SIGKILL)

    await pool.judge(request(keyframe()), soon())
    again = await pool.judge(request(keyframe()), soon())

    assert again.failure is None


async def test_a_caller_who_leaves_does_not_disturb_the_next_one(pool):
    pid = await only_pid(pool)
    os.kill(pid, signal.SIGSTOP)
    leaving = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    queued = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    await until(lambda: pool.stats().busy == 1)

    leaving.cancel()
    queued.cancel()
    await asyncio.gather(leaving, queued, return_exceptions=True)
    os.kill(pid, signal.SIGCONT)
    black = scenes.coded(Codec.H264, scenes.black())
    report = await pool.judge(request(keyframe(black)), soon())

    assert report.findings[Reason.BLACK].answer is Answer.FOUND
    assert await only_pid(pool) == pid


async def test_closing_in_mid_job_ends_the_child_and_tells_who_waits():
    before = asyncio.all_tasks()
    pool = DecoderPool(workers=1, clock=CLOCK)
    await pool.start()
    pid = await only_pid(pool)
    os.kill(pid, signal.SIGSTOP)
    decoding = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    queued = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    await until(lambda: pool.stats().busy == 1 and pool.stats().queue == 1)

    await pool.close()
    reports = await asyncio.gather(decoding, queued)

    assert [each.failure for each in reports] == [Reason.DECODER_FAILED] * 2
    assert {each.detail for each in reports} == {"the decoder pool was closed"}
    assert is_gone(pid)
    assert asyncio.all_tasks() == before


async def test_a_deadline_that_has_passed_is_reported_at_once_and_costs_no_child(pool):
    pid = await only_pid(pool)

    late = await pool.judge(request(keyframe()), soon(-1))
    again = await pool.judge(request(keyframe()), soon())

    assert late.failure is Reason.DECODER_FAILED
    assert again.failure is None
    assert await only_pid(pool) == pid


async def test_the_queue_is_bounded_and_who_finds_it_full_waits_until_his_deadline():
    pool = DecoderPool(workers=1, clock=CLOCK, limits=Limits(queue=1))
    await pool.start()
    os.kill(await only_pid(pool), signal.SIGSTOP)
    running = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    await until(lambda: pool.stats().busy == 1)
    waiting = asyncio.create_task(pool.judge(request(keyframe()), soon()))
    await asyncio.sleep(0)

    turned_away = await pool.judge(request(keyframe()), soon(0.3))
    waited = pool.stats().queue
    await pool.close()

    assert turned_away.detail == "not decoded before the deadline"
    assert waited == 1
    assert (await running).detail == "the decoder pool was closed"
    assert (await waiting).detail == "the decoder pool was closed"


async def test_a_child_is_recycled_after_its_share():
    pool = DecoderPool(workers=1, clock=CLOCK, limits=Limits(recycle_after=2))
    await pool.start()
    first = await only_pid(pool)

    reports = [await pool.judge(request(keyframe()), soon()) for _ in range(3)]

    assert [report.failure for report in reports] == [None] * 3
    assert await only_pid(pool) != first
    assert is_gone(first)
    await pool.close()


async def test_memory_of_a_child_is_bounded():
    tight = Limits(memory_bytes=4 * 1024 * 1024)
    pool = DecoderPool(workers=1, clock=CLOCK, limits=tight)
    await pool.start()
    big = scenes.coded(Codec.H264, scenes.street((3840, 2160)))

    too_big = await pool.judge(request(keyframe(big)), soon())
    small = await pool.judge(request(keyframe()), soon())
    await pool.close()

    assert too_big.failure is Reason.DECODER_FAILED
    assert small.failure is None


async def test_cpu_time_of_a_child_is_bounded():
    pool = DecoderPool(workers=1, clock=CLOCK, limits=Limits(cpu_s=1))
    await pool.start()
    big = request(keyframe(scenes.coded(Codec.H264, scenes.street((3840, 2160)))))

    details = set()
    while pool.stats().respawns == 0:
        details.add((await pool.judge(big, soon())).detail)
    await pool.close()

    assert details <= {None, "decoder child died of SIGKILL", "decoder child died of SIGXCPU"}


async def test_closing_twice_or_unstarted_is_harmless():
    pool = DecoderPool(workers=1, clock=CLOCK)

    before = await pool.judge(request(keyframe()), soon())
    await pool.close()
    await pool.start()
    pid = await only_pid(pool)
    await pool.close()
    await pool.close()
    after = await pool.judge(request(keyframe()), soon())

    assert before.detail == after.detail == "the decoder pool is not running"
    assert is_gone(pid)


async def test_a_child_that_cannot_start_is_told_and_does_not_hold_up_the_start(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    pool = DecoderPool(workers=1, clock=CLOCK)

    await pool.start()
    report = await pool.judge(request(keyframe()), soon(0.05))
    await pool.close()

    assert report.failure is Reason.DECODER_FAILED
    assert pool.pids() == ()


HOSTILE = """
    import sys, time
    sys.path.append({root!r})
    from monitor.picture import wire
    from monitor.picture.values import Luma

    out = sys.stdout.buffer
    out.write(wire.pack_ready(wire.Ready(None)))
    out.flush()
    sys.stdin.buffer.read(wire.HEADER_BYTES)
    {answer}
    out.flush()
    time.sleep(60)
"""


@pytest.mark.parametrize(
    "answer",
    [
        "out.write(b'crp1' + bytes([255] * 8) + b'x' * 100_000)",
        "out.write(b'HTTP/1.1 200 OK' * 10)",
        "out.write(wire.pack_refused(wire.Refused(99, 'to another job')))",
        "out.write(wire.pack_seen(wire.Seen(1, {}, Luma(0, 0, 0), 1, 1, b'<script>', 0, 0)))",
        "sys.exit(0)",
    ],
)
async def test_a_child_that_was_taken_over_cannot_harm_the_parent(answer, tmp_path, monkeypatch):
    taken_over = tmp_path / "python"
    root = str(Path(__file__).parents[3])
    script = textwrap.dedent(HOSTILE.format(root=root, answer=answer))
    taken_over.write_text(f"#!{sys.executable} -I\n{script}")
    taken_over.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(taken_over))
    pool = DecoderPool(workers=1, clock=CLOCK)
    await pool.start()
    pid = await only_pid(pool)

    report = await pool.judge(request(keyframe()), soon())
    await pool.close()

    assert report.failure is Reason.DECODER_FAILED
    assert (report.detail or "").startswith("decoder child")
    assert is_gone(pid)


async def test_a_missing_sandbox_is_told_once(tmp_path, monkeypatch):
    bare = tmp_path / "python"
    told = "wire.pack_ready(wire.Ready('seccomp is not available'))"
    script = HOSTILE.replace("wire.pack_ready(wire.Ready(None))", told)
    script = textwrap.dedent(script.format(root=str(Path(__file__).parents[3]), answer=""))
    bare.write_text(f"#!{sys.executable} -I\n{script}")
    bare.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(bare))
    pool = DecoderPool(workers=2, clock=CLOCK)

    with capture_logs() as lines:
        await pool.start()
        await pool.close()

    assert [(line["log_level"], line["why"]) for line in lines] == [
        ("warning", "seccomp is not available")
    ]


async def test_what_a_decoder_says_about_a_stream_reaches_nobody(pool, capfd):
    damaged = STREET[: len(STREET) // 2]

    report = await pool.judge(request(keyframe(damaged)), soon())

    assert report.failure is Reason.DECODER_FAILED
    assert capfd.readouterr() == ("", "")


async def test_a_child_has_no_environment_and_a_filter(pool):
    process = Path("/proc") / str(await only_pid(pool))

    environment, status = await asyncio.to_thread(
        lambda: ((process / "environ").read_bytes(), (process / "status").read_text())
    )

    assert environment == b""
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "Threads:\t1" in status


PARENT = """
    import asyncio, sys
    from monitor.picture.pool import DecoderPool
    from registry.clock import SystemClock

    async def main():
        pool = DecoderPool(workers=2, clock=SystemClock())
        await pool.start()
        print(*pool.pids(), flush=True)
        await asyncio.sleep(60)

    {run}
"""


@pytest.mark.parametrize(
    "run", ["asyncio.run(main())", "import uvloop; uvloop.run(main())"], ids=["asyncio", "uvloop"]
)
async def test_children_die_with_a_killed_parent(run, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT).format(run=run))
    root = Path(__file__).parents[3]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, script, env={"PYTHONPATH": str(root)}, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)  # busy, as far as the parent can tell: it reads no pipe

    parent.kill()
    await parent.wait()
    async with asyncio.timeout(5):
        await until(lambda: all(is_gone(pid) or _is_zombie(pid) for pid in pids))

    assert len(pids) == 2


def _is_zombie(pid: int) -> bool:
    """Dead, and waiting for whoever adopts orphans on this machine."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True
