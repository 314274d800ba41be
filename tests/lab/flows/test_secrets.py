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
IDENTITY = "AGE-SECRET-KEY-1ZXCFSLJ0P93P03W78Y9RPSE2AJEDVN4L0UL78KW8DQWXKHEL2PYQD99SRS"
RECIPIENT = "age1aj4eu3eqwk9tvqfwu6ytgjmk0wzlusy3af6dvxkq3gpylqyle9psekg74e"
SIGNATURE = b"X-Amz-Signature"
"""Stands in every signed URL; with one, whoever finds it reads or writes an object for a day."""

OF_BACKUPS = ("backup_identity", "backup_bucket_access_key", "backup_bucket_secret_key")
"""Secrets that no host is ever given."""

EVERYWHERE = "/etc /root /home /opt /run /tmp /var/lib/cutover /var/log /dev/shm"
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

    @property
    def signed(self) -> tuple[bytes, ...]:
        """Everything that must not be found, and what a signed URL is recognised by."""
        return (*self.wanted, SIGNATURE)


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
    save_into_the_lab_s_store(lab, tenant)
    seen = tmp_path_factory.mktemp("seen") / "arguments"
    with watching(seen):
        host.run(f"bash -c 'read -t 0.1 <> <(:)' {MARK}", check=False)
        results = [controller.run(verb, NAME, "--json") for verb in ("plan", "install", "status", "backup")]
        assert [state(results[number]) for number in (1, 3)] == ["Completed", "Completed"]
        tenant.add("nginx_version: 230923.01")
        results += [controller.run(verb, NAME, "--yes", "--json") for verb in ("upgrade", "rollback")]
        assert [state(result) for result in results[4:]] == ["Completed", "Completed"]
        taken = controller.run("password", NAME, "--json")
    assert taken.status == 0, taken.stderr
    printed = "".join(result.stdout + result.stderr for result in results).encode()
    yield Installed(tenant, host, str(taken.json["password"]), printed, seen.read_bytes())
    lab.remove([host])


def save_into_the_lab_s_store(lab: Lab, tenant: LabTenant) -> None:
    """Have backups encrypted and stored elsewhere, with keys that are canaries too."""
    lab.store.make_bucket(NAME)
    given = (IDENTITY, lab.store.access_key, lab.store.secret_key)
    for variable, secret in zip(OF_BACKUPS, given, strict=True):
        tenant.add(f"{variable}: {{file: secrets/{variable}}}")
        tenant.give(variable, secret)
        tenant.secrets[variable] = secret
    for line in (
        f"backup_recipient: {RECIPIENT}",
        f"backup_bucket_url: {lab.store.url}",
        f"backup_bucket_name: {NAME}",
    ):
        tenant.add(line)


def test_every_secret_that_an_inventory_can_hold_has_a_canary(installed: Installed) -> None:
    kinds = {name for name, field in Variables.model_fields.items() if Secret.__name__ in str(field.annotation)}
    assert kinds == set(installed.tenant.secrets)


def test_the_canaries_are_on_the_host_where_they_belong(installed: Installed) -> None:
    of_backups = {installed.tenant.secrets[name] for name in OF_BACKUPS}
    for secret in set(installed.tenant.secrets.values()) - of_backups:
        assert installed.host.output(f"grep --recursive --files-with-matches {secret} /etc").splitlines(), secret


def test_what_opens_or_destroys_backups_never_came_to_the_host(installed: Installed) -> None:
    for name in OF_BACKUPS:
        secret = installed.tenant.secrets[name]
        found = installed.host.run(f"grep --recursive --text --files-with-matches {secret} {EVERYWHERE}", check=False)
        assert found.stdout == "", name


def test_of_an_encrypted_backup_nothing_can_be_read_in_the_store(lab: Lab, installed: Installed) -> None:
    stored = list((lab.store.data / NAME).rglob("*.age"))
    assert len(stored) >= 5
    together = b"".join(path.read_bytes() for path in stored)
    assert canaries.in_text(together, installed.wanted) == []
    assert b"PGDMP" not in together
    assert b"inventory.yml" not in together


def test_no_process_on_host_or_controller_has_a_secret_among_its_arguments(installed: Installed) -> None:
    assert MARK.encode() in installed.arguments
    lines = installed.arguments.splitlines()
    assert [line for line in lines if canaries.in_text(line, (*installed.unnamed, SIGNATURE))] == []


def test_no_journal_of_the_host_holds_a_secret(installed: Installed) -> None:
    assert canaries.in_journal(installed.host, installed.signed) == []


def test_no_file_that_anybody_can_read_holds_a_secret(installed: Installed) -> None:
    assert canaries.readable_by_anybody(installed.host, [b"Written by Cutover"]) != []
    assert canaries.readable_by_anybody(installed.host, installed.signed) == []


def test_containers_with_their_environment_are_shown_to_root_alone(installed: Installed) -> None:
    assert installed.host.run("podman inspect oml-django-server").returncode == 0
    assert installed.host.run("podman inspect oml-django-server", user="ops", check=False).returncode != 0


def test_prefect_s_database_and_everything_else_the_controller_keeps_hold_no_secret(
    controller: Controller, installed: Installed
) -> None:
    assert canaries.in_folder(controller.home, [f"install {NAME}".encode()]) != []
    assert canaries.in_folder(controller.home, installed.signed) == []


def test_what_the_commands_print_holds_no_secret(installed: Installed) -> None:
    assert canaries.in_text(installed.printed, installed.signed) == []


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
