"""A real Prometheus on a free port, scraping what a test gives it. Judges nothing itself."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

READY_WITHIN_S = 15.0
SCRAPED_WITHIN_S = 15.0
STOP_WITHIN_S = 5.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Job:
    """One scrape job: `target` is host:port."""

    name: str
    target: str
    metrics_path: str = "/metrics"
    scrape_interval: str = "1s"
    bearer_token: str | None = None

    def as_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "job_name": self.name,
            "metrics_path": self.metrics_path,
            "scrape_interval": self.scrape_interval,
            "scrape_timeout": self.scrape_interval,
            "static_configs": [{"targets": [self.target]}],
        }
        if self.bearer_token is not None:
            config["authorization"] = {"credentials": self.bearer_token}
        return config


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: float


class PrometheusServer:
    """The HTTP API of a running Prometheus, as far as tests ask it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def instant(self, expr: str) -> list[Sample]:
        """Runs an instant query. One that Prometheus refuses raises ValueError with its words."""
        answer = await self._get("/api/v1/query", query=expr)
        data = answer["data"]
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(row["metric"], float(row["value"][1])) for row in data["result"]]

    async def targets(self) -> list[dict[str, Any]]:
        answer = await self._get("/api/v1/targets", state="active")
        return list(answer["data"]["activeTargets"])

    async def wait_scraped(self, jobs: Sequence[str], within_s: float = SCRAPED_WITHIN_S) -> None:
        """Returns once a scrape of every job went well; TimeoutError shows the last errors."""
        seen: list[tuple[str, str, str]] = []
        try:
            async with asyncio.timeout(within_s):
                while True:
                    seen = [
                        (t["labels"]["job"], t["health"], t["lastError"])
                        for t in await self.targets()
                    ]
                    if set(jobs) <= {job for job, health, _ in seen if health == "up"}:
                        return
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise TimeoutError(f"expected scrapes of {list(jobs)!r}, saw {seen!r}") from None

    async def wait_for(self, expr: str, within_s: float = SCRAPED_WITHIN_S) -> list[Sample]:
        """Returns the first answer to `expr` that is not empty, or raises TimeoutError."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    if answer := await self.instant(expr):
                        return answer
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise TimeoutError(f"expected an answer to {expr!r} in {within_s} s") from None

    async def rules(self) -> dict[str, dict[str, Any]]:
        """Rules by name as Prometheus runs them: health, lastError, and an alert's state."""
        answer = await self._get("/api/v1/rules")
        return {rule["name"]: rule for group in answer["data"]["groups"] for rule in group["rules"]}

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        async with self._session.get(self.url + path, params=params) as response:
            answer: dict[str, Any] = await response.json()
        if answer.get("status") != "success":
            raise ValueError(f"prometheus refused {params!r}: {answer.get('error')!r}")
        return answer


@asynccontextmanager
async def running_prometheus(
    program: str, folder: Path, jobs: Sequence[Job], rule_files: Sequence[Path] = ()
) -> AsyncIterator[PrometheusServer]:
    """Starts `program` with these jobs, waits until it is ready, and stops it at the end.

    Nothing is left behind but the files in `folder`; its log is `folder/prometheus.log`.
    """
    port = _free_port()
    config = folder / "prometheus.yml"
    log = folder / "prometheus.log"
    await asyncio.to_thread(_write_config, config, jobs, rule_files)
    with log.open("wb") as log_file:
        process = await asyncio.create_subprocess_exec(
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-lifecycle",
            stdout=log_file,
            stderr=log_file,
        )
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            server = PrometheusServer(f"http://127.0.0.1:{port}", session)
            await _wait_ready(process, session, server.url, log)
            yield server
    finally:
        await _stop(process)


def _write_config(path: Path, jobs: Sequence[Job], rule_files: Sequence[Path]) -> None:
    config = {
        "global": {"evaluation_interval": "1s"},
        "rule_files": [str(rules) for rules in rule_files],
        "scrape_configs": [job.as_config() for job in jobs],
    }
    path.write_text(yaml.safe_dump(config), encoding="utf-8")


async def _wait_ready(
    process: asyncio.subprocess.Process, session: aiohttp.ClientSession, url: str, log: Path
) -> None:
    async with asyncio.timeout(READY_WITHIN_S):
        while not await _is_ready(session, url):
            if process.returncode is not None:
                said = await asyncio.to_thread(log.read_text)
                raise RuntimeError(f"prometheus ended with {process.returncode}: {said[-2000:]}")
            await asyncio.sleep(POLL_S)


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/-/ready") as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
