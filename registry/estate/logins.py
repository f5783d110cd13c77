"""Sealed logins opened, and the feeds they may be used for. It sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog

from registry.estate.rows import Row
from registry.feed_url import is_bound
from registry.look import FeedKey
from registry.security.sealing import Sealer, SealingError
from registry.targets import Login

log = structlog.get_logger()


def opened_logins(rows: Iterable[Row], sealer: Sealer) -> dict[int, Login]:
    """Decrypted logins. One that does not open leaves its feeds without.

    If none opens, the key file is the wrong one, and that is an error.
    """
    logins: dict[int, Login] = {}
    closed = []
    for row in rows:
        try:
            logins[row.id] = sealer.unseal(row.sealed, hosts=row.hosts, allow_basic=row.allow_basic)
        except SealingError:
            closed.append(row.code)
    if closed and not logins:
        raise SealingError(f"none of the {len(closed)} sealed logins opens with this key file")
    for code in closed:
        log.warning("credential_not_opened", credential=code)
    return logins


def login_of(feed: Row, key: FeedKey, host: str, logins: Mapping[int, Login]) -> Login | None:
    login = logins.get(feed.credential_id)
    if login is not None and not is_bound(host, login.hosts):
        log.warning("credential_bound_elsewhere", feed=str(key), host=host)
        return None
    return login
