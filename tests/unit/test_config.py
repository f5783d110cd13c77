"""Settings: what is wrong is named, and the commented file says the truth about the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import ConfigError, Settings, build, load

EXAMPLE = Path(__file__).parents[2] / "configs" / "camreach.toml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "camreach.toml"
    path.write_text(text)
    return path


def test_the_commented_file_shows_the_defaults():
    assert load(EXAMPLE) == build()


def test_the_commented_file_names_every_key():
    text = EXAMPLE.read_text()

    for section, field in Settings.model_fields.items():
        assert f"[{section}]" in text
        for key in field.annotation.model_fields:  # type: ignore[union-attr]
            assert f"{key} =" in text, key


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[probe]\nlivness = 3\n", "probe.livness: there is no such key"),
        ("[prob]\n", "prob: there is no such key"),
        ("[probe]\nliveness_every_s = 0\n", "probe.liveness_every_s"),
        ('[probe]\nallow_networks = ["cameras"]\n', "probe.allow_networks.0: expected a network"),
        ('[probe]\nallow_networks = ["10.0.0.1/8"]\n', "without host bits, not '10.0.0.1/8'"),
        ('[probe]\nallow_networks = "10.0.0.0/8"\n', "expected a list in square brackets"),
        ('[probe]\nbeacons = ["gateway"]\n', "expected host:port, not 'gateway'"),
        ('[service]\nhost = "0.0.0.0"\n', "behind_proxy = true"),
        ('[service]\ntls_certificate = "a.pem"\n', "tls_certificate and tls_key go together"),
        ('[picture]\noff_for = ["kitchen"]\n', "picture.off_for"),
        ("[contacts]\nsilent_hours = 200\n", "expected silent_hours < long_silent_hours"),
        ("[probe\n", "camreach.toml"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path, text, named):
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, text))

    assert named in str(refused.value)


def test_a_missing_file_is_an_error_not_the_defaults(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "nowhere.toml")


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CAMREACH_PROBE__VANTAGE", "district-7")
    settings = load(written(tmp_path, '[probe]\nvantage = "main"\nconcurrency = 7\n'))

    assert (settings.probe.vantage, settings.probe.concurrency) == ("district-7", 7)


def test_a_list_from_the_environment_that_is_none_is_explained(monkeypatch):
    monkeypatch.setenv("CAMREACH_PROBE__ALLOW_NETWORKS", "10.0.0.0/8")
    with pytest.raises(ConfigError, match="lists are JSON"):
        load(None)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        build().probe.vantage = "elsewhere"
