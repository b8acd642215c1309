"""The examples in deploy/ fit the program: commands, settings, ports, times."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from bot.channels.web import LONGEST_WAIT
from bot.cli import main
from bot.settings import DESCRIPTIONS, ROOT, Settings

DEPLOY = ROOT / "deploy"
UNITS = ("peil.service", "peil-backup.service", "peil-backup.timer")
APP = "/opt/peil/app"


def text(name: str) -> str:
    """An example without its comments."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def values(name: str, key: str) -> list[str]:
    """What a unit file gives for a key, in order."""
    return re.findall(rf"^{key}=(.*)$", text(name), re.MULTILINE)


def commands(name: str) -> list[str]:
    """The words of `peil` that a unit runs."""
    return re.findall(r"\.venv/bin/peil ([a-z]+)", text(name))


def test_what_the_units_run_are_commands_of_ours_in_the_checkout() -> None:
    assert commands("peil.service") == ["run"]
    assert commands("peil-backup.service") == ["backup"]
    for name in UNITS[:2]:
        assert all(isinstance(main.commands[command], click.Command) for command in commands(name))
        assert values(name, "WorkingDirectory") == [APP]
    assert values("peil.service", "ExecStart") == [f"{APP}/.venv/bin/peil run"]


def test_the_units_set_what_is_a_setting_and_share_their_data() -> None:
    known = {f"PEIL_{name.upper()}" for name in DESCRIPTIONS}
    for name in UNITS[:2]:
        assert set(re.findall(r"PEIL_[A-Z_]+", text(name))) <= known
        assert values(name, "EnvironmentFile") == ["-/etc/peil/peil.env"]
        assert "PEIL_DATA_DIR=/var/lib/peil" in values(name, "Environment")
        assert (values(name, "User"), values(name, "Group")) == (["peil"], ["peil"])
    # /var/lib/peil is the one place where the service may write, besides its cache.
    assert values("peil.service", "StateDirectory") == ["peil"]
    assert values("peil.service", "ProtectSystem") == ["strict"]
    assert values("peil.service", "ReadWritePaths") == []


def test_the_service_is_stopped_as_peil_wants_it() -> None:
    # SIGTERM, which is systemd's way, to the first process alone: that one stops the parts.
    assert values("peil.service", "KillMode") == ["mixed"]
    assert values("peil.service", "KillSignal") == []
    assert int(values("peil.service", "TimeoutStopSec")[0]) >= 15
    assert values("peil.service", "Restart") == ["on-failure"]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    for unit in UNITS:
        # The places of the example are not on this machine.
        (tmp_path / unit).write_text((DEPLOY / unit).read_text().replace(APP, str(ROOT)))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxies_lead_to_where_peil_listens_unless_told_otherwise(name: str) -> None:
    defaults = Settings.from_environment({})

    [address] = re.findall(r"(?:proxy_pass http://|reverse_proxy )([\d.:]+)", text(name))
    assert address == f"{defaults.http_host}:{defaults.http_port}"
    assert defaults.http_host in defaults.trusted_proxies.split(",")
    assert "/readyz" in text(name)
    assert "Strict-Transport-Security" in text(name)


def test_nginx_waits_longer_than_peil_and_keeps_nobody_s_address() -> None:
    nginx = text("nginx.conf")

    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", nginx)
    longest = Settings.from_environment({"PEIL_REPLY_WAIT": "60"}).reply_wait
    assert int(seconds) > max(LONGEST_WAIT, longest)
    assert nginx.count("access_log off;") == nginx.count("server {") == 2
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx


def test_every_example_is_in_the_page_on_operation() -> None:
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    examples = {path.name for path in DEPLOY.iterdir() if path.is_file() and path.name != "setup.py"}

    assert examples == {*UNITS, "nginx.conf", "Caddyfile"}
    assert [name for name in sorted(examples) if f"(../deploy/{name})" not in page] == []
