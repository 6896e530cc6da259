"""The environment and the ports of `make demo`."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import pytest

from launch.databases import with_database
from launch.environment import shop_environment
from launch.ports import Ports, PortTaken, fixed_ports, free_ports

DESIGNED = {
    *("SECRET_KEY", "DEBUG", "SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", "DATABASE_URL"),
    *("DATABASE_DIRECT_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "AUDIT_SEAL_KEY", "LOG_LEVEL", "STRIPE_SECRET_KEY"),
    *("STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_API_BASE", "STRIPE_JS_URL", "SHOP_CURRENCY"),
    *("CAPTURE_METHOD", "ALLOW_TEST_MODE", "STAFF_USERNAME", "STAFF_PASSWORD"),
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*DESIGNED, "PORT", "SANDBOX_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def environment(folder: Path, shop: int = 8000, *, alone: bool = False) -> dict[str, str]:
    return shop_environment(
        folder / "demo.env",
        ports=Ports(shop, 8001),
        database_url="postgresql://postgres@/tillgate?host=/run",
        mail=folder / "mail",
        alone=alone,
    )


def test_the_first_start_writes_every_name_for_its_owner_only(tmp_path: Path) -> None:
    assert set(environment(tmp_path)) == DESIGNED
    file = tmp_path / "demo.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {line.partition("=")[0] for line in file.read_text().splitlines() if not line.startswith("#")} == DESIGNED


def test_later_starts_keep_the_secrets_and_follow_the_ports(tmp_path: Path) -> None:
    first, second = environment(tmp_path), environment(tmp_path, shop=9000)
    assert {name for name in first if first[name] != second[name]} == {"SITE_URL", "CSRF_TRUSTED_ORIGINS"}
    assert second["SITE_URL"] == "http://127.0.0.1:9000"


def test_mails_land_where_the_demo_says(tmp_path: Path) -> None:
    folder = _made(tmp_path / "with a space")
    mailer = environ.Env.email_url_config(environment(folder)["EMAIL_URL"])
    assert mailer["EMAIL_FILE_PATH"] == str(folder / "mail")


def test_two_clones_draw_different_secrets(tmp_path: Path) -> None:
    one, other = (environment(_made(tmp_path / name)) for name in ("one", "other"))
    for name in ("SECRET_KEY", "AUDIT_SEAL_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS", "STAFF_PASSWORD"):
        assert one[name] != other[name]


def test_the_real_environment_wins_unless_the_shop_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_CURRENCY", "USD")
    assert environment(tmp_path)["SHOP_CURRENCY"] == "USD"
    assert environment(tmp_path, alone=True)["SHOP_CURRENCY"] == "EUR"


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_given_port_that_is_taken_is_named_with_its_variable(
    taken: int, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(taken))
    for choose in (fixed_ports, free_ports):
        with pytest.raises(PortTaken, match=rf"{taken}.*set {variable}"):
            choose()


def test_a_command_ends_at_once_when_its_port_is_taken(taken: int) -> None:
    command = [sys.executable, "-m", "launch", "smoke"]
    run = subprocess.run(
        command, env=os.environ | {"PORT": str(taken)}, capture_output=True, text=True, check=False, timeout=30
    )
    assert run.returncode == 2
    assert f"port {taken}" in run.stderr
    assert "PORT" in run.stderr


@pytest.mark.parametrize("nonsense", ["http", "0", "70000", "-1"])
def test_what_is_no_port_is_refused(nonsense: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", nonsense)
    with pytest.raises(PortTaken, match="PORT="):
        fixed_ports()


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("postgresql://u:p@h:5433/db?sslmode=require", "postgresql://u:p@h:5433/x?sslmode=require"),
        ("postgresql://postgres@/postgres?host=/run/pg", "postgresql://postgres@/x?host=/run/pg"),
        ("postgresql:///db", "postgresql:///x"),
        ("postgres://h", "postgres://h/x"),
    ],
)
def test_another_database_of_the_same_server(url: str, other: str) -> None:
    assert with_database(url, "x") == other


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
