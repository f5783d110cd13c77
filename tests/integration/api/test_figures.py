"""The sample region has exactly the figures of the source, and the API gives each of them."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from registry.sample import sample_csv
from registry.sample.figures import FIGURES, Figure
from registry.security.sealing import Sealer
from registry.transfer import apply_plan, plan_import
from tests.fakes.service import Service


@pytest.mark.timeout(120)
async def test_each_figure_is_given_by_its_question(service: Service):
    await import_sample(service)

    given = {
        (figure.statement, name): row_of(await ask(service, figure), figure)[name]
        for figure in FIGURES
        for name in figure.counts
    }

    assert given == {
        (figure.statement, name): number
        for figure in FIGURES
        for name, number in figure.counts.items()
    }


async def import_sample(service: Service) -> None:
    database, clock, sealer = service.database, service.clock, Sealer([Fernet.generate_key()])
    text = sample_csv().encode()
    plan = await plan_import(database, text, sealer=sealer, clock=clock, progress=None)
    await apply_plan(database, plan, sealer=sealer, who="test", clock=clock)


async def ask(service: Service, figure: Figure) -> Any:
    answer = await service.client.get(f"/api/v1/stats?{figure.query}", headers=service.bearer())
    assert answer.status == 200, await answer.text()
    return await answer.json()


def row_of(stats: Any, figure: Figure) -> Any:
    if not figure.keys:
        return stats
    (row,) = [row for row in stats["items"] if tuple(row["keys"].values()) == figure.keys]
    return row
