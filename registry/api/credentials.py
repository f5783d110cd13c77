"""/api/v1/credentials: which logins there are and where they may be sent; never what they hold."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Text, containing_words
from registry.api.standing import Row
from registry.api.tags import Retired, Shape
from registry.changing.known import is_retired
from registry.models import Credential
from registry.security.access import Access

_PREFIX: Final = 8


class CredentialShape(Shape):
    code: str
    hosts: list[str] = Field(description="names, addresses, networks it may be sent to")
    allow_basic: bool = Field(description="may cross the wire readable")
    changed_at: datetime
    sealed: str = Field(description="tells one sealed login from another, and reveals neither")
    retired: Retired


class CredentialPage(Page[CredentialShape]):
    pass


class CredentialQuery(Paged):
    q: Text | None = None


_ROWS: Final = sa.select(
    Credential.code,
    Credential.hosts,
    Credential.allow_basic,
    Credential.changed_at,
    Credential.sealed,
    is_retired(Credential),
)


def _told(row: Row, _reader: Reader) -> CredentialShape:
    # Of the ciphertext, which has a random start: nothing can be guessed and compared with it.
    sealed = hashlib.sha256(row.sealed).hexdigest()[:_PREFIX]
    return CredentialShape(**row._asdict() | {"sealed": sealed})


def _filters(query: CredentialQuery, _reader: Reader) -> list[Condition]:
    return containing_words(query.q, Credential.code)


CREDENTIALS: Final = Listing(
    one="credential",
    many="credentials",
    model=Credential,
    key=Credential.code,
    rows=_ROWS,
    shows=CredentialShape,
    told=_told,
    filters=_filters,
)
ROUTES: Final = (
    list_route(CREDENTIALS, CredentialQuery, CredentialPage, Access.OPERATE),
    read_route(CREDENTIALS, access=Access.OPERATE),
)
