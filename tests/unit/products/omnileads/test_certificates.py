"""The key pair: a tenant's own, or one made for it alone."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cutover.products.omnileads.certificates import key_pair, self_signed
from tests.unit.products.omnileads.cases import state, tenant


def names(certificate: bytes) -> tuple[set[str], set[str]]:
    found = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    addresses = {str(each) for each in found.value.get_values_for_type(x509.IPAddress)}
    return set(found.value.get_values_for_type(x509.DNSName)), addresses


def test_w24_every_tenant_gets_a_key_of_its_own() -> None:
    of = tenant("aio")

    assert self_signed(of)[1] != self_signed(of)[1]


def test_the_certificate_names_what_browsers_use() -> None:
    of = tenant("aio")
    certificate, _ = self_signed(of)

    assert names(certificate) == ({"contact.example.net", "omnileads-aio"}, {"10.0.0.10", "203.0.113.10"})
    assert ip_address("203.0.113.10") in {ip_address(each) for each in names(certificate)[1]}


def test_key_and_certificate_belong_together_and_last() -> None:
    of = tenant("ait")
    certificate, key = self_signed(of)
    parsed, private = x509.load_pem_x509_certificate(certificate), load_pem_private_key(key, None)

    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert parsed.public_key() == private.public_key()
    assert (parsed.not_valid_after_utc - parsed.not_valid_before_utc).days >= 3650


def test_a_self_signed_pair_is_written_once_and_together() -> None:
    of = tenant("aio")
    certificate, key = key_pair(of).files()

    assert (certificate.once, key.once) == ("tls", "tls")
    assert (certificate.mode, key.mode, key.secret) == (0o644, 0o600, True)


def test_a_custom_pair_is_the_tenants_own_and_follows_its_folder(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("certificate")
    (tmp_path / "key.pem").write_text("key")
    of = tenant("aio")
    of = replace(of, folder=tmp_path, variables=of.variables.model_copy(update={"certs": "custom"}))
    certificate, key = key_pair(of).files()

    assert (certificate.content, key.content) == (b"certificate", b"key")
    assert (certificate.once, key.once, key.mode) == (None, None, 0o600)


def test_only_hosts_that_speak_tls_hold_the_key() -> None:
    holders = [
        name for name, host in state("ait").hosts.items() for file in host.files if file.path.endswith("key.pem")
    ]

    assert holders == ["omnileads_app"]
