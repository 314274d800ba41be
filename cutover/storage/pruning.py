"""
What of a tenant's backups is to go, and in which order.

Invariant: a backup that is being deleted never looks whole. Its proof goes first and its manifest second, in one
request each; from then on it is half a backup, whatever happens. Then go its objects, last to first. Half backups are
swept once they are too old to be still in the making, so what a pruning that died has left goes with the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cutover.storage import keys
from cutover.storage.catalogue import Backup, Origin, backups
from cutover.storage.retention import Keep, kept
from cutover.storage.store import Store, Upload

HALF_LIFE = timedelta(hours=48)
"""What has no manifest and began less than this ago may still be in the making."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that stays, and why."""

    backup: Backup
    reason: str


@dataclass(frozen=True, slots=True)
class Going:
    """A backup that goes, and why: its keys in the order in which they are deleted. `size` is in bytes."""

    backup: str
    at: datetime | None
    size: int
    reason: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pruning:
    """Everything that a pruning would do: newest first; `uploads` are unfinished ones that nobody works at any more."""

    kept: tuple[Kept, ...]
    going: tuple[Going, ...]
    uploads: tuple[Upload, ...]

    @property
    def size(self) -> int:
        """Bytes that become free, without those of unfinished uploads."""
        return sum(each.size for each in self.going)

    @property
    def empty(self) -> bool:
        """Whether nothing goes."""
        return not self.going and not self.uploads


async def survey(store: Store, tenant: str, keep: Keep, now: datetime) -> Pruning:
    """Look at everything a tenant has in a store and return what stays and what goes. Nothing is changed."""
    found = await backups(store, tenant)
    objects = _by_backup(((each.key, each.size) for each in await store.listed(keys.BACKUPS)), tenant)
    reasons = kept(found, keep, now) | {
        each.id: "in the making, or half a backup that is swept after two days"
        for each in found
        if each.half and not _stale(each.at, now)
    }
    uploads = [each for each in await store.unfinished(keys.BACKUPS) if _abandoned(each, tenant, now)]
    return Pruning(
        kept=tuple(Kept(each, reasons[each.id]) for each in found if each.id in reasons),
        going=tuple(_going(each, objects.get(each.id, {})) for each in found if each.id not in reasons),
        uploads=tuple(uploads),
    )


async def remove(store: Store, going: Going) -> None:
    """Delete a backup in its order; one that is partly or wholly gone is finished."""
    await store.delete(going.keys)


def _by_backup(objects: Iterable[tuple[str, int]], tenant: str) -> dict[str, dict[str, int]]:
    """Return the sizes of the tenant's objects by their key, for each of its backups."""
    found: dict[str, dict[str, int]] = {}
    for key, size in objects:
        backup = keys.owner(key)
        if backup and keys.tenant_of(backup) == tenant:
            found.setdefault(backup, {})[key] = size
    return found


def _going(backup: Backup, objects: dict[str, int]) -> Going:
    if backup.origin is not Origin.CUTOVER:
        raise ValueError(f"{backup.id} was not made by Cutover")
    return Going(
        backup=backup.id,
        at=backup.at,
        size=sum(objects.values()),
        reason="half a backup" if backup.half else "no longer kept",
        keys=deletion_order(backup, objects),
    )


def deletion_order(backup: Backup, objects: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of a backup in the order in which they are deleted: proof, manifest, objects last to first."""
    first = [keys.proof_key(backup.id), keys.manifest_key(backup.id)]
    named: Sequence[str] = [each.key for each in backup.manifest.objects] if backup.manifest else []
    unnamed = sorted(set(objects) - {*first, *named})
    there = set(objects)
    return tuple(key for key in (*first, *reversed(named), *unnamed) if key in there)


def _stale(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at > HALF_LIFE


def _abandoned(upload: Upload, tenant: str, now: datetime) -> bool:
    backup = keys.owner(upload.key)
    return backup is not None and keys.tenant_of(backup) == tenant and _stale(upload.begun or keys.began(backup), now)
