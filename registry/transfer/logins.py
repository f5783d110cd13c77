"""Gives the logins found in a file to credentials, each bound to the hosts it was given for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from registry.changing.inventory import (
    CredentialRecord,
    FeedRecord,
    Inventory,
    What,
)
from registry.feed_url import is_bound
from registry.security.redaction import HIDDEN
from registry.targets import Login
from registry.transfer.statements import FeedLogin, Statement, Statements

_Identity: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
_Account: TypeAlias = tuple[str, str, tuple[str, ...]]


def assign_logins(statements: Statements, known: Inventory) -> None:
    """Turns logins into statements about credentials, and makes their feeds refer to them."""
    credentials = [
        record
        for record in known.records[What.CREDENTIAL].values()
        if isinstance(record, CredentialRecord)
    ]
    codes = _Codes(credentials, statements.logins)
    first: dict[str, FeedLogin] = {}
    for found in statements.logins:
        feed = statements.by_key[What.FEED][found.feed]
        code = _named(feed, found, statements) or codes.of(found, _current(found, known))
        agreed = first.setdefault(code, found)
        if _identity(agreed.login) != _identity(found.login):
            expected = f"the login of credential {code} as row {agreed.row} gives it"
            statements.add_problem(found.row, "password", HIDDEN, expected)
        feed.fields["credential"] = code
        feed.rows.setdefault("credential", found.row)
        _say_credential(code, found, statements, known)
    _say_basic(statements, known)


def _named(feed: Statement, found: FeedLogin, statements: Statements) -> str | None:
    if "credential" in feed.fields and feed.fields["credential"] is None:
        statements.add_problem(found.row, "credential", "-", "no login, or a credential for it")
    code = feed.fields.get("credential")
    return str(code) if code else None


def _current(found: FeedLogin, known: Inventory) -> CredentialRecord | None:
    feed = known.records[What.FEED].get(found.feed)
    if not isinstance(feed, FeedRecord) or feed.credential is None:
        return None
    record = known.records[What.CREDENTIAL].get((feed.credential,))
    return record if isinstance(record, CredentialRecord) else None


def _say_credential(code: str, found: FeedLogin, statements: Statements, known: Inventory) -> None:
    before = known.records[What.CREDENTIAL].get((code,))
    statement = statements.by_key[What.CREDENTIAL].setdefault((code,), Statement(found.row))
    if "hosts" in statement.fields:
        hosts = statement.fields["hosts"]
    else:
        hosts = before.hosts if isinstance(before, CredentialRecord) else ()
    if not is_bound(found.host, hosts):
        hosts = (*hosts, found.host)
    statement.fields |= {"login": found.login, "hosts": hosts}
    statement.rows |= {"login": found.row, "hosts": found.row}


def _say_basic(statements: Statements, known: Inventory) -> None:
    for key, (row, allowed) in statements.allow_basic.items():
        feed, before = statements.by_key[What.FEED][key], known.records[What.FEED].get(key)
        code = before.credential if isinstance(before, FeedRecord) else None
        code = feed.fields.get("credential", code)
        if code is None:
            statements.add_problem(row, "basic", "", "a credential that basic is allowed for")
        else:
            statements.say(What.CREDENTIAL, (code,), row, allow_basic=allowed)


class _Codes:
    """Finds or makes up a code for a login without one, the same again for the same file."""

    def __init__(self, known: list[CredentialRecord], found: Iterable[FeedLogin]) -> None:
        self._taken = {record.code for record in known}
        self._of_host: dict[str, list[CredentialRecord]] = defaultdict(list)
        for record in known:
            for host in record.hosts:
                self._of_host[host].append(record)
        self._logins_of_account: dict[_Account, set[_Identity]] = defaultdict(set)
        for each in found:
            self._logins_of_account[_account(each)].add(_identity(each.login))
        self._given: dict[tuple[str, _Identity], str] = {}

    def of(self, found: FeedLogin, current: CredentialRecord | None) -> str:
        place = (found.host, _identity(found.login))
        if place not in self._given:
            self._given[place] = self._known(found, current) or self._new(found.host)
        return self._given[place]

    def _known(self, found: FeedLogin, current: CredentialRecord | None) -> str | None:
        if current is not None and current.login is None:
            return current.code  # sealed with a lost key: this login repairs it
        candidates = self._of_host[found.host]
        for record in candidates:
            if record.login is not None and _identity(record.login) == _identity(found.login):
                return record.code
        return self._changed(found, candidates)

    def _changed(self, found: FeedLogin, candidates: list[CredentialRecord]) -> str | None:
        """A new password for the one account that this host alone has under this name."""
        username, names = found.login.username, sorted(found.login.secrets)
        same = [
            record.code
            for record in candidates
            if record.hosts == (found.host,)
            and record.login is not None
            and (record.login.username, sorted(record.login.secrets)) == (username, names)
        ]
        alone = len(self._logins_of_account[_account(found)]) == 1
        return same[0] if alone and len(same) == 1 else None

    def _new(self, host: str) -> str:
        stem = "login-" + host.replace(":", ".")[:48].strip(".")
        number = 1
        while (code := stem if number == 1 else f"{stem}-{number}") in self._taken:
            number += 1
        self._taken.add(code)
        return code


def _identity(login: Login) -> _Identity:
    return login.username, login.password, tuple(sorted(login.secrets.items()))


def _account(found: FeedLogin) -> _Account:
    return found.host, found.login.username, tuple(sorted(found.login.secrets))
