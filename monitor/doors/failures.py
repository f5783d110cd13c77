"""One seam between the failures of a protocol or of the system and the reasons of a feed."""

from __future__ import annotations

import errno
import socket
import ssl

from monitor.doors.tls import words_of
from monitor.rtsp.failures import ProbeError, ProbeFailure, Step, Where
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
        case ssl.SSLError():
            return ProbeFailure.TLS
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


def probe_error(error: OSError, where: Where) -> ProbeError:
    """OS errors become ProbeError here and nowhere else."""
    failure = failure_of_os_error(error)
    if failure is ProbeFailure.CLOSED and where.step is Step.TLS:
        failure = ProbeFailure.TLS  # it took the connection and refused what we asked of it
    return ProbeError(failure, f"{where.step}: {_said(error)}", where)


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return words_of(error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if not error.args:  # so uvloop says that it ended during the handshake
        return "the peer closed the connection"
    return (error.strerror or str(error) or type(error).__name__).lower()
