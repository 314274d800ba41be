"""Which backups a tenant can take."""

from __future__ import annotations

import pytest

from cutover.products.omnileads.compatibility import postgres_findings, release_findings
from cutover.products.omnileads.releases import releases

NAMES = list(dict.fromkeys(row.name for row in releases()))
OLDER, NEWER = NAMES[0], NAMES[-1]


@pytest.mark.parametrize(
    ("backup", "tenant", "code", "fatal"),
    [
        (NEWER, OLDER, "CUT-753", True),
        (OLDER, NEWER, "CUT-754", False),
        (None, OLDER, "CUT-755", False),
        ("0.0.1", OLDER, "CUT-755", False),
        (OLDER, "own-tag", "CUT-755", False),
    ],
)
def test_releases_are_compared_by_their_place_in_the_table(
    backup: str | None, tenant: str, code: str, fatal: bool
) -> None:
    (finding,) = release_findings(backup, tenant, "backup")
    assert (finding.code, finding.fatal) == (code, fatal)


def test_the_same_release_fits() -> None:
    assert not list(release_findings(OLDER, OLDER, "backup"))


@pytest.mark.parametrize(
    ("backup", "server", "refused"), [("15.13", 14, True), ("15.13", 15, False), ("9.6.1", 15, False), (None, 9, False)]
)
def test_a_dump_of_a_newer_postgresql_is_refused(backup: str | None, server: int, refused: bool) -> None:
    assert [finding.fatal for finding in postgres_findings(backup, server, "backup")] == [True] * refused
