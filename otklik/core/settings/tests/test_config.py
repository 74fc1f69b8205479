from dataclasses import fields
from pathlib import Path

import pytest

from otklik.core.settings.config import Config, ConfigError, config_sources, load_config


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "otklik.toml").write_text('port = 8100\nlog_level = "debug"\n')
    environment = {"OTKLIK_HOME": str(tmp_path), "OTKLIK_PORT": "8200", "PATH": "/bin"}
    loaded = load_config(environment)
    assert (loaded.port, loaded.log_level, loaded.threads) == (8200, "DEBUG", 8)
    sources = {line.name: line.source for line in config_sources(environment)}
    assert sources["port"] == "environment"
    assert sources["log_level"] == "otklik.toml"
    assert sources["threads"] == "default"


def test_unknown_names_are_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    (tmp_path / "otklik.toml").write_text("prot = 1\n")
    with pytest.raises(ConfigError) as caught:
        load_config({"OTKLIK_HOME": str(tmp_path), "OTKLIK_DATABSE_URL": "x"})
    assert caught.value.problems == (
        'otklik.toml: unknown setting "prot". Did you mean port?',
        "OTKLIK_DATABSE_URL is no setting of Otklik. Did you mean OTKLIK_DATABASE_URL?",
    )


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(
            {
                "OTKLIK_HOME": str(tmp_path),
                "OTKLIK_PORT": "99999",
                "OTKLIK_DEMO": "maybe",
                "OTKLIK_TRUSTED_PROXIES": "10.0.0.0/8,nonsense",
                "OTKLIK_TIME_ZONE": "Mars/Base",
                "OTKLIK_URL": "desk.example",
                "OTKLIK_MAX_UPLOAD": "lots",
            }
        )
    assert len(caught.value.problems) == 6
    assert "OTKLIK_PORT must be a whole number from 1 to 65535." in caught.value.problems


@pytest.mark.parametrize(
    ("written", "read"), [("25 MB", 25 << 20), ("1g", 1 << 30), ("512", 512), ("10K", 10240)]
)
def test_sizes_are_read_with_their_units(written: str, read: int, tmp_path: Path) -> None:
    found = load_config({"OTKLIK_HOME": str(tmp_path), "OTKLIK_MAX_UPLOAD": written})
    assert found.max_upload == read


def test_broken_toml_is_named_by_file_and_place(tmp_path: Path) -> None:
    (tmp_path / "otklik.toml").write_text("port = \n")
    with pytest.raises(ConfigError, match=r"otklik\.toml is no valid TOML: .*line 1"):
        load_config({"OTKLIK_HOME": str(tmp_path)})


def test_passwords_are_masked_where_settings_are_listed(tmp_path: Path) -> None:
    environment = {
        "OTKLIK_HOME": str(tmp_path),
        "OTKLIK_DATABASE_URL": "postgres://desk:pa%40ss@db.example:5433/otklik?password=geheim",
        "OTKLIK_METRICS_TOKEN": "hidden-token",
    }
    shown = {line.name: line.value for line in config_sources(environment)}
    assert shown["database_url"] == "postgres://••••@db.example:5433/otklik"
    assert "geheim" not in " ".join(shown.values())
    assert "hidden" not in " ".join(shown.values())


def test_the_database_is_sqlite_under_home_unless_named(tmp_path: Path) -> None:
    home = {"OTKLIK_HOME": str(tmp_path)}
    assert load_config(home).database.name == str(tmp_path / "otklik.sqlite3")
    named = {**home, "OTKLIK_DATABASE_URL": "postgres://desk:p%40ss@db.example:5433/otklik"}
    address = load_config(named).database
    assert (address.kind, address.name, address.host) == ("postgresql", "otklik", "db.example")
    assert (address.port, address.user, address.password) == (5433, "desk", "p@ss")
    with pytest.raises(ConfigError, match="names no database"):
        load_config({**home, "OTKLIK_DATABASE_URL": "postgres://db.example"})


def test_the_public_address_is_the_one_listened_on_unless_named(tmp_path: Path) -> None:
    home = {"OTKLIK_HOME": str(tmp_path)}
    assert load_config(home).public_url == "http://127.0.0.1:8000"
    assert load_config({**home, "OTKLIK_HOST": "::1"}).public_url == "http://[::1]:8000"
    named = load_config({**home, "OTKLIK_URL": "https://desk.example/"})
    assert named.public_url == "https://desk.example"


def test_every_setting_is_in_the_operators_guide() -> None:
    guide = Path(__file__).parents[4] / "docs" / "operators" / "configuration.md"
    text = guide.read_text()
    for each in fields(Config):
        assert f"`OTKLIK_{each.name.upper()}`" in text
