from __future__ import annotations

from datetime import timedelta

from cutover.storage import keys
from cutover.storage.pruning import deletion_order
from tests.unit.storage.examples import AT, backup, without_manifest


def test_proof_and_manifest_go_first_and_the_objects_last_to_first() -> None:
    whole = backup(AT, proven=True)
    assert whole.manifest is not None
    database, asterisk = (stored.key for stored in whole.manifest.objects)
    first = (keys.proof_key(whole.id), keys.manifest_key(whole.id))
    strange = f"backup/hosts/{whole.id}/strange.tar.zst"
    there = [database, strange, *first, asterisk]
    assert deletion_order(whole, there) == (*first, asterisk, database, strange)


def test_what_is_gone_already_is_not_deleted_again() -> None:
    half = without_manifest(AT - timedelta(days=3), "CUT-795")
    left = f"backup/pgsql-backup-{half.id}.dump.zst"
    assert deletion_order(half, [left]) == (left,)


def test_a_manifest_that_names_what_is_not_its_own_deletes_nothing_of_it() -> None:
    whole = backup(AT)
    assert deletion_order(whole, [keys.manifest_key(whole.id)]) == (keys.manifest_key(whole.id),)
