from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest

from cutover.errors import CutoverError
from cutover.inventory import load
from tests.unit.inventory.loading import line_of, loaded, only, refused, replaced, warned, write
from tests.unit.inventory.texts import AIO, AIT

PASSWORD = "postgres_password: pg-Zoh4ahb1Ai"


def setting(line: str) -> str:
    """Return an inventory with a further setting, or with this one in the place of another."""
    name = line.split(":", maxsplit=1)[0]
    kept = [each for each in AIO.splitlines() if not each.startswith(f"    {name}:")]
    return "\n".join([*kept, f"    {line}", ""])


@pytest.mark.parametrize(
    ("line", "todo"),
    [
        ("infra_env: clod", "write `cloud`"),
        ("infra_env: nat", ""),
        ("certs: certbot", ""),
        ("certs: Custom", "write `custom`"),
        ("callrec_device: s3-no-check-certs", "write `s3-no-check-cert`"),
        ("TZ: America/Argentina/Cordba", "write `America/Argentina/Cordoba`"),
        ("enterprise_edition: treu", "write `true`"),
        ("postgres_port: 54x2", "write it like `5432`"),
        ("postgres_port: 0", "write it like `5432`"),
        ("postgres_port: 65536", "write it like `5432`"),
        ("shm_size: -1", "write it like `64`"),
        ("omnileads_version: '1.26.0; id'", "write it like `1.26.0`"),
        ("nginx_version: ../x", "write it like `230215.01`"),
        ("omlapp_repo: Omnileads", "write it like `omnileads`"),
        ("postgres_user: 'a b'", "write it like `omnileads`"),
        ('postgres_database: "o\'neil"', "write it like `omnileads`"),
        ("bucket_url: s3.example.net", "write it like `https://s3.example.net`"),
        ("bucket_url: https://user:secret@s3.example.net", "write it like `https://s3.example.net`"),
        ("bucket_name: a/b", "write it like `omnileads`"),
        ("fqdn: https://contact.example.net", "write it like `contact.example.net`"),
        ("dialer_host: 10.0.0.300", "write it like `10.0.0.40`"),
        ("dialer_host: 10.0.0", "write it like `10.0.0.40`"),
        ("firewall: on", ""),
        ("controller_networks: [10.0.0.0/33]", "write it like `[198.51.100.0/24]`"),
        ('google_maps_center: "a\\nb"', ""),
        ("centos_postgresql_version: 12", "write it like `11`"),
        ("netprefix: 33", "write it like `24`"),
    ],
)
def test_w21_a_value_that_is_not_allowed_is_refused_with_the_nearest_or_an_example(
    tmp_path: Path, line: str, todo: str
) -> None:
    text = setting(line)
    finding = next(finding for finding in refused(tmp_path, text) if finding.code == "CUT-107")
    assert line.split(":", maxsplit=1)[0] in finding.what
    assert f":{line_of(text, line)}:" in finding.where
    assert todo in finding.todo


@pytest.mark.parametrize("address", ["X.X.X.X", "10.0.0.256", "10.0.0", "010.0.0.1", "10.0.0.1.", "host.example.net"])
def test_w21_a_private_address_is_an_address(tmp_path: Path, address: str) -> None:
    text = replaced(AIO, ("omni_ip_lan: 10.0.0.10", f"omni_ip_lan: {address}"))
    assert "CUT-107" in {finding.code for finding in refused(tmp_path, text)}


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "y"])
def test_true_is_true_in_all_spellings_of_yaml(tmp_path: Path, word: str) -> None:
    assert loaded(tmp_path, setting(f"enterprise_edition: {word}")).variables.enterprise_edition is True


@pytest.mark.parametrize("word", ["false", "False", "no", "No", "off", "OFF", "'false'"])
def test_w26_false_is_false_in_all_spellings_of_yaml(tmp_path: Path, word: str) -> None:
    assert loaded(tmp_path, setting(f"scalable_tunings: {word}")).variables.scalable_tunings is False


@pytest.mark.parametrize(("word", "meant"), [("yes", "true"), ("no", "false"), ("on", "true"), ("off", "false")])
def test_an_old_spelling_of_a_boolean_is_a_warning(tmp_path: Path, word: str, meant: str) -> None:
    finding = warned(tmp_path, setting(f"postgres_ssl: {word}"), "CUT-151")
    assert finding.todo == f"write {meant}"


@pytest.mark.parametrize(
    "line",
    [
        "email_smtp_relay: false",
        "video_host: 10.0.0.9",
        "backup_bucket: other",
        "restore_bucket: other",
        "homer_host: 10.0.0.9",
        "bucket_url_ssl_insecure: true",
        "voip_public_hostname: x",
        "ansible_become: true",
    ],
)
def test_w26_a_variable_without_effect_is_a_warning(tmp_path: Path, line: str) -> None:
    warnings = [finding for finding in loaded(tmp_path, setting(line)).warnings if finding.code == "CUT-150"]
    assert any(line.split(":", maxsplit=1)[0] in finding.what for finding in warnings)


