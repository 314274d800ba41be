from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from cutover.errors import Finding
from cutover.inventory import certificates
from cutover.inventory.certificates import check_certificate
from cutover.inventory.report import Report
from tests.unit.inventory.certificates import issue, write, write_pair
from tests.unit.inventory.loading import line_of, loaded, refused, replaced
from tests.unit.inventory.texts import AIO

CUSTOM = replaced(AIO, ("certs: selfsigned", "certs: custom"))


def found(folder: Path, now: datetime | None = None) -> list[Finding]:
    report = Report("inventory.yml")
    check_certificate(folder, None, report, now)
    return list(report.findings)


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in found(folder)]


def test_a_certificate_with_its_chain_and_key_is_accepted(tmp_path: Path) -> None:
    tenant = tmp_path / "acme"
    tenant.mkdir()
    write_pair(tenant)
    assert loaded(tmp_path, CUSTOM).variables.certs == "custom"


def test_missing_files_are_refused_where_custom_is_said(tmp_path: Path) -> None:
    findings = refused(tmp_path, CUSTOM)
    assert [finding.code for finding in findings] == ["CUT-120", "CUT-120"]
    assert all(f":{line_of(CUSTOM, 'certs: custom')}:" in finding.where for finding in findings)


def test_files_are_not_asked_for_with_selfsigned(tmp_path: Path) -> None:
    assert loaded(tmp_path, AIO).variables.certs == "selfsigned"


def test_w34_a_key_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    write(tmp_path, issue("one").pem, issue("two").key_pem)
    assert codes(tmp_path) == ["CUT-121"]


@pytest.mark.parametrize("certificate", [b"", b"not pem", issue("one").pem[40:]])
def test_a_file_without_a_certificate_is_refused(tmp_path: Path, certificate: bytes) -> None:
    write(tmp_path, certificate, issue("one").key_pem)
    assert codes(tmp_path) == ["CUT-120"]


@pytest.mark.parametrize("key", [b"", b"not pem"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, key: bytes) -> None:
    write(tmp_path, issue("one").pem, key)
    assert codes(tmp_path) == ["CUT-120"]


def test_a_key_with_a_password_is_refused(tmp_path: Path) -> None:
    own = issue("one")
    locked = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    write(tmp_path, own.pem, locked)
    (finding,) = found(tmp_path)
    assert "password" in finding.what


def test_a_key_open_to_everybody_is_a_warning(tmp_path: Path) -> None:
    own = issue("one")
    write(tmp_path, own.pem, own.key_pem, mode=0o644)
    (finding,) = found(tmp_path)
    assert (finding.code, finding.fatal) == ("CUT-159", False)


def test_w34_a_chain_in_the_wrong_order_is_refused(tmp_path: Path) -> None:
    root = issue("root")
    between = issue("between", root)
    own = issue("own", between)
    write(tmp_path, own.pem + root.pem + between.pem, own.key_pem)
    assert set(codes(tmp_path)) == {"CUT-122"}
    write(tmp_path, own.pem + between.pem + root.pem, own.key_pem)
    assert codes(tmp_path) == []


def test_w34_a_chain_of_another_issuer_is_refused(tmp_path: Path) -> None:
    own = issue("own", issue("root"))
    write(tmp_path, own.pem + issue("root").pem, own.key_pem)
    assert codes(tmp_path) == ["CUT-122"]


def test_w34_the_root_before_the_tenants_certificate_does_not_fit_the_key(tmp_path: Path) -> None:
    root = issue("root")
    own = issue("own", root)
    write(tmp_path, root.pem + own.pem, own.key_pem)
    assert "CUT-121" in codes(tmp_path)


@pytest.mark.parametrize(
    ("begins", "days", "code", "fatal"),
    [(-400, -1, "CUT-122", True), (2, 400, "CUT-122", True), (-300, 29, "CUT-154", False), (-300, 0, "CUT-154", False)],
    ids=["expired", "not yet", "soon", "today"],
)
def test_w34_days_are_counted(tmp_path: Path, begins: int, days: int, code: str, fatal: bool) -> None:
    own = issue("own", begins=begins, days=days)
    write(tmp_path, own.pem, own.key_pem)
    (finding,) = found(tmp_path)
    assert (finding.code, finding.fatal) == (code, fatal)


def test_w34_the_days_left_are_said(tmp_path: Path) -> None:
    write_pair(tmp_path)
    findings = found(tmp_path, datetime.now(UTC) + timedelta(days=355))
    assert {finding.what.removeprefix(f"a certificate in {tmp_path / 'cert.pem'} ") for finding in findings} == {
        "ends in 10 days"
    }


def test_w24_the_published_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = issue("omniapp")
    fingerprint = sha1(own.certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(certificates, "_PUBLISHED", fingerprint)
    write(tmp_path, own.pem, own.key_pem)
    assert codes(tmp_path) == ["CUT-123"]


def test_the_published_certificate_is_known_by_its_whole_fingerprint() -> None:
    assert len(bytes.fromhex(certificates._PUBLISHED)) == 20
