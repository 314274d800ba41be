"""Certificates made for a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(name: str, by: Issued | None = None, begins: int = -1, days: int = 365) -> Issued:
    """Return a certificate that begins and ends so many days from now, signed by another or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(by.key if by else key, SHA256())
    )
    return Issued(certificate, key)


def write(folder: Path, certificates: bytes, key: bytes, mode: int = 0o600) -> None:
    """Write `cert.pem` and `key.pem`."""
    (folder / "cert.pem").write_bytes(certificates)
    (folder / "key.pem").write_bytes(key)
    (folder / "key.pem").chmod(mode)


def write_pair(folder: Path) -> None:
    """Write a good certificate with its chain and key."""
    root = issue("Test root")
    own = issue("contact.example.net", root)
    write(folder, own.pem + root.pem, own.key_pem)
