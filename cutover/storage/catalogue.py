"""
The backups that lie in a store: Cutover's, and those of every form the old tool has left.

One listing says what is there. A backup of Cutover is complete when its manifest can be read and every object it
names is there in its size; without a manifest it is a half one, whatever else lies there. Of an old one nothing is
known but its name and its first bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from cutover.errors import CutoverError, Finding
from cutover.storage import keys
from cutover.storage.bucket import CONNECTIONS
from cutover.storage.format import Format, sniff
from cutover.storage.keys import Kind
from cutover.storage.manifest import Manifest, Proof, digest, dump_digest, parse_manifest, parse_proof
from cutover.storage.old_tool import Old, folders, old_backups
from cutover.storage.store import Listed, Store

R = TypeVar("R")

_HALF, _FAILED = "CUT-795", "CUT-799"


class Origin(StrEnum):
    """Which tool made a backup."""

    CUTOVER = "cutover"
    OLD = "old tool"


@dataclass(frozen=True, slots=True)
class Backup:
    """
    A backup as it lies in a store.

    `id` is Cutover's id, or what stands in the old tool's names for it (its seconds since 1970). `size` is in bytes in
    the store. `complete` says that everything is there; `problems` say what is not, and what is doubtful. `proof` is
    None unless it is one of this very manifest. `format` is that of an old database, `database_key` where the database
    lies, `asterisk_prefix` where the old tool's files of Asterisk lie. `mark` is what a proof of it has to name.
    """

    id: str
    at: datetime | None
    origin: Origin
    size: int | None
    release: str | None
    complete: bool
    problems: tuple[Finding, ...]
    manifest: Manifest | None = None
    proof: Proof | None = None
    database_key: str | None = None
    asterisk_prefix: str | None = None
    format: Format | None = None
    mark: str = ""

    @property
    def proven(self) -> datetime | None:
        """When it was proven, None if never or if it is not complete any more."""
        return self.proof.at if self.proof and self.complete else None

    @property
    def half(self) -> bool:
        """Whether its manifest never came or is gone: it is being made or deleted, or either was cut off."""
        return any(problem.code == _HALF for problem in self.problems)

    @property
    def sound(self) -> bool:
        """Whether it is complete and its last drill has not found it wanting."""
        return self.complete and not self.condemned

    @property
    def condemned(self) -> bool:
        """Whether its last drill has found it wanting."""
        return any(problem.code == _FAILED for problem in self.problems)


async def backups(store: Store, tenant: str) -> tuple[Backup, ...]:
    """Return every backup of a tenant, newest first. Raises CutoverError when the store cannot be asked."""
    listings = [await store.listed(folder) for folder in folders(tenant, store.place.prefix)]
    everything = {each.key: each for listing in listings for each in listing}
    limit = asyncio.Semaphore(CONNECTIONS)
    found = await asyncio.gather(
        *(_limited(limit, _own(store, tenant, *one, everything)) for one in _ours(everything, tenant).items()),
        *(_limited(limit, _old(store, each, everything)) for each in old_backups(everything.values(), tenant)),
    )
    beginning = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda each: (each.at or beginning, each.id), reverse=True))


def chosen(found: Sequence[Backup], wanted: str | None) -> Backup:
    """
    Return the backup that is meant, given all of them newest first.

    None and "latest" mean the newest complete one, one that failed its last drill only when there is no other; anything
    else is an id, the beginning of just one, or the number of an old one. What was asked for by name may be incomplete:
    see its `problems`. Raises CutoverError: CUT-790 when there is none, CUT-791 when several are meant.
    """
    if wanted in (None, "", "latest"):
        complete = [each for each in found if each.complete]
        if not complete:
            todo = "make one with `cutover backup TENANT`, and look at `cutover backups TENANT`"
            raise CutoverError(Finding("CUT-790", "there is no complete backup", "backups", "", todo))
        return next((each for each in complete if each.sound), complete[0])
    name = str(wanted)
    meant = [each for each in found if each.id == name] or [each for each in found if each.id.startswith(name)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        why, todo = ", ".join(each.id for each in meant[:5]), "write more of the id"
        raise CutoverError(Finding("CUT-791", f"{name} is the beginning of {len(meant)} backups", "backups", why, todo))
    raise CutoverError(Finding("CUT-790", f"there is no backup {name}", "backups", "", "see `cutover backups TENANT`"))


async def objections(store: Store, manifest: Manifest) -> list[Finding]:
    """Ask the store for every object of a backup, and return what is missing, has another size or is another's."""
    limit = asyncio.Semaphore(CONNECTIONS)
    heads = await asyncio.gather(*(_limited(limit, store.head(each.key)) for each in manifest.objects))
    found: list[Finding] = []
    for stored, head in zip(manifest.objects, heads, strict=True):
        found += _wrong_size(stored.key, stored.size, head.size if head else None)
        carried = head.metadata if head else {}
        if carried.get("cutover-backup", manifest.id) != manifest.id:
            why, todo = f"it is of {carried['cutover-backup']}", "find out who copied it there; take another backup"
            found.append(Finding("CUT-794", "an object is another backup's", stored.key, why, todo))
    return found


