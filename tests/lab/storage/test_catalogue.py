"""What lies in a bucket is listed for what it is: whole, half, damaged, another's, or the old tool's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from cutover.errors import CutoverError
from cutover.storage import keys
from cutover.storage.catalogue import Backup, Origin, backups, chosen, objections
from cutover.storage.format import Format
from cutover.storage.keys import Kind
from cutover.storage.manifest import Manifest, metadata
from cutover.storage.store import Store
from tests.lab.lab import Lab
from tests.lab.storage.filled import BODY, backed_up
from tests.lab.storage.places import direct, fresh
from tests.unit.storage.examples import AT, TENANT, manifest, proof

pytestmark = pytest.mark.lab

NIGHT = timedelta(days=1)
PLAIN = b"--\n-- PostgreSQL database dump\n--\n"


def catalogued(lab: Lab, fill: Callable[[Store], Awaitable[object]], prefix: str = "") -> tuple[Backup, ...]:
    """Return the catalogue of a new place after it was filled."""

    async def body() -> tuple[Backup, ...]:
        async with direct(fresh(lab.store, prefix)) as store:
            await fill(store)
            return await backups(store, TENANT)

    return asyncio.run(body())


def test_a_whole_backup_is_complete_and_says_what_it_is(lab: Lab) -> None:
    (found,) = catalogued(lab, lambda store: backed_up(store, AT))
    assert (found.id, found.at, found.origin, found.release) == (manifest().id, AT, Origin.CUTOVER, "1.26.0")
    assert (found.complete, found.sound, found.problems, found.proven) == (True, True, (), None)
    assert (found.manifest, found.size, found.database_key) == (manifest(), 200, manifest().objects[0].key)


def test_backups_are_listed_newest_first(lab: Lab) -> None:
    async def fill(store: Store) -> None:
        for night in (2, 0, 1):
            await backed_up(store, AT - night * NIGHT)
        await store.put("backup/pgsql-backup-1681215859.sql", PLAIN)

    assert [each.at for each in catalogued(lab, fill)] == [
        AT,
        AT - NIGHT,
        AT - 2 * NIGHT,
        datetime(2023, 4, 11, 12, 24, 19, tzinfo=UTC),
    ]


def test_a_proof_counts_for_the_very_manifest_it_was_made_of(lab: Lab) -> None:
    async def fill(store: Store) -> None:
        made = await backed_up(store, AT, proven=True)
        changed = await backed_up(store, AT - NIGHT, proven=True)
        await store.put(keys.manifest_key(changed.id), changed.model_copy(update={"who": "other"}).content())
        wrong = proof(made, failed=["CUT-734"])
        failed = await backed_up(store, AT - 2 * NIGHT)
        await store.put(
            keys.proof_key(failed.id), wrong.model_copy(update={"manifest": proof(failed).manifest}).content()
        )

    proven, unproven, failed = catalogued(lab, fill)
    assert proven.proven == manifest().ended
    assert (unproven.complete, unproven.proven) == (True, None)
    assert (failed.complete, failed.sound, failed.proven) == (True, False, None)


Damage = Callable[[Store, Manifest], Awaitable[object]]

DAMAGES: dict[str, tuple[Damage, str]] = {
    "manifest missing": (lambda store, made: store.delete([keys.manifest_key(made.id)]), "CUT-795"),
    "manifest cut off": (lambda store, made: store.put(keys.manifest_key(made.id), made.content()[:99]), "CUT-705"),
    "manifest of a newer Cutover": (
        lambda store, made: store.put(keys.manifest_key(made.id), made.model_copy(update={"version": 2}).content()),
        "CUT-706",
    ),
    "manifest of another tenant": (
        lambda store, made: store.put(keys.manifest_key(made.id), manifest(tenant="other").content()),
        "CUT-707",
    ),
    "manifest of another backup": (
        lambda store, made: store.put(keys.manifest_key(made.id), manifest(AT + NIGHT).content()),
        "CUT-708",
    ),
    "object missing": (lambda store, made: store.delete([made.objects[1].key]), "CUT-792"),
    "object cut off": (lambda store, made: store.put(made.objects[0].key, BODY[:99]), "CUT-793"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_w06_a_backup_that_is_damaged_is_not_complete_and_the_reason_is_given(lab: Lab, what: str) -> None:
    async def fill(store: Store) -> None:
        await damage(store, await backed_up(store, AT, proven=True))

    damage, code = DAMAGES[what]
    (found,) = catalogued(lab, fill)
    assert (found.id, found.complete, found.proven) == (manifest().id, False, None)
    assert [problem.code for problem in found.problems] == [code]


def test_objects_without_a_manifest_are_half_a_backup(lab: Lab) -> None:
    (found,) = catalogued(lab, lambda store: store.put(manifest().objects[0].key, BODY))
    assert (found.half, found.complete, found.size) == (True, False, len(BODY))


def test_another_tenants_backups_in_the_same_bucket_are_not_listed(lab: Lab) -> None:
    assert catalogued(lab, lambda store: backed_up(store, AT, tenant="acme-south")) == ()


OLD = [
    ("backup/pgsql-backup-1681215859.sql", PLAIN, "1681215859", Format.PLAIN),
    ("backup/pgsql-backup-1681215859.sql", PLAIN.replace(b"\n", b"\r\n"), "1681215859", Format.PLAIN_CRLF),
    ("backup/pgsql-backup-1681215859.sql", b"PGDMP\1\16\0", "1681215859", Format.CUSTOM),
    ("acme/pgsql-backup-20241120_0215.sql", b"PGDMP\1\16\0", "20241120_0215", Format.CUSTOM),
    ("backup/acme/pgsql-backup-20260101_0300.sql", b"PGDMP\1\16\0", "20260101_0300", Format.CUSTOM),
]


@pytest.mark.parametrize(("key", "content", "identity", "form"), OLD)
def test_w09_an_old_backup_is_listed_with_the_format_it_really_has(
    lab: Lab, key: str, content: bytes, identity: str, form: Format
) -> None:
    (found,) = catalogued(lab, lambda store: store.put(key, content))
    assert (found.id, found.origin, found.format, found.complete) == (identity, Origin.OLD, form, True)
    assert (found.database_key, found.size) == (key, len(content))


def test_an_old_backup_in_a_central_bucket_is_found_below_the_tenants_prefix(lab: Lab) -> None:
    (found,) = catalogued(lab, lambda store: store.put("pgsql-backup-20241120_0215.sql", PLAIN), prefix="acme/")
    assert (found.id, found.complete) == ("20241120_0215", True)


def test_old_files_of_asterisk_belong_to_the_dump_of_the_same_number(lab: Lab) -> None:
    async def fill(store: Store) -> None:
        await store.put("backup/pgsql-backup-1681215859.sql", PLAIN)
        await store.put("backup/asterisk/1681215859/extensions_custom.conf", b"[custom]\n")

    (found,) = catalogued(lab, fill)
    assert (found.complete, found.asterisk_prefix) == (True, "backup/asterisk/1681215859/")


OLD_WRONG = [
    ("backup/pgsql-backup-1681215859.sql", b"", "CUT-798"),
    ("backup/pgsql-backup-1681215859.sql", b"Error: no container with name\r\n", "CUT-798"),
    ("backup/asterisk/1681215859/extensions_custom.conf", b"[custom]\n", "CUT-796"),
    ("backup/acme/pgsql-backup-20260101_0300-OMD.sql", b"PGDMP\1\16\0", "CUT-797"),
]


@pytest.mark.parametrize(("key", "content", "code"), OLD_WRONG)
def test_w03_an_old_backup_that_saved_nothing_is_not_complete(lab: Lab, key: str, content: bytes, code: str) -> None:
    (found,) = catalogued(lab, lambda store: store.put(key, content))
    assert (found.complete, [problem.code for problem in found.problems]) == (False, [code])


def test_a_store_that_cannot_be_asked_shows_no_backup_as_damaged(lab: Lab) -> None:
    async def body() -> None:
        async with direct(fresh(lab.store)) as store:
            await backed_up(store, AT)
            lab.store.stop()
            try:
                with pytest.raises(CutoverError, match="CUT-700"):
                    await backups(store, TENANT)
            finally:
                lab.store.start()
            assert (await backups(store, TENANT))[0].complete

    asyncio.run(body())


def test_every_object_is_asked_for_one_by_one_where_it_matters(lab: Lab) -> None:
    async def body() -> list[list[str]]:
        async with direct(fresh(lab.store)) as store:
            made = await backed_up(store, AT)
            database, asterisk = made.objects
            seen = [await objections(store, made)]
            await store.put(asterisk.key, BODY, metadata("acme", "20261119-021503-acme-1.26.0"))
            seen.append(await objections(store, made))
            await store.put(asterisk.key, BODY[1:], metadata(made.tenant, made.id))
            await store.delete([database.key])
            seen.append(await objections(store, made))
            return [[finding.code for finding in each] for each in seen]

    assert asyncio.run(body()) == [[], ["CUT-794"], ["CUT-792", "CUT-793"]]


def test_w09_the_latest_is_the_newest_complete_one_and_names_may_be_short(lab: Lab) -> None:
    async def fill(store: Store) -> None:
        for night in range(3):
            await backed_up(store, AT - night * NIGHT)
        await store.delete([manifest(AT).of(Kind.DATABASE)[0].key])
        await store.put("backup/pgsql-backup-1681215859.sql", PLAIN)

    found = catalogued(lab, fill)
    newest, latest, oldest, old = found
    assert chosen(found, None) == chosen(found, "latest") == latest
    assert chosen(found, "20261118") == chosen(found, oldest.id) == oldest
    assert chosen(found, "1681215859") == old
    assert chosen(found, newest.id) == newest
    for wanted, code in (("202611", "CUT-791"), ("2025", "CUT-790")):
        with pytest.raises(CutoverError, match=code):
            chosen(found, wanted)
    with pytest.raises(CutoverError, match="CUT-790"):
        chosen((newest,), None)
