"""The tenant's TLS key pair: its own files, or a self-signed pair made for this tenant alone (W24)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import File
from cutover.products.omnileads.site import CERTIFICATE, HAPROXY_PAIR, KEY

LIFE = timedelta(days=3650)
"""How long a self-signed certificate is valid; it is made once and nobody renews it."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its key (PEM); `once`: it is written only where none is yet."""

    certificate: bytes
    key: bytes = field(repr=False)
    once: str | None = None

    def files(self) -> tuple[File, ...]:
        """Return the two files that nginx and Kamailio read. The key is root's alone."""
        return (
            File(CERTIFICATE, self.certificate, 0o644, once=self.once),
            File(KEY, self.key, 0o600, secret=True, once=self.once),
        )

    def haproxy_file(self) -> File:
        """Return the one file that HAProxy reads."""
        return File(HAPROXY_PAIR, self.certificate.rstrip() + b"\n" + self.key, 0o600, secret=True, once=self.once)


def key_pair(tenant: Tenant) -> KeyPair:
    """
    Return the tenant's key pair, the same for all its hosts, so that a virtual IP shows one certificate on both.

    With `certs: custom` it is `cert.pem` and `key.pem` of the tenant's folder (the inventory has judged them), else
    a fresh one.
    """
    if tenant.variables.certs == "custom":
        return KeyPair(*_custom(tenant))
    return KeyPair(*self_signed(tenant), "tls")


def _custom(tenant: Tenant) -> tuple[bytes, bytes]:
    return (tenant.folder / "cert.pem").read_bytes(), (tenant.folder / "key.pem").read_bytes()


def _names(tenant: Tenant) -> list[x509.GeneralName]:
    names = [tenant.variables.fqdn, tenant.variables.application_host if tenant.layout is Layout.HA else None]
    for host in _shown_by(tenant):
        names += [host.lan, host.wan, host.address, host.name.replace("_", "-")]
    return [_general_name(name) for name in dict.fromkeys(names) if name]


def _shown_by(tenant: Tenant) -> tuple[Host, ...]:
    """The hosts whose certificate browsers see."""
    return tenant.hosts_of(Role.AIO, Role.APP, Role.HAPROXY)


def _common_name(tenant: Tenant) -> str:
    address = tenant.variables.application_host if tenant.layout is Layout.HA else None
    return tenant.variables.fqdn or address or _shown_by(tenant)[0].wan


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def self_signed(tenant: Tenant) -> tuple[bytes, bytes]:
    """Return a new certificate and its key (PEM) for the names and addresses that browsers use."""
    key = ec.generate_private_key(ec.SECP256R1())
    common = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(tenant)[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(common)
        .issuer_name(common)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(_names(tenant)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
