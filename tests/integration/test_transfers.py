"""Files in and out as a person types it: mappings by name, templates, workbooks."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitor.cli import main
from tests.integration.registry.ugly.sheets import workbook

pytestmark = pytest.mark.timeout(120)

PLACES = "camera,area,area_name,time_zone\n,reg,Region,Asia/Almaty\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    path, places = tmp_path / "camreach.toml", tmp_path / "places.csv"
    path.write_text(
        f'[database]\nurl = "sqlite+aiosqlite:///{tmp_path / "camreach.sqlite"}"\n'
        f'[security]\nkey_file = "{tmp_path / "camreach.key"}"\n'
    )
    places.write_text(PLACES)
    assert main(["import", str(places), "--config", str(path)]) == 0
    return str(path)


def column(tmp_path: Path, what: str) -> list[object]:
    with sqlite3.connect(tmp_path / "camreach.sqlite") as connection:
        return [row[0] for row in connection.execute(what)]


def test_a_mapping_is_suggested_saved_shown_used_and_deleted(tmp_path, config, capsys):
    file = tmp_path / "register.xlsx"
    file.write_bytes(workbook([("Код камеры", "Столб", "Шкаф"), ["C-1", "купол", "x"]]))
    more = ["--column", "столб=kind", "--value", "kind:купол=yard", "--constant", "area=reg"]

    assert main(["mapping", "save", "poles", str(file), *more, "--config", config]) == 0
    suggested = capsys.readouterr().out
    assert main(["mapping", "list", "--config", config]) == 0
    assert "poles: " in capsys.readouterr().out
    assert main(["mapping", "show", "poles", "--config", config]) == 0
    assert capsys.readouterr().out == suggested
    assert main(["import", str(file), "--mapping", "poles", "--config", config]) == 0
    assert main(["mapping", "delete", "poles", "--config", config]) == 0
    assert main(["import", str(file), "--mapping", "poles", "--config", config]) == 2

    assert "'Код камеры' -> camera" in suggested
    assert "'Шкаф' -> (left out)" in suggested
    assert column(tmp_path, "select kind from camera") == ["yard"]
    deeds = column(tmp_path, "select action from audit where action like 'mapping%' order by id")
    assert deeds == ["mapping_saved", "mapping_deleted"]


def test_a_mapping_holds_no_secret(tmp_path, config, capsys):
    file = tmp_path / "register.csv"
    file.write_text("camera,area\nC-1,reg\n")

    said = ["mapping", "save", "x", str(file), "--constant", "password=hidden-word"]
    assert main([*said, "--config", config]) == 2

    assert "'password' may hold a secret" in capsys.readouterr().err


def test_a_template_and_addresses_make_recorders_cameras_and_feeds(tmp_path, config, capsys):
    typed = ["import", "--template", "hikvision", "--addresses", "198.18.0.7,198.18.0.8"]
    typed += ["--channels", "1-16", "--constant", "area=reg", "--constant", "kind=street"]

    assert main([*typed, "--config", config]) == 0
    assert main([*typed, "--config", config]) == 0

    assert "Nothing to do." in capsys.readouterr().out
    assert column(tmp_path, "select count(*) from camera") == [32]
    assert column(tmp_path, "select host from recorder") == ["198.18.0.7", "198.18.0.8"]
    assert column(tmp_path, "select count(*) from feed where hop = 'recorder'") == [64]


def test_an_export_as_a_workbook_imports_back_as_an_empty_plan(tmp_path, config, capfdbinary):
    assert main(["export", "--format", "xlsx", "--config", config]) == 0
    out = tmp_path / "out.xlsx"
    out.write_bytes(capfdbinary.readouterr().out)

    assert main(["import", str(out), "--config", config]) == 0

    assert b"Nothing to do." in capfdbinary.readouterr().out
