"""A tenant's folder as an archive: what a backup keeps of the inventory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from cutover.inventory.tenant import Tenant

WITHHELD = ("backup_identity", "backup_bucket_access_key", "backup_bucket_secret_key")
"""Secrets with which the backups themselves could be opened or destroyed; they are in no backup and on no host."""

PLACEHOLDER = b"(not in the backup)"


def archive(tenant: Tenant) -> bytes:
    """
    Return the tenant's folder as a tar: regular files with their modes and times, links within the folder as files.

    What leads out of the folder is left out. In place of the keys of the backups themselves stands a placeholder,
    wherever in a file they are.
    """
    withheld = [secret.reveal().encode() for name in WITHHELD if (secret := getattr(tenant.variables, name))]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in _files(tenant.folder):
            content = path.read_bytes()
            for secret in withheld:
                content = content.replace(secret, PLACEHOLDER)
            entry = tar.gettarinfo(str(path.resolve()), str(path.relative_to(tenant.folder)))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        within = path.resolve().is_relative_to(root)
        if within and path.is_file() and ".git" not in path.relative_to(folder).parts:
            yield path
