"""The commands as a person types them: what they print, what they change, how they end."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from monitor.cli import main
from tests.fakes.databases import PASSWORD

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def config(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "camreach.toml"
    path.write_text(
        f"""
[database]
url = "sqlite+aiosqlite:///{tmp_path / "camreach.sqlite"}"
[security]
key_file = "{tmp_path / "camreach.key"}"
[probe]
allow_networks = ["198.18.0.0/15"]
"""
    )
    return str(path)


@pytest.fixture
def sample(tmp_path: Path, capsys) -> Path:
    assert main(["sample"]) == 0
    path = tmp_path / "sample.csv"
    path.write_text(capsys.readouterr().out)
    return path


def count(tmp_path: Path, table: str) -> int:
    with sqlite3.connect(tmp_path / "camreach.sqlite") as connection:
        number: int = connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
        return number


def test_the_sample_region_goes_in_with_a_plan_and_a_progress_line(
    tmp_path, config, sample, capsys
):
    assert main(["import", str(sample), "--config", config]) == 0

    said = capsys.readouterr()
    assert re.search(r"camera +create \d{4}", said.out)
    assert re.search(r"\d+ of \d+", said.err)
    assert count(tmp_path, "camera") > 2000


def test_a_dry_run_prints_the_plan_and_changes_nothing(tmp_path, config, sample, capsys):
    assert main(["import", str(sample), "--dry-run", "--config", config]) == 0

    assert "create" in capsys.readouterr().out
    assert count(tmp_path, "camera") == 0


@pytest.mark.parametrize(
    "command", [["export"], ["token", "list"], ["token", "revoke", "abcdefgh"], ["reseal"]]
)
def test_what_only_reads_makes_no_registry_and_no_key(tmp_path, config, command, capsys):
    before = sorted(tmp_path.iterdir())

    assert main([*command, "--config", config]) == 2

    assert "there is no registry yet at sqlite+aiosqlite:///" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_settings_are_checked_before_there_is_a_registry(tmp_path, config, capsys):
    before = sorted(tmp_path.iterdir())

    assert main(["check-config", "--config", config]) == 0

    assert "the settings are sound" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_exported_imports_as_an_empty_plan(tmp_path, config, sample, capsys):
    main(["import", str(sample), "--config", config])
    capsys.readouterr()
    assert main(["export", "--config", config]) == 0
    exported = tmp_path / "exported.csv"
    exported.write_text(capsys.readouterr().out)

    assert main(["import", str(exported), "--config", config]) == 0
    assert "Nothing to do." in capsys.readouterr().out


def test_bad_rows_are_named_and_nothing_is_changed(tmp_path, config, sample, capsys):
    text = sample.read_text().splitlines()
    header = text[0].split(",")
    row = ["?"] * len(header)
    sample.write_text("\n".join([*text, ",".join(row)]))

    assert main(["import", str(sample), "--config", config]) == 1
    said = capsys.readouterr()
    assert f"row {len(text) + 1}, " in said.err
    assert "nothing was changed" in said.err
    assert count(tmp_path, "camera") == 0


def test_a_token_that_is_not_there_cannot_be_revoked(config, capsys):
    assert main(["token", "create", "--name", "me", "--role", "viewer", "--config", config]) == 0

    assert main(["token", "revoke", "abc", "--config", config]) == 2
    assert "token 'abc': there is none in force by that id" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["import", "nowhere.csv"], "nowhere.csv"),
        (["serve"], "probe.allow_networks"),
        (["serve", "--config", "nowhere.toml"], "nowhere.toml: no such file"),
        (["token", "revoke", "abc"], "there is no registry yet"),
        (["probe", "http://198.18.0.1/"], "rtsp://"),
        (["probe", "rtsp://198.18.0.1/", "--password-file", "nowhere"], "nowhere"),
        (["probe", "rtsp://198.18.0.1/", "--username", "u"], "--password-file"),
        (["check-config", "--config", "nowhere.toml"], "nowhere.toml: no such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, monkeypatch, capsys, arguments, named):
    monkeypatch.chdir(tmp_path)

    assert main(arguments) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert named in said[-1]
    assert "Traceback" not in "\n".join(said)


def test_a_token_is_shown_once_listed_and_revoked(config, capsys):
    assert (
        main(["token", "create", "--name", "Grafana", "--role", "scrape", "--config", config]) == 0
    )
    token = capsys.readouterr().out.strip()
    key_id, _, secret = token.partition(".")
    assert len(secret) > 30

    main(["token", "list", "--config", config])
    listed = capsys.readouterr().out
    assert key_id in listed
    assert secret not in listed
    assert main(["token", "revoke", key_id, "--config", config]) == 0
    main(["token", "list", "--config", config])
    assert "revoked" in capsys.readouterr().out


def test_check_config_says_what_the_configuration_costs(config, sample, capsys):
    main(["import", str(sample), "--config", config])
    capsys.readouterr()

    assert main(["check-config", "--config", config]) == 0
    said = capsys.readouterr().out
    assert re.search(r"network: about [\d.]+ Mbit/s", said)
    assert re.search(r"logins: about [\d,]+ per camera a day", said)


def test_migrate_says_from_where_to_where(config, capsys):
    assert main(["migrate", "--config", config]) == 0
    assert re.search(r"schema none -> \d{4}", capsys.readouterr().out)


def test_a_key_that_is_missing_is_not_replaced_while_logins_are_sealed_with_it(
    tmp_path, config, capsys
):
    cameras = tmp_path / "cameras.csv"
    columns = "camera,camera_name,kind,lifecycle,area,area_name,time_zone,feed,hop,url"
    row = "K1,K1,street,in_service,r,R,Asia/Almaty,main,camera,rtsp://u:p@198.18.0.1/x"
    cameras.write_text(f"{columns}\n{row}\n")
    assert main(["import", str(cameras), "--config", config]) == 0
    (tmp_path / "camreach.key").unlink()

    assert main(["export", "--config", config]) == 2
    assert "put it back" in capsys.readouterr().err
    assert not (tmp_path / "camreach.key").exists()


def test_a_demo_deletes_nothing_that_no_demo_made(tmp_path, capsys):
    precious = tmp_path / "camreach.sqlite"
    precious.write_text("mine")

    assert main(["demo", "--state", str(tmp_path), "--port", "0"]) == 2
    assert "no demo made it" in capsys.readouterr().err
    assert precious.read_text() == "mine"


def test_a_look_that_was_given_too_little_time_says_nothing_of_the_feed(capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/"
        assert main(["probe", url, "--timeout", "0.3", "--json"]) == 3

    look = json.loads(capsys.readouterr().out)
    assert (look["outcome"], look["reason"]) == ("could_not_look", "not_probed")
    assert "0.3 s" in look["detail"]


def test_a_probe_of_a_dead_port_fits_one_json_line(capsys):
    assert main(["probe", "rtsp://user:p%40ss@127.0.0.1:9/x", "--json"]) == 1

    said = capsys.readouterr()
    look = json.loads(said.out)
    assert (look["outcome"], look["reason"]) == ("down", "refused")
    assert look["target"] == "rtsp://127.0.0.1:9/x"
    assert "p%40ss" not in said.out + said.err
    assert "p@ss" not in said.out + said.err


def test_a_backup_is_made_and_put_back(tmp_path, config, sample, capsys):
    main(["token", "create", "--name", "kept", "--config", config])
    backup = tmp_path / "camreach.tar.gz"
    capsys.readouterr()

    assert main(["backup", str(backup), "--config", config]) == 0
    said = capsys.readouterr()
    assert re.search(r"camreach\.tar\.gz: schema \d{4}, [\d.]+ MB", said.out)
    assert "camreach.key elsewhere" in said.err
    main(["import", str(sample), "--config", config])
    assert main(["restore", str(backup), "--config", config]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(backup), "--replace", "--config", config]) == 0
    assert "restored as of 20" in capsys.readouterr().out
    assert (count(tmp_path, "camera"), count(tmp_path, "api_token")) == (0, 1)


def test_a_new_key_on_top_seals_every_login_again(tmp_path, config, capsys):
    cameras = tmp_path / "cameras.csv"
    cameras.write_text(
        "camera,area,area_name,time_zone,kind,feed,url\n,r,R,UTC,,,\n"
        "C-1,r,,,street,main,rtsp://op:word@198.18.0.1/1\n"
    )
    assert main(["import", str(cameras), "--config", config]) == 0
    key_file = tmp_path / "camreach.key"
    old, new = key_file.read_text(), Fernet.generate_key().decode()
    key_file.write_text(f"{new}\n{old}")

    assert main(["reseal", "--config", config]) == 0
    assert "1 logins are sealed with the first key" in capsys.readouterr().out
    key_file.write_text(f"{new}\n")
    assert main(["doctor", "--config", config]) in (0, 1)  # the machine's own faults are its own
    assert "ok    camera logins: all 1 open" in capsys.readouterr().out
    key_file.write_text(old)
    assert main(["reseal", "--config", config]) == 1
    assert "opens with no key of the file" in capsys.readouterr().err


def test_an_import_names_its_batch_and_is_taken_back(tmp_path, config, capsys):
    cameras = tmp_path / "cameras.csv"
    header = "camera,area,area_name,time_zone,kind,feed,url\n"
    cameras.write_text(f"{header}C-1,r,R,UTC,street,main,rtsp://198.18.0.1/1\n")
    main(["import", str(cameras), "--config", config])
    batch = re.findall(r"camreach undo ([0-9a-f]{32})", capsys.readouterr().out)[-1]

    assert main(["undo", batch, "--dry-run", "--config", config]) == 0
    assert "- camera C-1" in capsys.readouterr().out
    assert main(["undo", batch, "--config", config]) == 0
    assert main(["undo", batch, "--config", config]) == 1
    assert "it was changed since" in capsys.readouterr().out
    assert main(["undo", "none", "--config", config]) == 2


def test_the_doctor_reads_wrong_settings_out(tmp_path, config, capsys):
    Path(config).write_text("[probe]\nallow_network = []\n")

    assert main(["doctor", "--config", config]) == 1
    said = capsys.readouterr().out
    assert re.search(r"FAIL  settings: .*allow_network: there is no such key; fix:", said)


def test_a_servers_database_is_migrated_by_hand_only(
    tmp_path, config, postgresql_server, monkeypatch, capsys
):
    with postgresql_server.blank(tmp_path) as url:
        monkeypatch.setenv("CAMREACH_DATABASE__URL", url)
        assert main(["serve", "--config", config]) == 2
        said = capsys.readouterr().err
        assert "schema none" in said
        assert "run `camreach migrate`" in said
        assert main(["migrate", "--config", config]) == 0
        assert main(["token", "create", "--name", "x", "--config", config]) == 0

        monkeypatch.setenv("CAMREACH_DATABASE__URL", url.replace(PASSWORD, "wrong-horse"))
        for command in (["serve"], ["migrate"], ["backup", str(tmp_path / "b.tar.gz")]):
            assert main([*command, "--config", config]) == 2
            said = capsys.readouterr().err
            assert "password authentication failed" in said.splitlines()[-1]
            assert "horse" not in said
