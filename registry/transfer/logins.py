"""Gives the logins found in a file to credentials, each bound to the hosts it was given for."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TypeAlias

from registry.changing.inventory import (
    CredentialRecord,
    FeedRecord,
    Inventory,
    Key,
    What,
)
from registry.feed_url import is_bound
from registry.security.redaction import HIDDEN
from registry.targets import Login
from registry.transfer.statements import FeedLogin, Statement, Statements

_Identity: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
_Account: TypeAlias = tuple[str, str, tuple[str, ...]]
_Place: TypeAlias = tuple[str, _Identity]


def assign_logins(statements: Statements, known: Inventory) -> None:
    """Turns logins into statements about credentials, and makes their feeds refer to them."""
    codes = _Codes(statements, known)
    first: dict[str, FeedLogin] = {}
    for found in statements.logins:
        feed = statements.by_key[What.FEED][found.feed]
        code = _named(feed, found, statements) or codes.of(found)
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
    return _credential(feed.credential, known)


def _credential(code: str, known: Inventory) -> CredentialRecord | None:
    record = known.records[What.CREDENTIAL].get((code,))
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
    """Finds or makes up a code for a login without one, the same again for the same file.

    A plan tells whether a login is the one in use, so it is no place to try passwords at: only the
    login of a feed's own credential is compared, with one login of the file, the most frequent.
    """

    def __init__(self, statements: Statements, known: Inventory) -> None:
        self._differing = statements.differing
        self._taken = {
            *known.beyond[What.CREDENTIAL],
            *(c for (c,) in known.records[What.CREDENTIAL]),
        }
        self._logins_of_account: dict[_Account, set[_Identity]] = defaultdict(set)
        self._of_feed: dict[Key, str] = {}
        self._given: dict[_Place, str] = {}
        users: dict[str, list[FeedLogin]] = defaultdict(list)
        meant: dict[str, _Identity] = {}
        for each in statements.logins:
            self._logins_of_account[_account(each)].add(_identity(each.login))
            named = statements.by_key[What.FEED][each.feed].fields.get("credential")
            current = _current(each, known) if named is None else _credential(named, known)
            if current is not None:
                users[current.code].append(each)
                if named is not None:
                    meant.setdefault(current.code, _identity(each.login))
        for code, found in users.items():
            counts = Counter(_identity(each.login) for each in found)
            (most, _), *_ = counts.most_common(1)
            self._compare(_credential(code, known), found, meant.get(code, most))

    def of(self, found: FeedLogin) -> str:
        if found.feed in self._of_feed:
            return self._of_feed[found.feed]
        place = found.host, _identity(found.login)
        if place not in self._given:
            self._given[place] = self._new(found.host)
        return self._given[place]

    def _compare(
        self, current: CredentialRecord | None, found: list[FeedLogin], meant: _Identity
    ) -> None:
        """The file's login for it: the same, a new one of the same account, or of another."""
        if current is None:
            return
        is_lost = current.login is None  # sealed with a lost key: a login repairs it
        is_same = current.login is not None and meant == _identity(current.login)
        if not is_lost and not is_same:
            self._differing.add(current.code)
        for each in found:
            fits = is_same or is_lost or self._is_changed(each, current)
            if _identity(each.login) == meant and fits:
                self._of_feed[each.feed] = current.code
                self._given.setdefault((each.host, meant), current.code)

    def _is_changed(self, found: FeedLogin, current: CredentialRecord) -> bool:
        """A new password for the one account that this host alone has under this name."""
        login = current.login
        return (
            login is not None
            and current.hosts == (found.host,)
            and len(self._logins_of_account[_account(found)]) == 1
            and (login.username, sorted(login.secrets))
            == (found.login.username, sorted(found.login.secrets))
        )

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
