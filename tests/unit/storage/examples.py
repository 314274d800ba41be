"""Backups of a tenant that only exist on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cutover.errors import Finding
from cutover.storage import keys
from cutover.storage.catalogue import Backup, Origin
from cutover.storage.keys import Kind
from cutover.storage.manifest import Census, Manifest, Proof, Stored, digest

AT = datetime(2026, 11, 20, 2, 15, 3, tzinfo=UTC)
TENANT = "acme"


def manifest(at: datetime = AT, tenant: str = TENANT, **more: Any) -> Manifest:
    """A manifest of a backup begun at a time, with a database and one voice host."""
    backup = keys.new_id(tenant, "1.26.0", at)
    said: dict[str, Any] = {
        "id": backup,
        "tenant": tenant,
        "layout": "aio",
        "release": "1.26.0",
        "digests": {},
        "postgres": "15.13",
        "begun": at,
        "ended": at + timedelta(minutes=3),
        "run": "8f14e45f",
        "who": "ops@controller",
        "why": "nightly",
        "encrypted_for": None,
        "objects": [
            Stored(kind=kind, host="a", key=keys.object_key(kind, backup, "a"), size=100, sha256="0" * 64)
            for kind in (Kind.DATABASE, Kind.ASTERISK)
        ],
        "census": Census(tables={"public.queue_log": 7}, newest_call=at, identity="1", extensions=[], size=8_000_000),
    }
    return Manifest.model_validate(said | more)


def proof(of: Manifest, at: datetime | None = None, **more: Any) -> Proof:
    """A proof of a backup."""
    said: dict[str, Any] = {
        "backup": of.id,
        "manifest": digest(of.content()),
        "at": at or of.ended,
        "run": "1",
        "who": "drill",
        "postgres": "15.13",
        "host": "a",
        "seconds": 2.5,
        "tables": 1,
        "rows": 7,
    }
    return Proof.model_validate(said | more)


def problem(code: str) -> Finding:
    """Something that is wrong with a backup."""
    return Finding(code, f"what {code} says", "somewhere")


def backup(at: datetime = AT, *, proven: bool = False, problems: tuple[str, ...] = (), why: str = "nightly") -> Backup:
    """A backup of Cutover as the catalogue shows it; with problems it is not complete, unless a drill has failed."""
    made = manifest(at, why=why)
    return Backup(
        id=made.id,
        at=at,
        origin=Origin.CUTOVER,
        size=made.size,
        release=made.release,
        complete=not set(problems) - {"CUT-799"},
        problems=tuple(map(problem, problems)),
        manifest=made,
        proof=proof(made) if proven else None,
        database_key=made.objects[0].key,
    )


def without_manifest(at: datetime, code: str) -> Backup:
    """A backup without a manifest, or with one that cannot be used."""
    backup = keys.new_id(TENANT, "1.26.0", at)
    return Backup(backup, at, Origin.CUTOVER, 100, None, complete=False, problems=(problem(code),))


def old(at: datetime) -> Backup:
    """A backup of the old tool."""
    return Backup(str(int(at.timestamp())), at, Origin.OLD, 100, None, complete=True, problems=())
