"""The names of backups and of their objects. The database and Asterisk's files lie where the old tool kept them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

BACKUPS = "backup/"
MANIFESTS = "backup/manifests/"
_ID = re.compile(r"(?P<began>\d{8}-\d{6})-(?P<tenant>.+)-(?P<release>[^-/]+)")
_STAMP = "%Y%m%d-%H%M%S"


class Kind(StrEnum):
    """What an object of a backup holds."""

    DATABASE = "database"
    ASTERISK = "asterisk"
    CONFIGURATION = "configuration"
    REDIS = "redis"
    INVENTORY = "inventory"
    MEDIA = "media"


_KEYS = {
    Kind.DATABASE: "backup/pgsql-backup-{id}.dump.zst",
    Kind.ASTERISK: "backup/asterisk/{id}/{host}-custom.tar.zst",
    Kind.CONFIGURATION: "backup/hosts/{id}/{host}-configuration.tar.zst",
    Kind.REDIS: "backup/hosts/{id}/{host}-redis.rdb.zst",
    Kind.INVENTORY: "backup/hosts/{id}/inventory.tar.zst",
    Kind.MEDIA: "backup/hosts/{id}/media.jsonl.zst",
}

_OWNERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"backup/pgsql-backup-(?P<id>[^/]+)\.dump\.zst(\.age)?",
        r"backup/(asterisk|hosts)/(?P<id>[^/]+)/[^/]+\.zst(\.age)?",
        r"backup/manifests/(?P<id>[^/]+?)(\.proof)?\.json",
    )
)


def new_id(tenant: str, release: str, at: datetime) -> str:
    """Return the id of a backup begun at a time: `20261120-021503-acme-1.26.0`, in UTC; a release loses its dashes."""
    return f"{at.astimezone(UTC):{_STAMP}}-{tenant}-{release.replace('-', '_')}"


def began(backup: str) -> datetime | None:
    """Return when a backup began, None if the text is no id of ours."""
    found = _ID.fullmatch(backup)
    try:
        return datetime.strptime(found["began"], _STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def tenant_of(backup: str) -> str | None:
    """Return the tenant a backup is of, None if the text is no id of ours."""
    found = _ID.fullmatch(backup)
    return found["tenant"] if found and began(backup) else None


def object_key(kind: Kind, backup: str, host: str = "", *, encrypted: bool = False) -> str:
    """Return where an object of a backup lies; `host` is where its content comes from, where there are several."""
    return _KEYS[kind].format(id=backup, host=host) + (".age" if encrypted else "")


def manifest_key(backup: str) -> str:
    """Return where the manifest of a backup lies."""
    return f"{MANIFESTS}{backup}.json"


def proof_key(backup: str) -> str:
    """Return where the newest proof of a backup lies."""
    return f"{MANIFESTS}{backup}.proof.json"


def owner(key: str) -> str | None:
    """Return the id of the backup that a key belongs to; None for everything that Cutover has not named."""
    for pattern in _OWNERS:
        found = pattern.fullmatch(key)
        if found and began(found["id"]):
            return found["id"]
    return None
