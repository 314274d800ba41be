from __future__ import annotations

from pathlib import Path

import pytest

from cutover.errors import CutoverError
from cutover.inventory import load
from tests.unit.inventory.loading import line_of, loaded, only, refused, replaced, warned, write
from tests.unit.inventory.test_age import IDENTITY, PUBLIC
from tests.unit.inventory.texts import AIO, CLOUD

TARGET = {
    "backup_bucket_url": "https://s3.backup.example.net",
    "backup_bucket_name": "backups",
    "backup_bucket_access_key": "ak-backup",
    "backup_bucket_secret_key": "sk-backup",
}
ENCRYPTED = {"backup_recipient": PUBLIC}


def given(text: str, variables: dict[str, str]) -> str:
    lines = "".join(f"    {name}: {value}\n" for name, value in variables.items())
    return replaced(text, ("    # where the phones are\n", f"    # where the phones are\n{lines}"))


def test_backups_have_defaults_without_a_word_in_the_inventory(tmp_path: Path) -> None:
    said = loaded(tmp_path, AIO).variables
    assert (said.backup_bucket_url, said.backup_recipient, said.backup_window) == (None, None, "01:00-05:00")
    kept = (said.backup_keep_daily, said.backup_keep_weekly, said.backup_keep_monthly, said.backup_keep_yearly)
    assert kept == (14, 8, 12, 0)
    assert (said.drill_weekday, said.restore_keep_days, said.backup_deadline_hours) == ("sunday", 14, 26)


def test_backups_may_go_to_a_bucket_of_their_own(tmp_path: Path) -> None:
    more = {"backup_bucket_region": "eu-1", "backup_bucket_ssl_insecure": "true"}
    tenant = loaded(tmp_path, given(AIO, TARGET | more | ENCRYPTED | {"backup_identity": IDENTITY}))
    said = tenant.variables
    assert (said.backup_bucket_name, said.backup_bucket_region, said.backup_bucket_ssl_insecure) == (
        "backups",
        "eu-1",
        True,
    )
    assert "sk-backup" in {secret.reveal() for secret in tenant.secrets}


@pytest.mark.parametrize("name", TARGET)
def test_one_of_the_target_without_the_others_is_refused(tmp_path: Path, name: str) -> None:
    missing = {finding.what for finding in refused(tmp_path, given(AIO, {name: TARGET[name]}))}
    assert missing == {f"`{each}` is missing" for each in TARGET if each != name}


def test_a_region_without_a_target_is_refused(tmp_path: Path) -> None:
    findings = refused(tmp_path, given(AIO, {"backup_bucket_region": "eu-1"}))
    assert {finding.code for finding in findings} == {"CUT-108"}
    assert all("backup_bucket" in finding.why for finding in findings)


def test_the_tenants_own_bucket_is_no_other_target(tmp_path: Path) -> None:
    own = next(line.split(": ")[1] for line in CLOUD.splitlines() if "  bucket_url: " in line)
    text = given(CLOUD, TARGET | {"backup_bucket_url": f"{own}/", "backup_bucket_name": "omnileads"})
    finding = only(tmp_path, text)
    assert finding.code == "CUT-118"
    assert f":{line_of(text, 'backup_bucket_name')}:" in finding.where


WRONG = [
    ({"backup_bucket_url": "s3.backup.example.net"}, "CUT-107"),
    ({"backup_bucket_name": "a b"}, "CUT-107"),
    ({"backup_recipient": PUBLIC[:-1]}, "CUT-107"),
    ({"backup_recipient": "ssh-ed25519 AAAA"}, "CUT-107"),
    ({"backup_window": "1-5"}, "CUT-107"),
    ({"backup_window": "01:00-25:00"}, "CUT-107"),
    ({"backup_window": "01:00-01:00"}, "CUT-107"),
    ({"backup_keep_daily": "-1"}, "CUT-107"),
    ({"backup_keep_weekly": "many"}, "CUT-107"),
    ({"drill_weekday": "sontag"}, "CUT-107"),
    ({"restore_keep_days": "0"}, "CUT-107"),
    ({"backup_deadline_hours": "0"}, "CUT-107"),
    ({"backup_bucket_ssl_insecure": "perhaps"}, "CUT-107"),
    ({**ENCRYPTED, "backup_identity": "AGE-SECRET-KEY-1ABC"}, "CUT-107"),
    ({**ENCRYPTED, "backup_identity": PUBLIC}, "CUT-107"),
]


@pytest.mark.parametrize(("variables", "code"), WRONG)
def test_a_value_that_cannot_be_is_refused_in_its_place(tmp_path: Path, variables: dict[str, str], code: str) -> None:
    name = list(variables)[-1]
    text = given(AIO, TARGET | variables)
    finding = only(tmp_path, text)
    assert (finding.code, f"`{name}`" in finding.what) == (code, True)
    assert finding.where.endswith(f":{line_of(text, f'{name}:')}:{len(name) + 7}")


def test_an_identity_of_another_key_is_refused_and_never_shown(tmp_path: Path) -> None:
    other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    finding = only(tmp_path, given(AIO, {"backup_recipient": other, "backup_identity": IDENTITY}))
    assert finding.code == "CUT-118"
    assert IDENTITY not in str(finding)


def test_an_identity_that_opens_nothing_is_doubtful(tmp_path: Path) -> None:
    finding = warned(tmp_path, given(AIO, {"backup_identity": IDENTITY}), "CUT-158")
    assert "`backup_identity`" in finding.what


def test_an_identity_kept_by_prefect_is_judged_where_it_can_be_read(tmp_path: Path) -> None:
    folder = write(tmp_path, given(AIO, ENCRYPTED | {"backup_identity": "{prefect: acme-identity}"}))
    assert load("acme", folder.parent, lambda block: f"kept by Prefect as {block}").variables.backup_identity


def test_keeping_nothing_is_doubtful(tmp_path: Path) -> None:
    nothing = {f"backup_keep_{each}": "0" for each in ("daily", "weekly", "monthly")}
    assert "no backup is kept" in warned(tmp_path, given(AIO, nothing), "CUT-158").what


def test_a_secret_of_the_target_in_an_open_file_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, given(AIO, TARGET | {"backup_bucket_secret_key": "{file: secret}"}))
    (folder / "secret").write_text("sk-backup")
    (folder / "secret").chmod(0o644)
    with pytest.raises(CutoverError, match="CUT-112"):
        load("acme", folder.parent)
