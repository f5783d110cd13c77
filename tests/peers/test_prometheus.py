"""What we give to Prometheus, Alertmanager and Grafana, tried on their own programs."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.conftest import PROJECT_ROOT
from tests.fakes.dashboard import dashboard_queries
from tests.fakes.metrics_page import documented_metrics
from tests.fakes.prometheus_server import Job, PrometheusServer, Sample, running_prometheus

pytestmark = pytest.mark.peer

CONFIGS = PROJECT_ROOT / "configs" / "prometheus"
TOKEN = "scrape-me"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=25, check=False)


def test_alert_rules_hold_what_they_promise(promtool: str):
    ran = run(promtool, "test", "rules", str(CONFIGS / "alerts.test.yml"))

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_alert_is_tested_to_fire_and_not_to_fire():
    rules = yaml.safe_load((CONFIGS / "alerts.yml").read_text())["groups"]
    tests = yaml.safe_load((CONFIGS / "alerts.test.yml").read_text())["tests"]

    cases = [case for test in tests for case in test["alert_rule_test"]]
    fires = {case["alertname"] for case in cases if case["exp_alerts"]}
    is_quiet = {case["alertname"] for case in cases if not case["exp_alerts"]}

    assert fires == is_quiet == {r["alert"] for g in rules for r in g["rules"] if "alert" in r}


def test_prometheus_accepts_its_configuration(promtool: str):
    ran = run(promtool, "check", "config", "--syntax-only", str(CONFIGS / "prometheus.yml"))

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_alertmanager_accepts_its_configuration(amtool: str):
    ran = run(amtool, "check-config", str(CONFIGS / "alertmanager.yml"))

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_dashboard_query_is_promql(promtool: str, tmp_path: Path):
    recorded = [
        {"record": f"panel:{number}:query", "expr": query.expr}
        for number, query in enumerate(dashboard_queries())
    ]
    rules = tmp_path / "rules.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))

    ran = run(promtool, "check", "rules", str(rules))

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(recorded)} rules found" in ran.stdout


@pytest.fixture
async def scraped(prometheus: str, tmp_path: Path) -> AsyncIterator[PrometheusServer]:
    async def metrics(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        return web.Response(text='camreach_planted{camera="K-1"} 7\n')

    app = web.Application()
    app.router.add_get("/metrics/cameras", metrics)
    async with TestServer(app) as target:
        at = f"{target.host}:{target.port}"
        jobs = [
            Job("good", at, "/metrics/cameras", bearer_token=TOKEN),
            Job("no-token", at, "/metrics/cameras"),
        ]
        async with running_prometheus(prometheus, tmp_path, jobs) as server:
            await server.wait_scraped(["good"])
            yield server


async def test_a_real_prometheus_scrapes_queries_and_stops(scraped: PrometheusServer):
    answer = await scraped.instant('camreach_planted{job="good"}')

    (sample,) = answer
    assert sample.value == 7
    assert sample.labels["camera"] == "K-1"
    assert await scraped.instant("scalar(camreach_planted)") == [Sample({}, 7.0)]
    assert await scraped.instant("camreach_nowhere") == []
    with pytest.raises(ValueError, match="parse error"):
        await scraped.instant("camreach_planted{")
    with pytest.raises(TimeoutError, match="401"):
        await scraped.wait_scraped(["no-token"], within_s=3)


def exposition_of_everything(scrape: int) -> str:
    """One sample of every documented metric, all of one camera; counters rise by the scrape."""
    lines = []
    for name, metric in documented_metrics().items():
        labels = ",".join(f'{label}="x"' for label in sorted(metric.labels))
        lines.append(f"# TYPE {name.removesuffix('_total')} {metric.type}")
        if metric.type == "histogram":
            lines += [f'{name}_bucket{{{labels}{"," * bool(labels)}le="+Inf"}} {scrape}']
            lines += [f"{name}_sum{{{labels}}} {scrape}", f"{name}_count{{{labels}}} {scrape}"]
        else:
            lines.append(f"{name}{{{labels}}} {scrape if metric.type == 'counter' else 1}")
    return "\n".join([*lines, ""])


async def test_every_dashboard_query_and_rule_runs_on_the_documented_metrics(
    prometheus: str, tmp_path: Path
):
    scrapes = itertools.count(1)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=exposition_of_everything(next(scrapes)))

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with TestServer(app) as target:
        jobs = [Job("camreach", f"{target.host}:{target.port}")]
        rules = [CONFIGS / "alerts.yml"]
        async with running_prometheus(prometheus, tmp_path, jobs, rules) as server:
            await server.wait_for("rate(camreach_looks_total[1m])")
            await server.wait_for('ALERTS{alertname="CamreachDown",alertstate="pending"}')
            unanswered = [q for q in dashboard_queries() if not await server.instant(q.expr)]
            ran = await server.rules()

    assert unanswered == []
    assert len(ran) == 8
    assert {rule["health"] for rule in ran.values()} == {"ok"}


async def test_a_prometheus_that_cannot_start_says_why(prometheus: str, tmp_path: Path):
    jobs = [Job("bad", "127.0.0.1:1", scrape_interval="soon")]
    server = running_prometheus(prometheus, tmp_path, jobs)

    with pytest.raises(RuntimeError, match="not a valid duration string"):
        await server.__aenter__()
