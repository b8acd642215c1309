"""Settings: defaults, every value that is refused with one sentence, and the secrets that are made once."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from bot.settings import DESCRIPTIONS, ROOT, Settings, SettingsError, table

LONG = "x" * 32


def read(**values: str) -> Settings:
    """The settings of an environment with these values: read(http_port="80")."""
    return Settings.from_environment({f"PEIL_{name.upper()}": value for name, value in values.items()})


def test_without_a_single_variable_everything_has_a_default() -> None:
    settings = Settings.from_environment({})

    assert settings.data_dir == ROOT / "var"
    assert settings.database_url == f"sqlite:///{ROOT / 'var' / 'peil.db'}"
    assert settings.definitions == ROOT / "models" / "maturity"
    assert settings.http_host == "127.0.0.1"
    assert (settings.http_port, settings.rasa_port, settings.actions_port) == (8000, 5005, 5055)
    assert settings.token_days == 30
    assert settings.log_level == "info"
    assert (settings.secret, settings.internal_secret) == ("", "")


def test_the_environment_of_the_process_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEIL_TOKEN_DAYS", "7")

    assert Settings.from_environment().token_days == 7


def test_an_empty_value_is_the_default() -> None:
    assert read(http_port="", data_dir="  ", log_level="") == Settings.from_environment({})


def test_the_database_lies_in_the_data_directory_unless_it_is_named(tmp_path: Path) -> None:
    assert read(data_dir=str(tmp_path)).database_url == f"sqlite:///{tmp_path / 'peil.db'}"
    assert read(data_dir=str(tmp_path), database_url="sqlite:////srv/a.db").database_url == (
        "sqlite:////srv/a.db"
    )


def test_postgresql_gets_the_driver_that_we_deliver() -> None:
    for url in ("postgresql://me:secret@db/peil", "postgresql+psycopg://me:secret@db/peil"):
        assert read(database_url=url).database_url == "postgresql+psycopg://me:secret@db/peil"


def test_a_relative_folder_and_a_home_folder_are_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert read(data_dir="~/peil").data_dir == Path("/home/somebody/peil")
    assert read(data_dir="here").data_dir == Path.cwd() / "here"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("http_port", "many", "a whole number from 1 to 65535, not 'many'"),
        ("http_port", "0", "from 1 to 65535, not '0'"),
        ("http_port", "65536", "from 1 to 65535"),
        ("http_port", "80.0", "a whole number"),
        ("rasa_port", "-1", "from 1 to 65535"),
        ("actions_port", "5055 5056", "a whole number"),
        ("token_days", "0", "from 1 to 3650"),
        ("picture_minutes", "0", "from 1 to 10080"),
        ("reply_wait", "0", "seconds from 0.1 to 60, not '0'"),
        ("reply_wait", "nan", "seconds from 0.1 to 60"),
        ("reply_wait", "inf", "seconds from 0.1 to 60"),
        ("rasa_timeout", "soon", "seconds from 0.5 to 120, not 'soon'"),
        ("rate_burst", "0", "from 1 to 1000000"),
        ("rate_per_minute", "-5", "from 1 to 1000000"),
        ("max_text", "99", "from 100 to 4000"),
        ("trusted_proxies", "*", "addresses or networks, like ::1,10.1.0.0/16, not '*'"),
        ("trusted_proxies", "10.1.2.3/16", "not '10.1.2.3/16'"),
        ("trusted_proxies", "127.0.0.1,proxy.example", "not 'proxy.example'"),
        ("trusted_proxies", "127.0.0.1,", "not ''"),
        ("log_level", "loud", "debug, info, warning or error, not 'loud'"),
        ("database_url", "mysql://db/peil", "must begin with sqlite:/// or postgresql://"),
        ("database_url", "peil.db", "must begin with sqlite:/// or postgresql://"),
        ("database_url", "postgresql://db:many/peil", "must be like postgresql://user:password@host:5432"),
        ("database_url", "postgresql://me@[::1/peil", "must be like postgresql://user:password@host:5432"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_was_expected(
    name: str, value: str, expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})

    message = str(caught.value)
    assert f"PEIL_{name.upper()}" in message
    assert expected in message
    assert message.endswith(".")
    assert "\n" not in message


def test_addresses_of_proxies_may_stand_apart() -> None:
    assert read(trusted_proxies=" 10.0.0.1 , fd00::/8").trusted_proxies == "10.0.0.1,fd00::/8"


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "sqlite:///?mode=memory"])
def test_a_database_that_lives_in_one_process_only_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"PEIL_DATABASE_URL must name a file"):
        read(database_url=url)


def test_a_password_in_a_wrong_database_url_is_not_repeated() -> None:
    for url in ("mysql://me:hush@db/peil", "postgresql://me:hush@db:x/peil"):
        with pytest.raises(SettingsError) as caught:
            read(database_url=url)
        assert "hush" not in str(caught.value)


def test_settings_that_are_printed_say_nothing_secret() -> None:
    settings = read(database_url="postgresql://me:hush@db/peil", secret=LONG, internal_secret=LONG)

    assert "hush" not in repr(settings)
    assert LONG not in repr(settings)


def test_one_port_for_two_parts_is_refused() -> None:
    for one, other in (("http", "rasa"), ("http", "actions"), ("rasa", "actions")):
        with pytest.raises(SettingsError, match="must be three different ports"):
            read(**{f"{one}_port": "7000", f"{other}_port": "7000"})


def test_a_name_that_is_no_setting_is_refused_but_other_peoples_names_are_let_be() -> None:
    with pytest.raises(SettingsError, match="PEIL_HTP_PORT is not a setting of Peil"):
        read(htp_port="8000")
    with pytest.raises(SettingsError, match="PEIL_ROOT is not"):
        read(root="/")

    others = {"PATH": "/bin", "RASA_TELEMETRY_ENABLED": "false", "PEILING": "1"}
    ours = {"PEIL_PYTHON": "x", "PEIL_PYTHON_RASA": "y", "PEIL_TEST_POSTGRES_URL": "z"}
    assert Settings.from_environment(others | ours) == Settings.from_environment({})


# --- secrets ---


def test_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    settings = read(data_dir=str(tmp_path / "new" / "data"))

    made = settings.with_secrets()

    assert len(made.secret) >= 32
    assert len(made.internal_secret) >= 32
    assert made.secret != made.internal_secret
    assert settings.with_secrets() == made
    files = sorted(made.data_dir.iterdir())
    assert [file.name for file in files] == ["internal_secret.key", "secret.key"]
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_that_are_set_are_used_and_nothing_is_written(tmp_path: Path) -> None:
    settings = read(data_dir=str(tmp_path / "data"), secret=LONG, internal_secret="y" * 32)

    made = settings.with_secrets()

    assert (made.secret, made.internal_secret) == (LONG, "y" * 32)
    assert not (tmp_path / "data").exists()


def test_processes_that_start_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    for round_number in range(10):
        settings = read(data_dir=str(tmp_path / str(round_number)))
        ready = threading.Barrier(8)

        def start(settings: Settings = settings, ready: threading.Barrier = ready) -> Settings:
            ready.wait()
            return settings.with_secrets()

        with ThreadPoolExecutor(8) as pool:
            made = [one.result() for one in [pool.submit(start) for _ in range(8)]]

        assert made == [made[0]] * 8
        assert len(list(settings.data_dir.iterdir())) == 2


@pytest.mark.parametrize("name", ["secret", "internal_secret"])
def test_a_secret_that_is_too_short_is_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    settings = read(data_dir=str(tmp_path), **{name: "hush"})

    with pytest.raises(SettingsError, match=f"PEIL_{name.upper()} must have at least 32 char") as caught:
        settings.with_secrets()

    assert "hush" not in str(caught.value)


def test_a_data_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file")

    with pytest.raises(SettingsError, match=r"The data directory .* cannot be written") as caught:
        read(data_dir=str(occupied / "data")).with_secrets()

    assert "PEIL_DATA_DIR" in str(caught.value)
    assert "\n" not in str(caught.value)


# --- for children, and for people ---


def test_a_child_process_gets_the_very_same_settings(tmp_path: Path) -> None:
    settings = read(
        data_dir=str(tmp_path),
        database_url="postgresql://me:p%40ss@db:5433/peil?sslmode=require",
        http_port="8100",
        reply_wait="2.5",
        log_level="debug",
        secret=LONG,
        internal_secret=LONG,
    )

    assert Settings.from_environment(settings.environment()) == settings


def test_every_setting_is_described_and_stands_in_the_table() -> None:
    assert list(DESCRIPTIONS) == [field.name for field in fields(Settings) if field.name != "root"]
    for name, (default, what) in DESCRIPTIONS.items():
        assert f"| `PEIL_{name.upper()}` | {default} | {what} |" in table()
        assert default.strip()
        assert what.endswith(".")
