"""A tenant's own certificate: `cert.pem`, the chain after it, and `key.pem`."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from cutover.inventory.codes import Code
from cutover.inventory.report import Mark, Report

DAYS = 30
"""A certificate that ends sooner is a warning."""

_PUBLISHED = "69e73aceff0788fec1227dfc319d8db786edb0e7"
"""SHA-1 fingerprint of the certificate that came with the old tool, private key included."""


def check_certificate(folder: Path, mark: Mark | None, report: Report, now: datetime | None = None) -> None:
    """Report what is wrong with the custom certificate and key in a tenant's folder. `now` is for another moment."""
    chain = _chain(folder / "cert.pem", mark, report)
    key = _key(folder / "key.pem", mark, report)
    if not chain:
        return
    name = folder / "cert.pem"
    if chain[0].fingerprint(SHA1()).hex() == _PUBLISHED:  # noqa: S303 - the published fingerprint is a SHA-1
        why = "its private key came with the old tool, so everybody has it"
        report.error(Code.PUBLIC_KEY, mark, f"{name} is the published certificate", why, "use another, or selfsigned")
    if key and _public(key.public_key()) != _public(chain[0].public_key()):
        why = "its public half is not the one in the first certificate of cert.pem"
        todo = "put the key of that certificate there, and the tenant's certificate first"
        report.error(Code.KEY, mark, f"{folder / 'key.pem'} does not fit {name}", why, todo)
    _check_links(chain, name, mark, report)
    for certificate in chain:
        _check_days(certificate, name, mark, report, now or datetime.now(UTC))


def _chain(path: Path, mark: Mark | None, report: Report) -> list[x509.Certificate]:
    data = _read(path, mark, report)
    try:
        return [] if data is None else x509.load_pem_x509_certificates(data)
    except (ValueError, UnsupportedAlgorithm):
        todo = "it begins with -----BEGIN CERTIFICATE-----"
        report.error(Code.CERTIFICATE, mark, f"{path} holds no certificate in PEM", "", todo)
        return []


def _key(path: Path, mark: Mark | None, report: Report) -> PrivateKeyTypes | None:
    data = _read(path, mark, report)
    if data is None:
        return None
    mode = path.stat().st_mode
    if mode & stat.S_IRWXO:
        why = f"its mode is {mode & 0o777:04o}"
        report.warn(Code.OPEN_KEY, mark, f"{path} is open to everybody", why, f"chmod 0600 {path}")
    try:
        # Whether the key is sound by itself is for who made it; here it has to fit, and loading stays quick.
        return load_pem_private_key(data, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        why, todo = "nginx and HAProxy could not open it at start", "store it without password, mode 0600"
        report.error(Code.CERTIFICATE, mark, f"{path} is protected by a password", why, todo)
    except (ValueError, UnsupportedAlgorithm):
        todo = "it begins with -----BEGIN PRIVATE KEY-----"
        report.error(Code.CERTIFICATE, mark, f"{path} holds no private key in PEM", "", todo)
    return None


def _read(path: Path, mark: Mark | None, report: Report) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        why, todo = error.strerror or "", "put it there, or write `certs: selfsigned`"
        report.error(Code.CERTIFICATE, mark, f"`certs: custom` needs {path}", why, todo)
        return None


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def _check_links(chain: list[x509.Certificate], name: Path, mark: Mark | None, report: Report) -> None:
    """Each certificate is signed by the next. The last may be a root or lack it: browsers have the roots."""
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            subject, by = certificate.subject.rfc4514_string(), issuer.subject.rfc4514_string()
            what, why = f"the chain in {name} is broken", f"{subject} is not signed by {by}, which follows it"
            report.error(Code.CHAIN, mark, what, why, "order: the tenant's certificate, then each one's issuer")


def _check_days(certificate: x509.Certificate, name: Path, mark: Mark | None, report: Report, now: datetime) -> None:
    subject = certificate.subject.rfc4514_string()
    days = (certificate.not_valid_after_utc - now).days
    if now > certificate.not_valid_after_utc:
        what, why = (
            f"a certificate in {name} has expired",
            f"{subject} ended {certificate.not_valid_after_utc:%Y-%m-%d}",
        )
        report.error(Code.CHAIN, mark, what, why, "renew it")
    elif now < certificate.not_valid_before_utc:
        what = f"a certificate in {name} is not valid yet"
        why = f"{subject} begins {certificate.not_valid_before_utc:%Y-%m-%d}"
        report.error(Code.CHAIN, mark, what, why, "check this machine's clock")
    elif days < DAYS:
        what = f"a certificate in {name} ends in {days} days"
        report.warn(Code.EXPIRES, mark, what, subject, "renew it")
