"""What a backup keeps of a tenant's folder."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

from cutover.inventory import Tenant, load
from cutover.inventory.archive import PLACEHOLDER, archive
from tests.unit.products.omnileads.cases import CASES

IDENTITY = "AGE-SECRET-KEY-1ZXCFSLJ0P93P03W78Y9RPSE2AJEDVN4L0UL78KW8DQWXKHEL2PYQD99SRS"
RECIPIENT = "age1aj4eu3eqwk9tvqfwu6ytgjmk0wzlusy3af6dvxkq3gpylqyle9psekg74e"
KEYS = f"""
    backup_bucket_url: https://s3.example.net
    backup_bucket_name: vault
    backup_bucket_access_key: vault-user
    backup_bucket_secret_key: {{file: secrets/vault}}
    backup_recipient: {RECIPIENT}
    backup_identity: {IDENTITY}
"""


def made(place: Path) -> Tenant:
    folder = place / "acme"
    shutil.copytree(CASES / "aio", folder)
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets/vault").write_text("vault-secret")
    (folder / "secrets/vault").chmod(0o600)
    inventory = folder / "inventory.yml"
    inventory.write_text(inventory.read_text().replace("  vars:\n", f"  vars:{KEYS}", 1))
    return load("acme", place)


def packed(tenant: Tenant) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive(tenant))) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def test_the_folder_is_there_without_the_keys_of_the_backups_themselves(tmp_path: Path) -> None:
    found = packed(made(tmp_path))
    assert b"omnileads_aio" in found["inventory.yml"]
    assert found["secrets/vault"] == PLACEHOLDER
    together = b"".join(found.values())
    for secret in (IDENTITY, "vault-user", "vault-secret"):
        assert secret.encode() not in together
    assert RECIPIENT.encode() in together


def test_what_leads_out_of_the_folder_stays_out(tmp_path: Path) -> None:
    tenant = made(tmp_path)
    (tmp_path / "elsewhere").write_text("not the tenant's")
    (tenant.folder / "out").symlink_to(tmp_path / "elsewhere")
    (tenant.folder / "folder").symlink_to(tmp_path)
    (tenant.folder / "within").symlink_to(tenant.folder / "inventory.yml")
    (tenant.folder / ".git").mkdir()
    (tenant.folder / ".git/config").write_text("")
    found = packed(tenant)
    assert found["within"] == found["inventory.yml"]
    assert not [name for name in found if name.startswith(("out", "folder", ".git"))]
