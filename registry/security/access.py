"""Who may call what, as a closed table. What of it he then sees is his reach's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.security.reach import Reach
from registry.vocabulary import Role


class Access(StrEnum):
    """The rule of a route. A route without one does not exist."""

    OPEN = "open"
    KNOWN = "known"
    OWN = "own"
    READ = "read"
    MEND = "mend"
    OPERATE = "operate"
    ADMIN = "admin"
    ADMIN_OF_ALL = "admin_of_all"
    SCRAPE = "scrape"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Rule:
    """`whole`: only for who has no limits, since what is shown or done has none."""

    says: str
    roles: frozenset[Role]
    whole: bool = False


_PEOPLE: Final = frozenset({Role.VIEWER, Role.OPERATOR, Role.ADMIN})

RULES: Final[Mapping[Access, Rule]] = {
    Access.OPEN: Rule("anybody, known or not", frozenset(Role)),
    Access.KNOWN: Rule("anybody whose token or session holds", frozenset(Role)),
    Access.OWN: Rule("people, and contractors for their own cameras", _PEOPLE | {Role.CONTRACTOR}),
    Access.READ: Rule("people", _PEOPLE),
    Access.MEND: Rule(
        "operators and admins, and contractors for what is open on their own cameras",
        _PEOPLE - {Role.VIEWER} | {Role.CONTRACTOR},
    ),
    Access.OPERATE: Rule("operators and admins", _PEOPLE - {Role.VIEWER}),
    Access.ADMIN: Rule("admins", frozenset({Role.ADMIN})),
    Access.ADMIN_OF_ALL: Rule("admins without limits", frozenset({Role.ADMIN}), whole=True),
    Access.SCRAPE: Rule(
        "scrapers, and admins without limits", frozenset({Role.SCRAPE, Role.ADMIN}), whole=True
    ),
    Access.DEVICE: Rule("devices that push", frozenset({Role.DEVICE})),
}


def allows(access: Access, role: Role, reach: Reach) -> bool:
    rule = RULES[access]
    return role in rule.roles and (reach.is_everything or not rule.whole)
