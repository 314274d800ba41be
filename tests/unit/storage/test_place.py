from __future__ import annotations

from pathlib import Path

import pytest

from cutover.inventory import Tenant
from cutover.storage.place import backup_place, own_place
from tests.unit.inventory.loading import loaded, replaced
from tests.unit.inventory.test_backups import TARGET, given
from tests.unit.inventory.texts import AIO, AIT, CLOUD, HA

OWN = [
    (AIO, "http://10.0.0.10:9000", "omnileads_aio", True),
    (AIT, "http://10.0.0.11:9000", "omnileads_data", True),
    (CLOUD, "https://s3.provider.example.net", None, False),
    (replaced(CLOUD, ("https://s3.provider.example.net", "aws")), None, None, False),
    (replaced(CLOUD, ("s3-no-check-cert", "s3")), "https://s3.provider.example.net", None, True),
    (HA, "https://10.0.0.3:9000", None, False),
]
TEXTS = pytest.mark.parametrize(("text", "endpoint", "through", "verify"), OWN)


@TEXTS
def test_the_own_bucket_is_named_as_hosts_reach_it(
    tmp_path: Path, text: str, endpoint: str | None, through: str | None, verify: bool
) -> None:
    place = own_place(loaded(tmp_path, text))
    assert (place.bucket.endpoint, place.through, place.bucket.verify) == (
        endpoint,
        through,
        verify,
    )
    assert (place.own, place.prefix, place.bucket.name) == (True, "", "omnileads")


@TEXTS
def test_backups_go_to_the_own_bucket_unless_another_is_given(
    tmp_path: Path, text: str, endpoint: str | None, through: str | None, verify: bool
) -> None:
    assert backup_place(loaded(tmp_path, text)) == own_place(loaded(tmp_path, text))
    other = backup_place(loaded(tmp_path, given(text, TARGET)))
    assert (other.own, other.prefix, other.through) == (False, "acme/", None)
    assert (other.bucket.name, other.bucket.endpoint) == ("backups", "https://s3.backup.example.net")
    assert other.bucket.secret_key.reveal() == "sk-backup"


def test_a_minio_elsewhere_is_reached_by_way_of_the_data_host(tmp_path: Path) -> None:
    place = own_place(loaded(tmp_path, given(AIT, {"minio_host": "10.0.0.77"})))
    assert (place.bucket.endpoint, place.through) == ("http://10.0.0.77:9000", "omnileads_data")


def target(tmp_path: Path, variables: dict[str, str]) -> Tenant:
    return loaded(tmp_path, given(AIO, TARGET | variables))


def test_a_target_at_aws_has_no_endpoint_and_an_untrusted_one_is_not_verified(tmp_path: Path) -> None:
    assert backup_place(target(tmp_path, {"backup_bucket_url": "aws"})).bucket.endpoint is None
    assert backup_place(target(tmp_path, {})).bucket.verify
    assert not backup_place(target(tmp_path, {"backup_bucket_ssl_insecure": "true"})).bucket.verify


def test_a_place_is_named_without_its_keys(tmp_path: Path) -> None:
    place = own_place(loaded(tmp_path, AIO))
    assert place.name == "bucket omnileads at http://10.0.0.10:9000 on omnileads_aio"
    assert "sk-" not in repr(place)
