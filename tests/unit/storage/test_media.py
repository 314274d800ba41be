"""Which recordings are copied again, and the index of a backup."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cutover.storage.media import Medium, lines, media, packed_ledger, parse, parse_ledger, still_copied
from cutover.storage.store import Listed

AT = datetime(2026, 11, 20, tzinfo=UTC)
WAV = Medium("2026-11-20/a.wav", 10, "e1")
COPIED = Medium("2026-11-20/a.wav", 10, "e1", "f" * 64)


def test_everything_but_the_backups_is_the_tenant_s_own() -> None:
    keys = ("2026-11-20/a.wav", "media_root/welcome.wav", "backup/pgsql-backup-1.sql", "media_root/", "backups.txt")
    found = media(Listed(key, 3, "e", AT) for key in keys)
    assert list(found) == ["2026-11-20/a.wav", "media_root/welcome.wav", "backups.txt"]


def test_what_was_copied_as_it_is_and_is_there_is_not_copied_again() -> None:
    assert still_copied({WAV.key: WAV}, {WAV.key: COPIED}, {WAV.key: 10}) == {WAV.key: COPIED}


@pytest.mark.parametrize(
    ("ledger", "there"),
    [
        pytest.param({}, {WAV.key: 10}, id="never copied"),
        pytest.param({WAV.key: COPIED}, {}, id="gone from the target"),
        pytest.param({WAV.key: COPIED}, {WAV.key: 9}, id="cut off in the target"),
        pytest.param({WAV.key: Medium(WAV.key, 10, "e2", "f" * 64)}, {WAV.key: 10}, id="replaced at the source"),
        pytest.param({WAV.key: Medium(WAV.key, 11, "e1", "f" * 64)}, {WAV.key: 10}, id="another size at the source"),
    ],
)
def test_anything_else_is_copied(ledger: dict[str, Medium], there: dict[str, int]) -> None:
    assert still_copied({WAV.key: WAV}, ledger, there) == {}


def test_an_index_is_read_as_it_was_written_whatever_the_keys() -> None:
    objects = [Medium('z/ü "quoted"\n.wav', 1, "e"), COPIED]
    assert parse(lines(objects)) == {each.key: each for each in objects}
    assert lines(objects).splitlines()[0].startswith(b'{"key": "2026-11-20/a.wav"')


def test_a_ledger_that_cannot_be_read_only_costs_time() -> None:
    stored = packed_ledger([COPIED])
    assert parse_ledger(stored) == {COPIED.key: COPIED}
    assert packed_ledger([COPIED]) == stored
    for damaged in (b"", stored[:-9], b"no gzip", packed_ledger([])[:5]):
        assert parse_ledger(damaged) == {}


def test_what_is_no_index_is_refused() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        parse(b'{"other": 1}\n')
