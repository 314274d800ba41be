"""
What a backup is: its manifest, written last and in one piece, and the proof that it was once restored.

No manifest, no backup. Fields that a newer Cutover adds within version 1 are passed over; a manifest of a higher
version is refused, because something in it means something else.
"""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError

from cutover.errors import CutoverError, Finding
from cutover.storage import keys
from cutover.storage.keys import Kind

VERSION = 1
_RECORD = ConfigDict(frozen=True, extra="ignore")


class Stored(BaseModel):
    """One object of a backup. `size` is in the store, `plain` before compression where that is known; both in bytes."""

    model_config = _RECORD

    kind: Kind
    host: str
    key: str
    size: NonNegativeInt
    sha256: str
    plain: NonNegativeInt | None = None


class Census(BaseModel):
    """
    What the database held in the very snapshot that was dumped.

    `tables` are rows by `schema.table`; `identity` is a digest over users' id, name and date of joining; `size` is the
    database's, in bytes.
    """

    model_config = _RECORD

    tables: dict[str, NonNegativeInt]
    newest_call: AwareDatetime | None
    identity: str
    extensions: list[str]
    size: NonNegativeInt

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


class Manifest(BaseModel):
    """
    Everything that is to be known of a backup to judge and to restore it.

    `digests` are image digests by `name:tag`, `postgres` is the server's version ("15.13"), `who` and `run` say who
    made it in which run, `why` is "nightly", "by hand", "before restore" or "before upgrade", `encrypted_for` is the
    age public key of an encrypted one.
    """

    model_config = _RECORD

    version: int = VERSION
    id: str
    tenant: str
    product: str = "omnileads"
    layout: str
    release: str
    digests: dict[str, str]
    postgres: str
    begun: AwareDatetime
    ended: AwareDatetime
    run: str
    who: str
    why: str
    encrypted_for: str | None
    objects: list[Stored]
    census: Census

    def of(self, kind: Kind) -> tuple[Stored, ...]:
        """Return the objects of one kind."""
        return tuple(stored for stored in self.objects if stored.kind is kind)

    @property
    def size(self) -> int:
        """Bytes of all objects in the store."""
        return sum(stored.size for stored in self.objects)

    def content(self) -> bytes:
        """Return the manifest as it is stored."""
        return self.model_dump_json(indent=2).encode()


class Proof(BaseModel):
    """
    What the last drill of a backup found: that it was restored and equals its manifest, or what spoke against it.

    `manifest` is the SHA-256 of the manifest as stored, and what `dump_digest` says of an old tool's dump; a proof
    counts only for that one. `host` is where the throw-away server ran, `seconds` how long loading took. `failed` are
    the codes of what was found wrong, none in a proof.
    """

    model_config = _RECORD

    version: int = VERSION
    backup: str
    manifest: str
    at: AwareDatetime
    run: str
    who: str
    postgres: str
    host: str
    seconds: float
    tables: NonNegativeInt
    rows: NonNegativeInt
    failed: list[str] = []

    def content(self) -> bytes:
        """Return the proof as it is stored."""
        return self.model_dump_json(indent=2).encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a manifest as stored."""
    return hashlib.sha256(content).hexdigest()


def dump_digest(key: str, size: int, etag: str) -> str:
    """Return what stands for a manifest in the proof of a backup that has none: which object its dump was."""
    return digest(f"{key} {size} {etag}".encode())


def metadata(tenant: str, backup: str) -> dict[str, str]:
    """Return what every object of a backup carries: whose it is."""
    return {"cutover-tenant": tenant, "cutover-backup": backup}


class _Version(BaseModel):
    """Read first: what else is in it depends on this."""

    version: int


def parse_manifest(content: bytes, tenant: str, key: str) -> Manifest:
    """
    Return the manifest that lies at `key`.

    Raises CutoverError when it cannot be read (CUT-705), is of a newer Cutover (CUT-706), of another tenant (CUT-707),
    or of another backup than its key says (CUT-708).
    """
    try:
        version = _Version.model_validate_json(content).version
        if version > VERSION:
            _newer(version, key)
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        todo = "do not restore this backup; take an older one, and find out who changed the object"
        raise CutoverError(Finding("CUT-705", "the manifest cannot be read", key, _first(error), todo)) from error
    if manifest.tenant != tenant:
        why, todo = f"it is of {manifest.tenant}, not of {tenant}", "find out who copied it there"
        raise CutoverError(Finding("CUT-707", "the manifest is another tenant's", key, why, todo))
    if keys.manifest_key(manifest.id) != key:
        why, todo = f"it says it is of {manifest.id}", "find out who copied or renamed it"
        raise CutoverError(Finding("CUT-708", "the manifest is another backup's", key, why, todo))
    return manifest


def _newer(version: int, key: str) -> NoReturn:
    why, todo = f"version {version}; this Cutover knows {VERSION}", "use the Cutover that made it, or a newer one"
    raise CutoverError(Finding("CUT-706", "the manifest was made by a newer Cutover", key, why, todo))


def parse_proof(content: bytes) -> Proof | None:
    """Return a proof, None when it cannot be read or is of a newer Cutover: then the backup counts as unproven."""
    try:
        if _Version.model_validate_json(content).version > VERSION:
            return None
        return Proof.model_validate_json(content)
    except ValidationError:
        return None


def _first(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"
