from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cutover.storage.old_tool import folders, old_backups
from cutover.storage.store import Listed

WRITTEN = datetime(2023, 4, 11, 23, 10, tzinfo=UTC)


def listing(*keys: str) -> list[Listed]:
    return [Listed(key, 10, "etag", WRITTEN) for key in keys]


ONE_DUMP = [
    ("backup/pgsql-backup-1681215859.sql", "1681215859", datetime(2023, 4, 11, 12, 24, 19, tzinfo=UTC)),
    ("backup/pgsql-backup-centos.sql", "centos", WRITTEN),
    ("acme/pgsql-backup-20241120_0215.sql", "20241120_0215", WRITTEN),
    ("pgsql-backup-20241120_0215.sql", "20241120_0215", WRITTEN),
    ("backup/acme/pgsql-backup-20260101_0300.sql", "20260101_0300", WRITTEN),
    ("backup/acme/pgsql-backup-20260101_0300-OMD.sql", "20260101_0300-OMD", WRITTEN),
]


@pytest.mark.parametrize(("key", "identity", "at"), ONE_DUMP)
def test_dumps_are_found_wherever_the_old_tool_and_its_successors_left_them(
    key: str, identity: str, at: datetime
) -> None:
    (found,) = old_backups(listing(key), "acme")
    assert (found.id, found.at, found.size, found.asterisk_prefix) == (identity, at, 10, None)
    assert found.other_database == key.endswith("-OMD.sql")


@pytest.mark.parametrize("file", ["a.conf", "etc-custom/a.conf", "sounds-oml/deep/a.wav"])
def test_a_dump_and_the_files_of_the_same_number_are_one_backup(file: str) -> None:
    (found,) = old_backups(listing("backup/pgsql-backup-7.sql", f"backup/asterisk/7/{file}"), "acme")
    assert (found.dump is not None, found.asterisk_prefix, found.size) == (True, "backup/asterisk/7/", 20)


def test_w03_files_without_a_dump_are_a_backup_without_a_database() -> None:
    (found,) = old_backups(listing("backup/asterisk/7/a.conf"), "acme")
    assert found.dump is None


@pytest.mark.parametrize(
    "key",
    [
        "backup/pgsql-backup-20261120-021503-acme-1.26.0.dump.zst",
        "backup/asterisk/20261120-021503-acme-1.26.0/voice_1-custom.tar.zst",
        "backup/asterisk/20261120-021503-acme-1.26.0/voice_1-custom.tar.zst.age",
        "backup/manifests/20261120-021503-acme-1.26.0.json",
        "backup/other/pgsql-backup-20260101_0300.sql",
        "other/pgsql-backup-20260101_0300.sql",
        "2026-11-20/call.mp3",
    ],
)
def test_cutovers_own_another_tenants_and_recordings_are_none(key: str) -> None:
    assert old_backups(listing(key), "acme") == []


def test_what_is_looked_through_depends_on_the_places_prefix() -> None:
    assert folders("acme", "") == ("backup/", "acme/pgsql-backup-")
    assert folders("acme", "acme/") == ("backup/", "pgsql-backup-")
