"""The release table, and what an inventory's release and tags mean by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.errors import CutoverError
from cutover.inventory import Tenant
from cutover.products.omnileads import images
from cutover.products.omnileads.releases import COLUMNS, VARIABLES, releases, tags
from tests.unit.products.omnileads.cases import tenant

S = {
    "omnileads_version": "1.26.0",
    "asterisk_version": "230328.01",
    "nginx_version": "230215.01",
    "kamailio_version": "230204.01",
    "websockets_version": "230204.01",
    "rtpengine_version": "230204.01",
    "postgres_version": "230204.01",
}


def with_variables(**changes: Any) -> Tenant:
    of = tenant("aio")
    return replace(of, variables=of.variables.model_copy(update=changes))


def test_a_release_stands_for_every_tag() -> None:
    assert tags(with_variables(release="1.26.0")).cells == {
        "omlapp": "1.26.0",
        "asterisk": "230204.01",
        "nginx": "230215.01",
        "kamailio": "230204.01",
        "websockets": "230204.01",
        "rtpengine": "230204.01",
        "postgres": "230204.01",
        "redis": "docker.io/redislabs/redisgears:1.0.9",
        "minio": "latest",
    }


@pytest.mark.parametrize(
    ("release", "image"),
    [
        ("1.26.0", "docker.io/redislabs/redisgears:1.0.9"),
        ("1.27.1", "docker.io/omnileads/redis:develop"),
        ("1.27.1", "docker.io/omnileads/asterisk:230508.01"),
        ("1.27.1", "docker.io/omnileads/rtpengine:230426.01"),
        ("1.28.0", "docker.io/omnileads/postgres:230613.01"),
        ("1.28.0", "docker.io/omnileads/omlapp:1.28.0"),
    ],
)
def test_a_release_decides_the_images(release: str, image: str) -> None:
    assert image in {str(each) for each in images(with_variables(release=release))}


def test_seven_tags_do_as_well_and_are_recognised() -> None:
    found = tags(with_variables(release=None, **S))

    assert found.release is not None
    assert found.release.name == "1.26.0"
    assert found.findings == ()
    assert found.cells["asterisk"] == "230328.01"


def test_a_tag_given_beside_a_release_wins() -> None:
    found = tags(with_variables(release="1.26.0", asterisk_version="230328.01"))

    assert found.cells["asterisk"] == "230328.01"
    assert found.findings == ()


def test_a_combination_that_no_release_knows_is_a_warning_with_the_nearest() -> None:
    found = tags(with_variables(release="1.26.0", nginx_version="230204.01"))

    assert [(each.code, each.fatal) for each in found.findings] == [("CUT-412", False)]
    assert "nginx_version 230204.01 (there 230215.01)" in found.findings[0].why
    assert "1.26.0" in found.findings[0].why
    assert found.cells["nginx"] == "230204.01"
    assert found.cells["redis"] == "docker.io/redislabs/redisgears:1.0.9"


@pytest.mark.parametrize(("wrong", "nearest"), [("1.26", "1.26.0"), ("1.27.11", "1.27.1"), ("v1.28.1", "1.28.0")])
def test_an_unknown_release_is_refused_with_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(CutoverError, match=f"(?s)CUT-410.*release: {nearest}`"):
        tags(with_variables(release=wrong))


def test_a_release_whose_components_have_no_data_sheet_is_refused() -> None:
    with pytest.raises(CutoverError, match=r"CUT-413(?s:.)*1\.28\.0") as raised:
        tags(with_variables(release="2.2.2"))
    assert "fastagi" in str(raised.value)
    assert "rabbitmq" in str(raised.value)


def test_missing_tags_are_named_together() -> None:
    with pytest.raises(CutoverError, match="CUT-411") as raised:
        tags(with_variables(release=None, omnileads_version="1.26.0", nginx_version="230215.01"))
    assert "kamailio_version" in str(raised.value)
    assert "postgres_version" in str(raised.value)


@pytest.mark.parametrize("release", [row for row in releases() if not row.unknown], ids=lambda row: str(row.date))
def test_every_release_without_foreign_components_is_complete(release: Any) -> None:
    assert set(COLUMNS) - {"minio"} <= release.cells.keys()


def test_the_table_is_in_order_and_has_all_rows_of_the_field() -> None:
    dates = [row.date for row in releases()]

    assert dates == sorted(dates)
    assert len(dates) == 31
    assert {row.name for row in releases()} > {"1.26.0", "1.27.0", "1.27.1", "1.28.0", "1.29.0", "1.33.4", "2.2.2"}
    assert set(VARIABLES) < set(COLUMNS)


@pytest.mark.parametrize(("release", "plperl"), [("1.26.0", True), ("1.32.1", True), ("1.32.2", False)])
def test_plperl_is_needed_up_to_1_32_1(release: str, plperl: bool) -> None:
    assert [row.plperl for row in releases() if row.name == release][-1] is plperl
