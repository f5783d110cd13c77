"""From a target to the first state of its conversation; what cannot be begun is refused here.

Opens nothing.
"""

from __future__ import annotations

import os

from monitor.doors.report import Account
from monitor.doors.ways import Ways
from monitor.media.video import SUPPORTED
from monitor.rtsp.auth import Credentials
from monitor.rtsp.client import UDP_BESIDE_TLS
from monitor.rtsp.failures import Malformed, ProbeError, ProbeFailure, Where
from monitor.rtsp.state import State
from monitor.rtsp.url import NO_SECRETS, Secrets, Url, parse_url
from registry.targets import Login, Target
from registry.vocabulary import TransportPolicy


def first_state(target: Target, account: Account, ways: Ways) -> State:
    """Raises ProbeError. The account learns the secrets first: they must not come out of it."""
    account.secrets = _secrets_of(target.login)
    filled = account.secrets.fill(target.url)
    account.told = filled != target.url
    url = _url(filled)
    login, credentials = target.login, None
    if login is not None and (login.username or login.password):
        credentials = Credentials(login.username, login.password, login.allow_basic)
        account.told |= login.allow_basic
    return State(
        url,
        credentials,
        os.urandom(8).hex(),
        SUPPORTED,
        over_udp=_over_udp(target, url, ways),
        may_switch=target.transport is TransportPolicy.AUTO,
        prefers_md5=target.key in ways.md5,
        sha256_works=target.key in ways.sha256,
    )


def _secrets_of(login: Login | None) -> Secrets:
    if login is None:
        return NO_SECRETS
    return Secrets(login.username, login.password, login.secrets)


def _url(filled: str) -> Url:
    try:
        url, user_info = parse_url(filled)
    except Malformed as error:
        raise _unsupported(str(error)) from error
    if url.scheme not in ("rtsp", "rtsps"):
        raise _unsupported(f"{url.scheme} is not supported, expected rtsp or rtsps")
    if user_info is not None:
        raise _unsupported("the URL carries a login, expected it in the credential")
    return url


def _over_udp(target: Target, url: Url, ways: Ways) -> bool:
    in_tls = url.scheme == "rtsps"
    match target.transport:
        case TransportPolicy.AUTO:
            return not in_tls and target.key in ways.over_udp
        case TransportPolicy.TCP:
            return False
        case TransportPolicy.UDP if in_tls:
            raise _unsupported(UDP_BESIDE_TLS)
        case TransportPolicy.UDP:
            return True


def _unsupported(message: str) -> ProbeError:
    return ProbeError(ProbeFailure.UNSUPPORTED, message, Where(""))
