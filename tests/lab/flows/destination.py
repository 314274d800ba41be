"""Where tenants' backups go in the lab, and whose key opens those that are encrypted."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant

BUCKET = "backups"

# Two pairs of age, used nowhere else.
IDENTITY = "AGE-SECRET-KEY-1ZXCFSLJ0P93P03W78Y9RPSE2AJEDVN4L0UL78KW8DQWXKHEL2PYQD99SRS"
RECIPIENT = "age1aj4eu3eqwk9tvqfwu6ytgjmk0wzlusy3af6dvxkq3gpylqyle9psekg74e"
OTHER_IDENTITY = "AGE-SECRET-KEY-16YXZ80AJE8X3876G3EKXF6LFGHCEN7XM4XDWKEK8TRQYD38VR4MSYWPDPW"
OTHER_RECIPIENT = "age1ed5xs84x2fzs8xuu3xz7l562xlrvk25p8a32v9t68ucq7m65k5eq5dcjpm"


def into_the_lab_s_store(tenant: LabTenant, lab: Lab) -> None:
    """Have a tenant's backups go into the lab's own store."""
    lab.store.make_bucket(BUCKET)
    for line in (
        f"backup_bucket_url: {lab.store.url}",
        f"backup_bucket_name: {BUCKET}",
        f"backup_bucket_access_key: {lab.store.access_key}",
        "backup_bucket_secret_key: {file: secrets/store}",
    ):
        tenant.add(line)
    tenant.give("store", lab.store.secret_key)


def encrypted(tenant: LabTenant) -> None:
    """Have a tenant's backups encrypted."""
    tenant.add(f"backup_recipient: {RECIPIENT}")


def with_key(tenant: LabTenant) -> None:
    """Give a tenant the key to encrypted backups."""
    tenant.add("backup_identity: {file: secrets/identity}")
    tenant.give("identity", IDENTITY)