@pytest.mark.parametrize("value", ["", "~", "null", "NULL"])
def test_no_value_is_as_if_the_variable_were_not_there(tmp_path: Path, value: str) -> None:
    variables = loaded(tmp_path, setting(f"google_maps_api_key: {value}")).variables
    assert variables.google_maps_api_key is None
    assert loaded(tmp_path, setting(f"postgres_port: {value}")).variables.postgres_port == 5432


@pytest.mark.parametrize("name", ["postgres_host", "bucket_url"])
def test_an_empty_variable_that_decides_the_layout_is_a_warning(tmp_path: Path, name: str) -> None:
    assert name in warned(tmp_path, setting(f"{name}:"), "CUT-156").what


def test_the_old_tools_way_of_pointing_at_a_host_is_followed(tmp_path: Path) -> None:
    text = replaced(
        AIT, ("hostvars['omnileads_voice'].omni_ip_lan", 'hostvars[\\"omnileads_voice\\"][\\"omni_ip_lan\\"]')
    )
    tenant = loaded(tmp_path, text)
    assert (tenant.variables.data_host, tenant.variables.voice_host) == ("10.0.0.11", "10.0.0.12")


def test_pointing_at_a_host_that_is_not_there_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(AIT, ("hostvars['omnileads_voice']", "hostvars['omnileads_voise']")))
    assert (finding.code, finding.todo) == ("CUT-109", "write `omnileads_voice`")


@pytest.mark.parametrize(
    "line",
    [
        'fqdn: "{{ inventory_hostname }}"',
        "fqdn: {{ inventory_hostname }}",
        'TZ: "{% if x %}UTC{% endif %}"',
        "ami_password: \"{{ lookup('env', 'AMI') }}\"",
        "ami_password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          616161",
    ],
)
def test_what_only_ansible_can_evaluate_is_refused(tmp_path: Path, line: str) -> None:
    assert "CUT-109" in {finding.code for finding in refused(tmp_path, setting(line))}


def test_a_text_that_really_has_braces_is_marked_as_in_ansible(tmp_path: Path) -> None:
    text = setting("ami_password: !unsafe 'a{{b}}c'")
    assert loaded(tmp_path, text).variables.ami_password.reveal() == "a{{b}}c"


@pytest.mark.parametrize("written", ['\'{ "lat": 1.5, "lng": 2 }\'', "{lat: 1.5, lng: 2}"])
def test_the_centre_of_maps_is_json_with_or_without_quotes(tmp_path: Path, written: str) -> None:
    assert "lat" in loaded(tmp_path, setting(f"google_maps_center: {written}")).variables.google_maps_center


@pytest.mark.parametrize("written", ["[192.0.2.0/24, '2001:db8::/32']", "'192.0.2.0/24, 2001:db8::/32'"])
def test_networks_are_a_list(tmp_path: Path, written: str) -> None:
    variables = loaded(tmp_path, setting(f"controller_networks: {written}")).variables
    assert variables.controller_networks == (IPv4Network("192.0.2.0/24"), IPv6Network("2001:db8::/32"))


def test_ssh_is_open_to_everybody_and_metrics_to_nobody_unless_said_otherwise(tmp_path: Path) -> None:
    variables = loaded(tmp_path, AIO).variables
    assert [str(network) for network in variables.controller_networks] == ["0.0.0.0/0", "::/0"]
    assert variables.monitoring_networks == ()


def test_w23_a_published_sample_secret_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, setting("dialer_password: demo"))
    assert finding.code == "CUT-110"
    assert "demo" not in finding.what + finding.why + finding.todo


def test_a_published_secret_is_refused_whichever_variable_has_it(tmp_path: Path) -> None:
    assert only(tmp_path, setting("ami_password: demo")).code == "CUT-110"


@pytest.mark.parametrize("value", ["12345678", "0x41", "true", "1e3", "2024-01-01", "null0"])
def test_a_secret_that_looks_like_something_else_stays_as_it_is_written(tmp_path: Path, value: str) -> None:
    assert loaded(tmp_path, setting(f"ami_password: {value}")).variables.ami_password.reveal() == value


@pytest.mark.parametrize(
    "line",
    [
        "ami_password: [canary]",
        "ami_password: !canary canary",
        "ami_password: *canary",
        "ami_password: &canary",
        "ami_password: 'canary",
        "ami_password: canary: canary",
        'ami_password: "canary\\ncanary"',
        "ami_password: 'canary{{canary}}'",
        "ami_password: {{canary}}",
        "ami_password: {canary: canary}",
        "ami_pasword: canary",
        "ami_password: @canary",
        'ami_password: "\\canary"',
        "infra_env: x\n    ami_password: canary",
    ],
)
def test_no_error_shows_a_secret(tmp_path: Path, line: str) -> None:
    write(tmp_path, setting(line))
    with pytest.raises(CutoverError) as caught:
        load("acme", tmp_path)
    assert "canary" not in str(caught.value) + repr(caught.value.findings)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
