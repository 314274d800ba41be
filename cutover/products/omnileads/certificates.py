"""The tenant's TLS key pair: its own files, or a self-signed pair made for this tenant alone (W24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cutover.inventory import Host, Tenant
from cutover.plan.desired import File
from cutover.products.omnileads.site import CERTIFICATE, KEY

LIFE = timedelta(days=3650)
"""How long a self-signed certificate is valid; it is made once and nobody renews it."""


def certificate_files(tenant: Tenant, host: Host) -> tuple[File, ...]:
    """
    Return certificate and key for a host.

    With `certs: custom` they are `cert.pem` and `key.pem` of the tenant's folder (the inventory has judged them),
    else a fresh pair that is written only where none is yet. The key is 0600.
    """
    if tenant.variables.certs == "custom":
        certificate, key, once = *_custom(tenant), None
    else:
        certificate, key, once = *self_signed(tenant, host), "tls"
    return (
        File(CERTIFICATE, certificate, 0o644, once=once),
        File(KEY, key, 0o600, secret=True, once=once),
    )


def _custom(tenant: Tenant) -> tuple[bytes, bytes]:
    return (tenant.folder / "cert.pem").read_bytes(), (tenant.folder / "key.pem").read_bytes()


def _names(tenant: Tenant, host: Host) -> list[x509.GeneralName]:
    names = dict.fromkeys((tenant.variables.fqdn or "", host.lan, host.wan, host.address, host.name.replace("_", "-")))
    return [_general_name(name) for name in names if name]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def self_signed(tenant: Tenant, host: Host) -> tuple[bytes, bytes]:
    """Return a new certificate and its key (PEM) for the names and addresses that browsers use for this host."""
    key = ec.generate_private_key(ec.SECP256R1())
    common = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, (tenant.variables.fqdn or host.wan)[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(common)
        .issuer_name(common)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(_names(tenant, host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
