"""Spreadsheets as regions keep them give the right plan or a clear error, never a half-import."""

from __future__ import annotations

import pytest

from registry.changing.inventory import CameraRecord, What
from registry.transfer import ImportRefused, Plan, apply_plan, plan_import
from tests.integration.registry.ugly.sheets import PLACES, Ugly, all_of_them


@pytest.fixture
async def registry(database, sealer, clock):
    plan = await plan_import(database, PLACES.encode(), sealer=sealer, clock=clock)
    await apply_plan(database, plan, sealer=sealer, clock=clock)
    return database


async def outcome_of(ugly: Ugly, database, sealer, clock) -> Plan | ImportRefused:
    try:
        return await plan_import(
            database, ugly.data, sealer=sealer, clock=clock, mapping=ugly.mapping
        )
    except ImportRefused as refused:
        return refused


async def test_each_gives_its_plan_or_its_error(registry, sealer, clock):
    """One test for all of them: a database each would cost more than reading them does."""
    wrong = []
    for ugly in all_of_them():
        outcome = await outcome_of(ugly, registry, sealer, clock)
        wrong += [f"{ugly.what}: {complaint}" for complaint in complaints(ugly, outcome)]

    assert wrong == []


def complaints(ugly: Ugly, outcome: Plan | ImportRefused) -> list[str]:
    if isinstance(outcome, ImportRefused):
        told = [said for said in ugly.refuses if said not in str(outcome)]
        return [f"not told: {told} in {outcome}"] if told or not ugly.refuses else []
    if ugly.refuses:
        return ["not refused"]
    cameras = {
        change.after.code: change.after
        for change in outcome.changes
        if isinstance(change.after, CameraRecord)
    }
    wrong = [
        f"{code}: {getattr(cameras.get(code), name, None)!r}, expected {value!r}"
        for code, (name, value) in ugly.brings.items()
        if getattr(cameras.get(code), name, None) != value
    ]
    if set(cameras) != set(ugly.brings):
        wrong.append(f"brings {sorted(cameras)}")
    hints = "\n".join(map(str, outcome.hints))
    return wrong + [f"hint {each!r} not in {hints!r}" for each in ugly.hints if each not in hints]


async def test_values_that_a_spreadsheet_bent_come_out_straight(registry, sealer, clock):
    ugly = next(each for each in all_of_them() if each.what.startswith("numbers stored"))
    plan = await outcome_of(ugly, registry, sealer, clock)

    assert isinstance(plan, Plan)
    after = {change.key: change.after for change in plan.changes if change.what is What.DEVICE}
    assert {str(getattr(each, "installed_from", "")) for each in after.values()} == {"2024-11-22"}
    site = next(change.after for change in plan.changes if change.what is What.SITE)
    assert (getattr(site, "latitude", 0), getattr(site, "longitude", 0)) == (43.25, 76.5)
    assert getattr(after["12",], "serial", "") == "4517"
