"""Reads the queries out of the Grafana dashboards, with variables filled in as "All". Runs none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DASHBOARDS = Path(__file__).parent.parent.parent / "grafana" / "dashboards"
VARIABLES = {"$center": ".*", "$kind": ".*", "$__rate_interval": "1m"}


class PanelQuery(NamedTuple):
    dashboard: str
    panel: str
    expr: str


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in DASHBOARDS.glob("*.json")}


def dashboard_queries() -> list[PanelQuery]:
    return [query for name, board in dashboards().items() for query in _queries(name, board)]


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel, also those inside collapsed rows."""
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def _queries(name: str, board: dict[str, Any]) -> Iterator[PanelQuery]:
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield PanelQuery(name, panel["title"], _filled(target["expr"]))


def _filled(expr: str) -> str:
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr
