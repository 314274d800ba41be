"""
The objects of a backup on their way from the store to a host: unpacked there, fed to a program, and compared.

Invariant: what a program made of an object counts only when `deliver` returns: until then neither its end nor its
checksum is known. A program that fails on a damaged object is not blamed: the object is then read once more, whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cutover.errors import CutoverError, Finding
from cutover.hosts import courier
from cutover.hosts.courier import Codec, Fetched
from cutover.hosts.job import JobState, Seen, carry_out
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.inventory.age import recipient_of
from cutover.storage.keys import Kind
from cutover.storage.manifest import Manifest, Stored
from cutover.storage.store import Store

DAMAGED = frozenset({"CUT-715", "CUT-716", "CUT-717"})
"""Codes of an object that is not what it was."""

UNUSABLE = frozenset({"CUT-718", "CUT-719"})
"""Codes of a stage after the fetching: the object may be damaged, or was never good."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An object to be fetched: `what` it is in words, its size in bytes, its SHA-256 where known, how it is packed."""

    what: str
    key: str
    size: int
    sha256: str | None
    codec: Codec

    @property
    def job(self) -> str:
        """The name of the job that fetches it."""
        return f"fetch-{re.sub('[^a-z0-9]+', '-', self.what.lower())}"


WORDS = {Kind.ASTERISK: "custom files", Kind.MEDIA: "index of recordings"}
"""What objects are called where that is not the name of their kind."""


def parcel(stored: Stored, codec: Codec) -> Parcel:
    """Return an object of a backup as something to fetch."""
    what = f"{WORDS.get(stored.kind, stored.kind)} of {stored.host}"
    return Parcel(what, stored.key, stored.size, stored.sha256, codec)


def codec_for(manifest: Manifest, tenant: Tenant) -> Codec:
    """
    Return how the objects of a backup are unpacked with the keys of the inventory.

    Raises CutoverError: it is encrypted and there is no identity (CUT-731), or the identity of another key (CUT-732).
    """
    wanted, identity = manifest.encrypted_for, tenant.variables.backup_identity
    if wanted is None:
        return Codec()
    if identity is None:
        todo = f"give the identity that belongs to {wanted} as backup_identity"
        raise CutoverError(
            Finding("CUT-731", "the backup is encrypted and there is no key to it", manifest.id, "", todo)
        )
    if (found := recipient_of(identity.reveal())) != wanted:
        why = f"it was encrypted for {wanted}; backup_identity belongs to {found}"
        todo = "give the identity that belongs to it as backup_identity for as long as you need this backup"
        raise CutoverError(Finding("CUT-732", "the key does not open this backup", manifest.id, why, todo))
    return Codec(identity=identity)


async def deliver(
    store: Store,
    host: str,
    wanted: Parcel,
    sink: Sequence[str],
    *,
    files: Mapping[str, bytes] | None = None,
    seen: Seen | None = None,
) -> JobState:
    """
    Have a host fetch an object, unpack it and feed it to the bash lines `sink`, with `files` beside them.

    Raises CutoverError with the cause, one of CUT-711 and CUT-713 to CUT-719.
    """
    state = await _carried(store, host, wanted, name=wanted.job, sink=sink, files=files, seen=seen)
    found = courier.objection(state, wanted.what, host)
    if found is None:
        return state
    if found.code in UNUSABLE and wanted.sha256 is not None:
        await examine(store, host, wanted)
    raise CutoverError(found)


async def examine(store: Store, host: str, wanted: Parcel) -> None:
    """Have a host read an object as it is; raises CutoverError when it is not what it was (CUT-715 to CUT-717)."""
    as_it_is = replace(wanted, codec=Codec(zstd=False))
    state = await _carried(store, host, as_it_is, name=f"{wanted.job}-again", sink=("cat >/dev/null",))
    if found := courier.objection(state, wanted.what, host):
        raise CutoverError(found)


async def _carried(
    store: Store,
    host: str,
    wanted: Parcel,
    *,
    name: str,
    sink: Sequence[str],
    files: Mapping[str, bytes] | None = None,
    seen: Seen | None = None,
) -> JobState:
    fetched = Fetched(store.signed_get(wanted.key), wanted.size, wanted.sha256, wanted.codec)
    job = courier.fetch(name, fetched, sink, verify=store.place.bucket.verify, files=files)
    return await carry_out(current(), host, job, seen)
