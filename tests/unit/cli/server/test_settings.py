from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

import pytest
from prefect.settings import Settings

from cutover.cli.server import connection, home, settings

DEPLOYMENTS = Path(__file__).parents[4] / "deployments"
NOT_PREFECTS = {"DO_NOT_TRACK"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CUTOVER_HOME", str(tmp_path / "home"))
    return home.home()


@pytest.mark.parametrize("file", ["server.env", "worker.env"])
def test_every_setting_is_one_that_prefect_knows_and_accepts(
    file: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = settings.read(DEPLOYMENTS / file)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    accepted = Settings(home=folder).to_environment_variables(exclude_unset=True)
    assert set(values) - set(accepted) == NOT_PREFECTS


def test_nobody_is_called_and_only_this_machine_is_served(folder: Path) -> None:
    server = settings.server(folder, 4200)
    assert server["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert server["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert server["PREFECT_SERVER_UI_V2_ENABLED"] == "false"
    assert server["DO_NOT_TRACK"] == "1"
    assert server["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200,http://localhost:4200"


def test_what_the_shell_sets_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+asyncpg://prefect@127.0.0.1/prefect"
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", url)
    assert settings.server(folder, 4200)["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == url


def test_programs_of_this_python_environment_come_first(folder: Path) -> None:
    path = settings.runs(folder, settings.api(4200), Path("/tenants"))["PATH"]
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_a_run_knows_the_tenants_and_its_logger_is_seen(folder: Path) -> None:
    run = settings.runs(folder, settings.api(4200), Path("/tenants"))
    assert run["CUTOVER_TENANTS"] == "/tenants"
    assert run["PREFECT_LOGGING_EXTRA_LOGGERS"] == "cutover"
    assert run["PREFECT_TASKS_DEFAULT_NO_CACHE"] == "true"


def test_authorities_are_left_to_prefect_where_there_is_tls_and_are_one_that_signs_nothing_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "PREFECT_API_SSL_CERT_FILE"
    assert name not in settings.runs(folder, "https://prefect.example.net/api", Path("/tenants"))
    only = settings.runs(folder, settings.api(4200), Path("/tenants"))[name]
    assert len(ssl.create_default_context(cafile=only).get_ca_certs()) == 1
    monkeypatch.setenv(name, "/etc/ssl/own.pem")
    assert settings.runs(folder, settings.api(4200), Path("/tenants"))[name] == "/etc/ssl/own.pem"


def test_the_controllers_folder_and_key_are_for_their_owner_alone(folder: Path) -> None:
    key = home.encryption_key(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "encryption.key").stat().st_mode & 0o777 == 0o600
    assert home.encryption_key(folder) == key


def test_the_key_encrypts(folder: Path) -> None:
    from cryptography.fernet import Fernet

    box = Fernet(home.encryption_key(folder).encode())
    assert box.decrypt(box.encrypt(b"x")) == b"x"


def test_a_configured_server_comes_before_the_one_of_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.found(folder) == ""
    monkeypatch.setenv("PREFECT_API_URL", "https://ops.example.net/api/")
    assert connection.found(folder) == "https://ops.example.net/api"
    assert connection.page(connection.found(folder), "/runs") == "https://ops.example.net/runs"
