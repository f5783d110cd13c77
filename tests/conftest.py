"""What every test stands under: a loop that never blocks, and no silent skip in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from tests.fakes.databases import (  # noqa: F401 - fixtures for all
    database_url,
    databases,
    postgresql_server,
    sqlite_files,
)

NO_SKIP = "CAMREACH_NO_SKIP"
PROJECT_ROOT = Path(__file__).parent.parent
LONGEST_FIRST = ("soak", "peers")


@pytest.fixture(autouse=True)
def loop_is_never_blocked() -> Iterator[None]:
    """Code of ours that blocks the running event loop raises BlockingError in the test."""
    guard = BlockBuster(["monitor", "registry"])
    guard.activate()
    for harmless in ("os.path.abspath", "os.getcwd"):  # SQLAlchemy names a file, reads none
        guard.functions[harmless].deactivate()
    for function in guard.functions.values():  # a server's migration has a loop of its own to block
        function.can_block_in("registry/migrations/__init__.py", {"upgrade"})
    yield
    guard.deactivate()


@pytest.fixture(scope="session")
def prometheus() -> str:
    return program("prometheus")


@pytest.fixture(scope="session")
def promtool() -> str:
    return program("promtool")


@pytest.fixture(scope="session")
def amtool() -> str:
    return program("amtool")


@pytest.fixture(scope="session")
def chromium() -> str:
    return program("chromium")


def program(name: str) -> str:
    """The path of a program nobody here wrote, or a skip that says which one is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest begins first, so that several workers end together."""
    items.sort(key=_begins)


def _begins(item: pytest.Item) -> int:
    folders = item.path.parts
    return next(
        (n for n, folder in enumerate(LONGEST_FIRST) if folder in folders), len(LONGEST_FIRST)
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse_to_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _refuse_to_skip(report)
    return report


def _refuse_to_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI a skipped test is a failed one: every peer is installed there."""
    if os.environ.get(NO_SKIP, "0") in ("", "0"):
        return
    report.outcome = "failed"
    report.longrepr = f"skipped although {NO_SKIP} is set: {_reason(report)}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    skipped_at = report.longrepr
    return str(skipped_at[2] if isinstance(skipped_at, tuple) else skipped_at)
