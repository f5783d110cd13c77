"""The ladder viewer < operator < admin; scrape, device and contractor stand apart from it."""

from __future__ import annotations

from registry.vocabulary import Role

_LADDER = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


def permits(role: Role, needed: Role) -> bool:
    """A higher role does what a lower one may; who stands apart may one thing and nothing else."""
    if role not in _LADDER or needed not in _LADDER:
        return role is needed
    return _LADDER.index(role) >= _LADDER.index(needed)


def lower(one: Role, other: Role) -> Role | None:
    """What both may; None where that is nothing."""
    if permits(one, other):
        return other
    return one if permits(other, one) else None
