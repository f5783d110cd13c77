"""The closed table of who may call what."""

from __future__ import annotations

import pytest

from registry.security.access import RULES, Access, allows
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import Role

CITY = Reach(areas=("zhetisu/taldykorgan",))


def test_every_access_has_a_rule_and_somebody_it_is_for():
    assert set(RULES) == set(Access)
    assert all(rule.roles and rule.says for rule in RULES.values())


@pytest.mark.parametrize(
    ("access", "reach", "expected"),
    [
        (Access.ADMIN, CITY, True),
        (Access.ADMIN_OF_ALL, CITY, False),
        (Access.ADMIN_OF_ALL, EVERYTHING, True),
        (Access.ADMIN_OF_ALL, Reach(within=CITY), False),
        (Access.SCRAPE, CITY, False),
    ],
)
def test_what_has_no_limits_is_for_who_has_none(access: Access, reach: Reach, expected: bool):
    assert allows(access, Role.ADMIN, reach) is expected


def test_a_contractor_gets_his_own_and_nothing_else():
    reach = Reach(contractor="almatel")

    allowed = {access for access in Access if allows(access, Role.CONTRACTOR, reach)}

    assert allowed == {Access.OPEN, Access.KNOWN, Access.OWN, Access.MEND}
