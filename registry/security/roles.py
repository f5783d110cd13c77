"""Who may do what: viewer < operator < admin on one ladder, and scrape apart from it."""

from __future__ import annotations

from registry.vocabulary import Role

_LADDER = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


def permits(role: Role, needed: Role) -> bool:
    """A higher role does what a lower one may; scraping is neither below nor above anything."""
    if role is Role.SCRAPE or needed is Role.SCRAPE:
        return role is needed
    return _LADDER.index(role) >= _LADDER.index(needed)