def _wrong_size(key: str, size: int, there: int | None) -> list[Finding]:
    todo = "take another backup, and find out who changed the bucket"
    if there is None:
        return [Finding("CUT-792", "an object is missing", key, "the manifest names it", todo)]
    if there != size:
        why = f"it has {there} bytes, the manifest says {size}"
        return [Finding("CUT-793", "an object has another size", key, why, todo)]
    return []


async def _limited(limit: asyncio.Semaphore, work: Awaitable[R]) -> R:
    async with limit:
        return await work


def _ours(everything: Mapping[str, Listed], tenant: str) -> dict[str, list[Listed]]:
    """Return the objects of each of the tenant's backups: other tenants may share a bucket."""
    found: dict[str, list[Listed]] = {}
    for each in everything.values():
        backup = keys.owner(each.key)
        if backup and keys.tenant_of(backup) == tenant:
            found.setdefault(backup, []).append(each)
    return found


async def _own(
    store: Store, tenant: str, backup: str, objects: Sequence[Listed], everything: Mapping[str, Listed]
) -> Backup:
    size, at = sum(each.size for each in objects), keys.began(backup)
    key = keys.manifest_key(backup)
    if key not in everything:
        todo = "nothing: it is being made, or was cut off, and `cutover prune` sweeps it after two days"
        finding = Finding("CUT-795", "half a backup: it has no manifest", backup, "", todo)
        return Backup(backup, at, Origin.CUTOVER, size, None, complete=False, problems=(finding,))
    try:
        content = await store.get(key)
        manifest = parse_manifest(content, tenant, key)
    except CutoverError as error:
        if error.findings[0].code in _CANNOT_ASK:
            raise
        return Backup(backup, at, Origin.CUTOVER, size, None, complete=False, problems=error.findings)
    problems = [
        finding
        for stored in manifest.objects
        for finding in _wrong_size(stored.key, stored.size, _size(everything, stored.key))
    ]
    mark = digest(content)
    drilled = await _last_drill(store, backup, mark, everything)
    return Backup(
        id=backup,
        at=manifest.begun,
        origin=Origin.CUTOVER,
        size=manifest.size,
        release=manifest.release,
        complete=not problems,
        problems=(*problems, *_failed(drilled)),
        manifest=manifest,
        proof=_proof(drilled),
        database_key=next((stored.key for stored in manifest.of(Kind.DATABASE)), None),
        mark=mark,
    )


_CANNOT_ASK = frozenset({"CUT-700", "CUT-701", "CUT-702", "CUT-704"})


def _size(everything: Mapping[str, Listed], key: str) -> int | None:
    return everything[key].size if key in everything else None


async def _last_drill(store: Store, backup: str, of: str, everything: Mapping[str, Listed]) -> Proof | None:
    """Return what the last drill found; None if there was none, or if it was of something else than is there now."""
    key = keys.proof_key(backup)
    if key not in everything:
        return None
    drilled = parse_proof(await store.get(key))
    return drilled if drilled and drilled.manifest == of else None


def _proof(drilled: Proof | None) -> Proof | None:
    return drilled if drilled and not drilled.failed else None


def _failed(drilled: Proof | None) -> tuple[Finding, ...]:
    if drilled is None or not drilled.failed:
        return ()
    why = f"{', '.join(drilled.failed)} on {drilled.at:%Y-%m-%d %H:%M} UTC, run {drilled.run}"
    todo = "do not restore it: make another backup and drill that one"
    return (Finding("CUT-799", "it failed its last drill", drilled.backup, why, todo, fatal=False),)


async def _old(store: Store, old: Old, everything: Mapping[str, Listed]) -> Backup:
    form = sniff(await store.peek(old.dump.key)) if old.dump else None
    problem = _doubt(old, form)
    mark = dump_digest(old.dump.key, old.dump.size, old.dump.etag) if old.dump else ""
    drilled = await _last_drill(store, old.id, mark, everything)
    return Backup(
        id=old.id,
        at=old.at,
        origin=Origin.OLD,
        size=old.size,
        release=None,
        complete=problem is None,
        problems=(*((problem,) if problem else ()), *_failed(drilled)),
        proof=_proof(drilled),
        database_key=old.dump.key if old.dump else None,
        asterisk_prefix=old.asterisk_prefix,
        format=form,
        mark=mark,
    )


def _doubt(old: Old, form: Format | None) -> Finding | None:
    """Return why an old backup cannot be restored."""
    if old.dump is None:
        why = "the old tool saves no database of AIO, HA and cloud-backed tenants, and reports success"
        return Finding("CUT-796", "an old backup without a database", old.id, why, "take another backup")
    if old.other_database:
        why = "it is the second database that the newer tool saves"
        return Finding("CUT-797", "not the application's database", old.dump.key, why, "restore it by hand")
    if form not in (Format.PLAIN, Format.PLAIN_CRLF, Format.CUSTOM):
        why = f"it is {form}" if form else f"it has {old.dump.size} bytes and begins like none"
        return Finding("CUT-798", "an old backup that holds no dump", old.dump.key, why, "take another backup")
    return None
