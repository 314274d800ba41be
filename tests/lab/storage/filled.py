"""Backups in a store, put there as a backup run and the old tool would have left them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cutover.storage import keys
from cutover.storage.manifest import Manifest, metadata
from cutover.storage.store import Store
from tests.unit.storage.examples import manifest, proof

BODY = b"x" * 100
"""Every object has the size that the examples' manifests say."""


async def backed_up(store: Store, at: datetime, *, proven: bool = False, **more: Any) -> Manifest:
    """Put a whole backup into a store and return its manifest."""
    made = manifest(at, **more)
    carried = metadata(made.tenant, made.id)
    for stored in made.objects:
        await store.put(stored.key, BODY, carried)
    if proven:
        await store.put(keys.proof_key(made.id), proof(made).content(), carried)
    await store.put(keys.manifest_key(made.id), made.content(), carried)
    return made


async def everything(store: Store) -> dict[str, int]:
    """Return the size of everything in a place by its key."""
    return {each.key: each.size for each in await store.listed("")}
