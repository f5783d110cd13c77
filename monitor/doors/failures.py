"""One seam between the failures of a protocol or of the system and the reasons of a feed."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.rtsp.failures import ProbeError, ProbeFailure, Where
from registry.vocabulary import Reason

_OURS = frozenset(
    {
        *(errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM),
        *(errno.EADDRINUSE, errno.EADDRNOTAVAIL),
    }
)


def reason_of(failure: ProbeFailure) -> Reason:
    return Reason(failure.value)


def failure_of_os_error(error: OSError) -> ProbeFailure:
    match error:
        case socket.gaierror():
            return ProbeFailure.DNS
        case ConnectionRefusedError():
            return ProbeFailure.REFUSED
        case TimeoutError():
            return ProbeFailure.TIMEOUT
        case ConnectionError():
            return ProbeFailure.CLOSED
        case _:
            pass
    if error.errno in _OURS:
        return ProbeFailure.INTERNAL  # this machine ran out of something: not the camera's fault
    if error.errno in (errno.EACCES, errno.EPERM):
        return ProbeFailure.NOT_ALLOWED  # a local firewall
    return ProbeFailure.UNREACHABLE


@contextmanager
def os_errors_mapped(where: Where) -> Iterator[None]:
    """OS errors become ProbeError here and nowhere else."""
    try:
        yield
    except OSError as error:
        failure = failure_of_os_error(error)
        said = "no answer in time" if failure is ProbeFailure.TIMEOUT else error.strerror
        said = said or type(error).__name__
        raise ProbeError(failure, f"{where.step}: {said.lower()}", where) from error
