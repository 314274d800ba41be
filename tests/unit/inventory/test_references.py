from __future__ import annotations

from pathlib import Path

import pytest

from cutover.errors import CutoverError, Finding
from cutover.inventory import load
from tests.unit.inventory.loading import only, replaced, write
from tests.unit.inventory.texts import AIO


def referring(reference: str) -> str:
    return replaced(AIO, ("ami_password: ami-iK4gee9eeT", f"ami_password: {reference}"))


def test_a_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_AMI", "from-env")
    write(tmp_path, referring("{env: ACME_AMI}"))
    assert load("acme", tmp_path).variables.ami_password.reveal() == "from-env"


@pytest.mark.parametrize("content", ["from-file", "from-file\n", "from-file\r\n"])
def test_a_secret_comes_from_a_file_beside_the_inventory(tmp_path: Path, content: str) -> None:
    folder = write(tmp_path, referring("{file: secrets/ami}"))
    secret = folder / "secrets" / "ami"
    secret.parent.mkdir()
    secret.write_bytes(content.encode())
    secret.chmod(0o600)
    assert load("acme", tmp_path).variables.ami_password.reveal() == "from-file"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_secret_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    text = referring("{file: ami}")
    secret = write(tmp_path, text) / "ami"
    secret.write_text("canary")
    secret.chmod(mode)
    finding = only(tmp_path, text)
    assert (finding.code, finding.todo) == ("CUT-112", f"chmod 0600 {secret}")
    assert "canary" not in str(finding)


def test_a_secret_comes_from_a_prefect_block(tmp_path: Path) -> None:
    write(tmp_path, referring("{prefect: acme-ami}"))
    tenant = load("acme", tmp_path, secret_block={"acme-ami": "from-block"}.__getitem__)
    assert tenant.variables.ami_password.reveal() == "from-block"


def test_a_prefect_block_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path, referring("{prefect: acme-ami}"))
    with pytest.raises(CutoverError) as caught:
        load("acme", tmp_path, secret_block={"other": "canary"}.__getitem__)
    (finding,) = (finding for finding in caught.value.findings if finding.fatal)
    assert (finding.code, finding.todo) == ("CUT-111", "create a Secret block named `acme-ami`")


def test_a_prefect_block_without_a_server_is_refused(tmp_path: Path) -> None:
    assert only(tmp_path, referring("{prefect: acme-ami}")).code == "CUT-111"


@pytest.mark.parametrize(
    ("reference", "todo"),
    [
        ("{env: ACME_NOT_SET}", "set ACME_NOT_SET where Cutover runs"),
        ("{file: nowhere}", "paths are relative to the tenant's folder"),
        ('{file: "a\\0b"}', "paths are relative to the tenant's folder"),
        ("{file: .}", "paths are relative to the tenant's folder"),
        ("{fil: x}", "write `file`"),
        ("{vault: x}", "write {env: NAME}, {file: path} or {prefect: block}"),
        ("{}", "write {env: NAME}, {file: path} or {prefect: block}"),
        ("{env: A, file: b}", "write {env: NAME}, {file: path} or {prefect: block}"),
        ("{env: [A]}", "write {env: NAME}, {file: path} or {prefect: block}"),
        ("{env: }", "write {env: NAME}, {file: path} or {prefect: block}"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(tmp_path: Path, reference: str, todo: str) -> None:
    finding = only(tmp_path, referring(reference))
    assert (finding.code, finding.todo) == ("CUT-111", todo)


def test_only_secrets_may_be_references(tmp_path: Path) -> None:
    finding: Finding = only(tmp_path, replaced(AIO, ("ami_user: omnileads", "ami_user: {env: AMI_USER}")))
    assert (finding.code, finding.why) == ("CUT-107", "references are for secrets")


def test_w23_a_published_secret_is_found_behind_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_AMI", "demo")
    assert only(tmp_path, referring("{env: ACME_AMI}")).code == "CUT-110"
