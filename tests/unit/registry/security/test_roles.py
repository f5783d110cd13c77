"""The ladder of roles, and those who stand apart from it."""

from __future__ import annotations

from registry.security.roles import permits
from registry.vocabulary import Role

MAY = {
    Role.VIEWER: {Role.VIEWER},
    Role.OPERATOR: {Role.VIEWER, Role.OPERATOR},
    Role.ADMIN: {Role.VIEWER, Role.OPERATOR, Role.ADMIN},
    Role.SCRAPE: {Role.SCRAPE},
    Role.DEVICE: {Role.DEVICE},
    Role.CONTRACTOR: {Role.CONTRACTOR},
}


def test_each_role_may_what_the_table_says_and_nothing_else():
    assert {role: {needed for needed in Role if permits(role, needed)} for role in Role} == MAY
