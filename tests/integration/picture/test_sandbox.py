"""What a confined decoder child can no longer do, tried from inside one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CONFINED = """
    import ctypes, mmap, os, socket, sys
    sys.path.append({root!r})
    from monitor.picture import sandbox

    sandbox.limit(256 * 1024 * 1024, 30)
    missing = sandbox.confine()
    assert missing is None, missing
    try:
        {attempt}
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
    else:
        print("done")
"""


def tried(attempt: str) -> str:
    """What a confined process says after trying."""
    script = textwrap.dedent(CONFINED).format(root=str(ROOT), attempt=attempt)
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env={}, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket(socket.AF_INET)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "open('/etc/passwd')",
        "os.open('/tmp/camreach-escape', os.O_CREAT | os.O_WRONLY)",
        "os.listdir('/')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.pipe()",
        "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    ],
)
def test_everything_but_computing_is_refused(attempt):
    assert tried(attempt) == "PermissionError"


def test_memory_beyond_the_bound_is_refused():
    assert tried("bytearray(512 * 1024 * 1024)") == "MemoryError"


def test_computing_within_the_bound_works():
    assert tried("bytearray(64 * 1024 * 1024)") == "done"


def test_a_filter_that_cannot_be_set_is_told(monkeypatch):
    script = f"""
        import platform, sys
        sys.path.append({str(ROOT)!r})
        platform.machine = lambda: "mips"
        from monitor.picture import sandbox
        print(sandbox.confine())
    """
    command = [sys.executable, "-I", "-c", textwrap.dedent(script)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)

    assert done.stdout.strip() == "no seccomp filter for machine 'mips'"
