"""W22: canaries in every secret of an inventory, looked for wherever a secret could come to light."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cutover.inventory import Variables
from cutover.secret import Secret
from tests.lab import arguments, canaries
from tests.lab.controller import Controller
from tests.lab.flows.seen import state
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant

pytestmark = pytest.mark.lab

NAME = "secretive"
MAIL = """email_backend: django.core.mail.backends.smtp.EmailBackend
    email_default_from: contact@example.net
    email_host: smtp.example.net
    email_port: 587
    email_user: contact"""
MARK = "a-process-of-a-tenth-of-a-second"


@dataclass(frozen=True, slots=True)
class Installed:
    """A tenant with canaries that was installed, what the commands printed, and the arguments seen meanwhile."""

    tenant: LabTenant
    host: Host
    password: str
    printed: bytes
    arguments: bytes

    @property
    def wanted(self) -> tuple[bytes, ...]:
        """Everything that must not be found."""
        return canaries.patterns((*self.tenant.secrets.values(), self.password))

    @property
    def unnamed(self) -> tuple[bytes, ...]:
        """The same without the bucket's access key, a user's name that MinIO's client takes as an argument only."""
        secrets = {name: secret for name, secret in self.tenant.secrets.items() if name != "bucket_access_key"}
        return canaries.patterns((*secrets.values(), self.password))


@contextmanager
def watching(file: Path) -> Iterator[None]:
    """Write down the arguments of every process for a while."""
    watcher = subprocess.Popen([sys.executable, arguments.__file__, str(file)])
    try:
        time.sleep(0.5)
        yield
    finally:
        watcher.kill()
        watcher.wait()


@pytest.fixture(scope="module")
def installed(lab: Lab, controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    (host,) = lab.create(["secretive"], "omnileads")
    lab.start([host])
    tenant = controller.tenant(NAME, "aio", [host])
    tenant.add(MAIL)
    for secret in ("google_maps_api_key", "email_password"):
        tenant.add(f"{secret}: {{file: secrets/{secret}}}")
        tenant.secrets[secret] = f"canary{secret.replace('_', '')}4711"
        tenant.give(secret, tenant.secrets[secret])
    seen = tmp_path_factory.mktemp("seen") / "arguments"
    with watching(seen):
        host.run(f"bash -c 'read -t 0.1 <> <(:)' {MARK}", check=False)
        results = [controller.run(verb, NAME, "--json") for verb in ("plan", "install", "status")]
        assert state(results[1]) == "Completed"
        taken = controller.run("password", NAME, "--json")
    assert taken.status == 0, taken.stderr
    printed = "".join(result.stdout + result.stderr for result in results).encode()
    yield Installed(tenant, host, str(taken.json["password"]), printed, seen.read_bytes())
    lab.remove([host])


def test_every_secret_that_an_inventory_can_hold_has_a_canary(installed: Installed) -> None:
    kinds = {name for name, field in Variables.model_fields.items() if Secret.__name__ in str(field.annotation)}
    assert kinds == set(installed.tenant.secrets)


def test_the_canaries_are_on_the_host_where_they_belong(installed: Installed) -> None:
    for secret in installed.tenant.secrets.values():
        assert installed.host.output(f"grep --recursive --files-with-matches {secret} /etc").splitlines(), secret


def test_no_process_on_host_or_controller_has_a_secret_among_its_arguments(installed: Installed) -> None:
    assert MARK.encode() in installed.arguments
    lines = installed.arguments.splitlines()
    assert [line for line in lines if canaries.in_text(line, installed.unnamed)] == []


def test_no_journal_of_the_host_holds_a_secret(installed: Installed) -> None:
    assert canaries.in_journal(installed.host, installed.wanted) == []


def test_no_file_that_anybody_can_read_holds_a_secret(installed: Installed) -> None:
    assert canaries.readable_by_anybody(installed.host, [b"Written by Cutover"]) != []
    assert canaries.readable_by_anybody(installed.host, installed.wanted) == []


def test_containers_with_their_environment_are_shown_to_root_alone(installed: Installed) -> None:
    assert installed.host.run("podman inspect oml-django-server").returncode == 0
    assert installed.host.run("podman inspect oml-django-server", user="ops", check=False).returncode != 0


def test_prefect_s_database_and_everything_else_the_controller_keeps_hold_no_secret(
    controller: Controller, installed: Installed
) -> None:
    assert canaries.in_folder(controller.home, [f"install {NAME}".encode()]) != []
    assert canaries.in_folder(controller.home, installed.wanted) == []


def test_what_the_commands_print_holds_no_secret(installed: Installed) -> None:
    assert canaries.in_text(installed.printed, installed.wanted) == []


def test_the_admin_password_logs_in_and_is_handed_over_once(controller: Controller, installed: Installed) -> None:
    assert logged_in(installed.host, installed.password)
    assert not logged_in(installed.host, "admin")
    again = controller.run("password", NAME, "--json")
    assert again.status != 0
    assert [finding["code"] for finding in again.json["findings"]] == ["CUT-608"]


def logged_in(host: Host, password: str) -> bool:
    """Does the application's own form let admin in with this password?"""
    page = f"https://{host.address}/accounts/login/"
    with httpx.Client(verify=False, timeout=30) as browser:  # noqa: S501  a self-signed certificate
        browser.get(page)
        form = {"username": "admin", "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        return browser.post(page, data=form, headers={"Referer": page}).status_code == httpx.codes.FOUND
