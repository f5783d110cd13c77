"""What other processes of this machine use, by /proc. It starts and ends none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_UTIME, _STIME = 11, 12  # counted from the state, the first field after the name


def cpu_seconds(*pids: int) -> float:
    """User and system time so far; a process that has ended counts nothing."""
    return sum(map(_cpu_s, pids))


def exact_cpu_seconds(*pids: int) -> float:
    """The same by the scheduler's own account, which counts nanoseconds."""
    tasks = (task for pid in pids for task in (_PROC / str(pid) / "task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory_bytes(pid: int) -> int:
    """Resident set."""
    return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE_BYTES


def children(pid: int) -> tuple[int, ...]:
    tasks = (_PROC / str(pid) / "task").iterdir()
    return tuple(int(child) for task in tasks for child in (task / "children").read_text().split())


def is_gone(pids: Iterable[int]) -> bool:
    return not any((_PROC / str(pid)).exists() for pid in pids)


def _cpu_s(pid: int) -> float:
    try:
        line = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = line.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) * _TICK_S
