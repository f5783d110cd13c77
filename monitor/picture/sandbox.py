"""What a warm decoder child may still do: compute and use its pipe. It knows no pictures."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1  # all threads at once, also those a library started
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | 1  # the call fails with EPERM
_PROT_EXEC = 4

# BPF (linux/bpf_common.h): load a word of the call's description, compare, return.
_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_THIRD_ARGUMENT = 0, 4, 32

_MACHINES = ("x86_64", "aarch64")
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_SECCOMP_CALL = (317, 277)
# Allowed, but never to make memory executable.
_MAPPING = {"mmap": (9, 222), "mprotect": (10, 226)}
# Numbers per machine, in the order of _MACHINES.
_ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "times": (100, 153),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
    "rseq": (334, 293),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def die_with_parent(parent: int) -> None:
    """Killed when the parent dies, even by SIGKILL; it may be gone already.

    The kernel takes the thread that started us for the parent: the event loop's, which lasts.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit(memory_bytes: int, cpu_s: int) -> None:
    """From here on: `memory_bytes` beyond what is mapped now, no cores, files or processes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(nothing, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def confine() -> str | None:
    """Refuse every call that decoding does not need. Returns why it could not, if so."""
    machine = platform.machine()
    if machine not in _MACHINES:
        return f"no seccomp filter for machine {machine!r}"
    column = _MACHINES.index(machine)
    code = _filter(column)
    program = _Program(len(code) // 8, code)
    try:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _seccomp(_SECCOMP_CALL[column], program)
    except OSError as error:
        return f"seccomp is not available: {error.strerror}"
    return None


def _filter(column: int) -> bytes:
    """An allow-list as BPF: the right architecture, then the few calls, else EPERM."""
    mapping = [numbers[column] for numbers in _MAPPING.values()]
    tests = mapping + [numbers[column] for numbers in _ALLOWED.values()]
    argument_check = 1 + len(tests)  # counted, like all jumps, from the first test
    allow = argument_check + 2
    rules = [_op(_LOAD, _AT_ARCH), _op(_JUMP_EQUAL, _AUDIT_ARCH[column], 1, 0)]
    rules += [_op(_RETURN, _REFUSE), _op(_LOAD, _AT_NUMBER)]
    for index, number in enumerate(tests):
        target = argument_check if number in mapping else allow
        rules.append(_op(_JUMP_EQUAL, number, target - index - 1, 0))
    rules += [_op(_RETURN, _REFUSE), _op(_LOAD, _AT_THIRD_ARGUMENT)]
    rules += [_op(_JUMP_ANY_BIT, _PROT_EXEC, 1, 0), _op(_RETURN, _ALLOW), _op(_RETURN, _REFUSE)]
    return b"".join(rules)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _seccomp(number: int, program: _Program) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    call = libc.syscall
    call.restype = ctypes.c_long
    refused = call(
        ctypes.c_long(number),
        ctypes.c_ulong(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(program),
    )
    if refused != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
