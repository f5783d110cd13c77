"""An installation on each database that nothing is wrong with, and the doctor's word on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor import config
from monitor.doctor.checked import Checked, Grade
from monitor.doctor.examination import examine
from registry.clock import SystemClock
from registry.database import Database
from registry.security.sealing import Sealer, create_key_file
from registry.transfer import apply_plan, plan_import

CAMERAS = """camera,area,area_name,time_zone,kind,lifecycle,feed,url
,reg,Region,Asia/Almaty,,,,
C-1,reg,,,street,in_service,main,rtsp://op:word@198.18.0.1/1
C-2,reg,,,street,in_service,main,rtsp://op:other@localhost/1
C-3,reg,,,street,planned,main,rtsp://192.0.2.9/1
"""


@dataclass(frozen=True)
class Installation:
    url: str
    key_file: Path

    def settings(self, **sections: dict[str, object]) -> config.Settings:
        return config.build(
            database={"url": self.url},
            security={"key_file": self.key_file},
            service={"port": 0, **sections.get("service", {})},
            probe={
                "allow_networks": ["198.18.0.0/15", "127.0.0.0/8", "::1/128"],
                "concurrency": 16,
                **sections.get("probe", {}),
            },
        )

    async def examine(self, **sections: dict[str, object]) -> dict[str, Checked]:
        return {line.about: line async for line in examine(self.settings(**sections))}


@pytest.fixture
async def installation(database_url: str, tmp_path: Path) -> Installation:
    key_file = tmp_path / "camreach.key"
    await asyncio.to_thread(create_key_file, key_file)
    sealer = await asyncio.to_thread(Sealer.from_file, key_file)
    database, clock = Database(database_url), SystemClock()
    plan = await plan_import(database, CAMERAS.encode(), sealer=sealer, clock=clock)
    await apply_plan(database, plan, sealer=sealer, clock=clock)
    await database.close()
    return Installation(database_url, key_file)


def failures(lines: dict[str, Checked]) -> dict[str, Checked]:
    return {about: line for about, line in lines.items() if line.grade is Grade.FAIL}
