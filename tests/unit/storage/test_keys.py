from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cutover.storage import keys
from cutover.storage.keys import Kind

AT = datetime(2026, 11, 20, 2, 15, 3, tzinfo=UTC)


def test_w09_an_id_tells_time_tenant_and_release() -> None:
    backup = keys.new_id("acme", "1.26.0", AT)
    assert backup == "20261120-021503-acme-1.26.0"
    assert (keys.began(backup), keys.tenant_of(backup)) == (AT, "acme")


def test_an_id_is_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=-3)))
    assert keys.new_id("acme", "1.26.0", there) == keys.new_id("acme", "1.26.0", AT)


@pytest.mark.parametrize("tenant", ["a", "a-b", "20261120-021503-a", "A.b_c-1.26.0"])
@pytest.mark.parametrize("release", ["1.26.0", "1.26.0-rc1", "develop"])
def test_the_tenant_of_an_id_is_never_another_one(tenant: str, release: str) -> None:
    assert keys.tenant_of(keys.new_id(tenant, release, AT)) == tenant


@pytest.mark.parametrize("text", ["", "1681215859", "20261120_0215", "20261120-021503", "20261399-021503-acme-1.26.0"])
def test_what_is_no_id_of_ours_has_neither_time_nor_tenant(text: str) -> None:
    assert (keys.began(text), keys.tenant_of(text)) == (None, None)


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("kind", Kind)
def test_every_object_belongs_to_its_backup(kind: Kind, encrypted: bool) -> None:
    backup = keys.new_id("acme", "1.26.0", AT)
    key = keys.object_key(kind, backup, "omnileads_voice", encrypted=encrypted)
    assert key.endswith(".zst.age" if encrypted else ".zst")
    assert keys.owner(key) == backup


def test_the_objects_of_a_backup_have_different_keys() -> None:
    made = {keys.object_key(kind, "id", host) for kind in Kind for host in ("voice_1", "voice_2")}
    # the database, the inventory and the index of the media are there once
    assert len(made) == 2 * 3 + 3


def test_manifest_and_proof_belong_to_their_backup() -> None:
    backup = keys.new_id("acme", "1.26.0", AT)
    assert {keys.owner(keys.manifest_key(backup)), keys.owner(keys.proof_key(backup))} == {backup}


@pytest.mark.parametrize(
    "key",
    [
        "backup/pgsql-backup-1681215859.sql",
        "backup/asterisk/1681215859/extensions_custom.conf",
        "backup/asterisk/20261120-021503-acme-1.26.0/etc-custom/a.conf",
        "backup/manifests/1681215859.proof.json",
        "backup/manifests/notes.json",
        "backup/hosts/notes/a.tar.zst",
        "backup/20261120-021503-acme-1.26.0/a.tar.zst",
        "2026-11-20/call.mp3",
        "media_root/prompt.wav",
    ],
)
def test_what_cutover_has_not_named_belongs_to_nobody(key: str) -> None:
    assert keys.owner(key) is None
