"""The decoder child: a job, a picture, an answer, again. It has no environment and no network."""

from __future__ import annotations

import os
import sys
import time
from typing import BinaryIO

# One thread per child: the pool is what runs in parallel. Libraries read this when imported.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import cv2

from monitor.picture import checks, decode, sandbox, wire
from monitor.picture.room import read_end
from monitor.picture.samples import SAMPLES
from monitor.picture.values import Expected


def main(parent: int, memory_bytes: int, cpu_s: int, room_fd: int) -> None:
    """Warm up, shut the doors, work until the pipe closes."""
    jobs, answers = _take_the_pipe()
    try:
        room = read_end(room_fd)
        sandbox.die_with_parent(parent)
        decode.silence()
        cv2.setNumThreads(1)
        warm_up()
        sandbox.limit(memory_bytes, cpu_s)
        unconfined = sandbox.confine()
    except Exception as error:  # noqa: BLE001 - child main border: the parent must hear why
        _send(answers, wire.pack_broken(f"{type(error).__name__}: {error}"))
        return
    _send(answers, wire.pack_ready(wire.Ready(unconfined)))
    while (job := _next_job(jobs, room)) is not None:
        _send(answers, _answer(job))


def _take_the_pipe() -> tuple[BinaryIO, BinaryIO]:
    """The pipe becomes ours alone: a library that prints cannot write into an answer."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return sys.stdin.buffer, answers


def warm_up() -> None:
    """Run everything once: what is loaded late could not be loaded any more."""
    for codec, keyframe in SAMPLES.items():
        for data in (keyframe, keyframe[: len(keyframe) // 2], b"\0\0\1"):
            _answer(wire.Job(0, codec, Expected(codec, 32, 32), True, data))


def judge(job: wire.Job) -> wire.Seen:
    started = time.perf_counter()
    frame = decode.decode_keyframe(job.codec, job.data)
    decoded, spent = time.perf_counter(), time.process_time()
    findings, luma = checks.judge(decode.picture_of(frame), job.codec, job.expected)
    checked = time.process_time()
    return wire.Seen(
        number=job.number,
        findings=findings,
        luma=luma,
        width=frame.width,
        height=frame.height,
        snapshot=decode.snapshot_of(frame) if job.want_snapshot else None,
        decode_s=decoded - started,
        checks_s=checked - spent,
    )


def _answer(job: wire.Job) -> bytes:
    try:
        return wire.pack_seen(judge(job))
    except decode.Undecodable as error:
        return wire.pack_refused(wire.Refused(job.number, str(error)))
    except Exception as error:  # noqa: BLE001 - child main border: a bad picture must not end it
        return wire.pack_refused(wire.Refused(job.number, f"{type(error).__name__}: {error}"))


def _next_job(jobs: BinaryIO, room: memoryview) -> wire.Job | None:
    header = jobs.read(wire.HEADER_BYTES)
    if len(header) < wire.HEADER_BYTES:
        return None
    text_bytes, blob_bytes = wire.sizes(header, wire.MAX_KEYFRAME_BYTES)
    return wire.read_job(jobs.read(text_bytes), bytes(room[:blob_bytes]))


def _send(answers: BinaryIO, message: bytes) -> None:
    rest = memoryview(message)
    while rest:
        rest = rest[answers.write(rest) :]
