"""Where the old tool and its successors left backups, in all their forms. Nothing here is ever deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cutover.storage.store import Listed

_OTHER_DATABASE = "-OMD"


@dataclass(slots=True)
class Old:
    """
    An old backup: its dump and its files of Asterisk, either of which may be missing.

    `other_database` says that the dump is of the second database that 3.X saves, not of the application's.
    """

    id: str
    dump: Listed | None = None
    asterisk: list[Listed] = field(default_factory=list)

    @property
    def other_database(self) -> bool:
        """Whether the dump is of another database than the application's."""
        return self.id.endswith(_OTHER_DATABASE)

    @property
    def at(self) -> datetime | None:
        """When it was made: what its number says, else when its youngest object was written."""
        if re.fullmatch(r"1\d{9}", self.id):
            return datetime.fromtimestamp(int(self.id), UTC)
        return max((each.modified for each in self._objects), default=None)

    @property
    def size(self) -> int:
        """Bytes in the store."""
        return sum(each.size for each in self._objects)

    @property
    def asterisk_prefix(self) -> str | None:
        """Where the files of Asterisk lie."""
        return f"backup/asterisk/{self.id}/" if self.asterisk else None

    @property
    def _objects(self) -> list[Listed]:
        return [*([self.dump] if self.dump else ()), *self.asterisk]


def folders(tenant: str, prefix: str) -> tuple[str, ...]:
    """Return the beginnings of all keys under which old backups of a tenant may lie, in a place with a prefix."""
    return ("backup/", "pgsql-backup-" if prefix else f"{tenant}/pgsql-backup-")


def old_backups(objects: Iterable[Listed], tenant: str) -> list[Old]:
    """Return the old backups among the objects of a listing; the objects of Cutover's own are passed over."""
    dump = re.compile(rf"(backup/|backup/{re.escape(tenant)}/|{re.escape(tenant)}/|)pgsql-backup-(?P<id>[^/]+)\.sql")
    file = re.compile(r"backup/asterisk/(?P<id>[^/]+)/.+(?<!\.tar\.zst)(?<!\.tar\.zst\.age)")
    found: dict[str, Old] = {}
    for each in objects:
        if match := dump.fullmatch(each.key):
            found.setdefault(match["id"], Old(match["id"])).dump = each
        elif match := file.fullmatch(each.key):
            found.setdefault(match["id"], Old(match["id"])).asterisk.append(each)
    return list(found.values())
