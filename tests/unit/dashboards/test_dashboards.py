"""Dashboards and alerts speak only of metrics that exist, and never compute availability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT_ROOT
from tests.fakes.dashboard import PanelQuery, dashboard_queries, dashboards, panels
from tests.fakes.metrics_page import documented_metrics, exposed_names, metric_names

ALERTS = PROJECT_ROOT / "configs" / "prometheus" / "alerts.yml"
GRAFANA_WIDTH = 24
HISTORY_OF_STATE = ("avg_over_time", "sum_over_time", "count_over_time", "integral")


def rules() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
    ]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


@pytest.mark.parametrize("query", dashboard_queries(), ids=lambda q: f"{q.panel}")
def test_every_panel_asks_for_documented_metrics(query: PanelQuery):
    asked = metric_names(query.expr)

    assert asked
    assert asked <= exposed_names()


@pytest.mark.parametrize("query", dashboard_queries(), ids=lambda q: f"{q.panel}")
def test_no_panel_computes_availability(query: PanelQuery):
    assert not any(function in query.expr for function in HISTORY_OF_STATE)


def test_dashboard_has_a_stable_address_and_shows_what_the_issue_names():
    board = dashboards()["overview"]
    asked = set().union(*(metric_names(query.expr) for query in dashboard_queries()))

    assert board["uid"] == "camreach-overview"
    assert asked >= {
        "camreach_fleet_deliveries",
        "camreach_feed_last_look_timestamp_seconds",
        "camreach_feed_last_fresh_picture_timestamp_seconds",
        "camreach_delivery_failing_at",
        "camreach_schedule_lag_seconds_bucket",
        "camreach_looks_total",
    }


def test_variables_of_queries_are_declared():
    board = dashboards()["overview"]
    declared = {f"${variable['name']}" for variable in board["templating"]["list"]}

    unfilled = [q.expr for q in dashboard_queries() if "$" in q.expr]

    assert unfilled == []
    assert {"$datasource", "$center", "$kind"} == declared


def test_panels_are_numbered_apart_and_do_not_overlap():
    board = dashboards()["overview"]
    taken: dict[tuple[int, int], int] = {}

    for panel in panels(board):
        at = panel["gridPos"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert x < GRAFANA_WIDTH
                assert taken.setdefault((x, y), panel["id"]) == panel["id"]

    assert len(set(taken.values())) == len(list(panels(board)))


def test_every_query_goes_to_the_provisioned_datasource():
    board = dashboards()["overview"]
    datasources = yaml.safe_load(
        Path(PROJECT_ROOT / "grafana/provisioning/datasources/prometheus.yml").read_text()
    )["datasources"]

    asked = {t["datasource"]["uid"] for panel in panels(board) for t in panel.get("targets", [])}

    assert asked == {"${datasource}"}
    assert board["templating"]["list"][0]["current"]["value"] == datasources[0]["uid"]


def test_there_are_six_alerts_each_with_a_duration_a_severity_and_words():
    assert len(alerts()) == 6
    for alert in alerts():
        assert alert["for"]
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert alert["annotations"]["summary"]
        assert alert["annotations"]["description"]


def test_alerts_ask_for_documented_metrics():
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    texts = [str(rule["expr"]) + str(rule.get("annotations", "")) for rule in rules()]

    for text in texts:
        assert metric_names(text) - {"camreach_"} <= exposed_names(), text
    assert recorded == {"camreach:delivery_reaching:last_known", "camreach:camera_info:last_known"}


def test_no_metric_has_a_label_that_could_name_a_person_an_address_or_a_url():
    closed = {
        *("camera", "kind", "area", "site", "system", "recorder", "contractor", "program"),
        *("importance", "lifecycle", "center", "proof", "state", "at", "feed", "hop", "vantage"),
        *("reason", "class", "depth", "outcome", "stage", "version"),
    }

    assert set().union(*(metric.labels for metric in documented_metrics().values())) <= closed
