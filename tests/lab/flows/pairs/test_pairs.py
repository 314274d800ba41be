"""
An HA tenant on eight real hosts: installed, installed again, and what its pairs do when one of two fails.

The tests are the first that meet the tenant. Nothing goes back to its initial role by itself.
"""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509

from cutover.inventory import load
from cutover.products.omnileads import pair, vrrp
from tests.lab import canaries
from tests.lab.flows.paired import PATIENCE, VIRTUAL, Paired, other
from tests.lab.flows.pairs import NAME
from tests.lab.flows.patient import patient
from tests.lab.flows.seen import codes, started, state
from tests.lab.lab import Lab
from tests.lab.tenants import PAIRS
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

SESSIONS = "journalctl --sync; journalctl --unit ssh --output cat | grep --count 'Starting session: command' || true"
COUNTED = "echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/counted.conf && systemctl restart ssh"
SECRET_FILES = (
    "find /etc/default /etc/omnileads /etc/cutover /etc/keepalived /var/lib/cutover -type f -printf '%m %u %p\\n'"
)
HOLD = "kill -STOP $(pgrep --exact asterisk)"
GO_ON = "kill -CONT $(pgrep --exact asterisk)"


def certificate(address: str) -> bytes:
    """The certificate that a browser is shown at an address."""
    return ssl.get_server_certificate((address, 443), timeout=15).encode()


def test_the_site_answers_at_its_virtual_ip_and_every_virtual_ip_has_one_holder(acme: Paired) -> None:
    acme.answers()
    assert {variable: len(acme.holders(variable)) for variable in VIRTUAL} == dict.fromkeys(VIRTUAL, 1)
    assert acme.masters() == ["app_1"]
    assert len(acme.running("omlcron")) == 1
    assert acme.running("sentinel") == ["voice_1", "voice_2", "haproxy_1"]


@pytest.mark.thorough
def test_w24_both_haproxies_show_the_tenant_s_own_certificate_and_secrets_are_root_s_alone(acme: Paired) -> None:
    both = [acme.hosts[name].address for name in ("haproxy_1", "haproxy_2")]
    shown = {certificate(address) for address in (acme.addresses["application_host"], *both)}
    assert len(shown) == 1
    names = x509.load_pem_x509_certificate(shown.pop()).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    addresses = {str(each) for each in names.value.get_values_for_type(x509.IPAddress)}
    assert acme.addresses["application_host"] in addresses
    for host in acme.all:
        for line in host.output(SECRET_FILES).splitlines():
            mode, owner, path = line.split(maxsplit=2)
            content = host.output(f"cat {path}")
            if "PRIVATE KEY" in content or any(secret in content for secret in acme.tenant.secrets.values()):
                assert (mode, owner) == ("600", "root"), (host, path)
    for name in PAIRS[2:]:
        assert acme.hosts[name].output("stat --format %a%U /etc/keepalived/keepalived.conf") == "600root"


def test_w22_no_secret_is_in_a_journal_or_in_a_file_that_anybody_can_read(acme: Paired) -> None:
    inventory = load(NAME, acme.controller.tenants)
    derived = (vrrp.password(inventory).reveal(), pair.repmgr_password(inventory).reveal())
    wanted = canaries.patterns((*acme.tenant.secrets.values(), *derived))
    for host in acme.all:
        assert canaries.in_journal(host, wanted) == [], host
        assert canaries.readable_by_anybody(host, wanted) == [], host


@pytest.mark.thorough
def test_w38_installing_again_changes_nothing_and_restarts_nothing_in_two_round_trips(
    acme: Paired, lab: Lab, tmp_path: Path
) -> None:
    again = patient(lab, tmp_path, acme.tenant)
    for host in acme.all:
        host.run(COUNTED)
    before = started(acme.all), [int(host.output(SESSIONS)) for host in acme.all]
    assert state(again.run("install", NAME, "--json")) == "Unchanged"
    # the last session of each is the one that counts
    assert [int(host.output(SESSIONS)) - count - 1 <= 2 for host, count in zip(acme.all, before[1], strict=True)] == [
        True
    ] * len(PAIRS)
    assert started(acme.all) == before[0]


def test_a_virtual_ip_that_somebody_else_answers_for_is_refused(acme: Paired) -> None:
    right = acme.tenant.inventory.read_text()
    # The machine that carries the lab is in its network, too.
    acme.tenant.edit("voice_host: .*", f"voice_host: {acme.hosts['app_1'].settings.gateway}")
    try:
        refused = acme.controller.run("plan", NAME, "--json")
    finally:
        acme.tenant.inventory.write_text(right)
    assert refused.status == 3, refused.stdout
    assert "CUT-308" in codes(refused)


def test_w41_the_haproxy_that_loses_power_gives_the_address_away_and_does_not_take_it_back(acme: Paired) -> None:
    (holder,) = acme.holders("application_host")
    acme.hosts[holder].kill()
    acme.becomes("the address of web", lambda: acme.holders("application_host"), other(holder))
    acme.answers()
    acme.hosts[holder].start()
    acme.becomes("HAProxy", lambda: acme.running("haproxy"), "haproxy_1", "haproxy_2")
    acme.becomes("keepalived", lambda: acme.waiting(holder), holder)
    assert acme.holders("application_host") == [other(holder)]


@pytest.mark.thorough
def test_w42_an_asterisk_that_hangs_loses_the_address_and_does_not_get_it_back_when_it_goes_on(acme: Paired) -> None:
    (holder,) = acme.holders("voice_host")
    acme.hosts[holder].run(HOLD)
    try:
        acme.becomes("the address of telephony", lambda: acme.holders("voice_host"), other(holder))
    finally:
        acme.hosts[holder].run(GO_ON)
    acme.becomes("keepalived", lambda: acme.waiting(holder), holder)
    assert acme.holders("voice_host") == [other(holder)]
    assert acme.running("asterisk") == ["voice_1", "voice_2"]


@pytest.mark.thorough
def test_w37_the_app_host_that_loses_power_gives_away_redis_and_cron_and_takes_neither_back(acme: Paired) -> None:
    acme.hosts["app_1"].kill()
    acme.becomes("the main Redis", acme.masters, "app_2")
    wait_for("a main Redis through HAProxy", lambda: acme.leads_to_a_master("voice_1"), PATIENCE, 1.0)
    acme.becomes("cron", lambda: acme.running("omlcron"), "app_2")
    acme.answers()
    acme.hosts["app_1"].start()
    acme.becomes("Redis", lambda: acme.running("redis"), "app_1", "app_2")
    # Never was it a master again, not even at its start.
    said = acme.hosts["app_1"].output("cat /run/cutover-redis.env")
    assert said.splitlines() == ["ROLE=replica", f"MAIN={acme.hosts['app_2'].address}"]
    # The first question after a failover may still go to the lost Redis.
    for path in ("https://localhost/", "http://$(hostname -I | cut -d' ' -f1):8000/health-checks"):
        acme.becomes(path, partial(answering, acme, path), "app_1", "app_2")

    again = acme.controller.run("install", NAME, "--json")
    assert state(again) in ("Unchanged", "Completed"), again.stdout
    assert (acme.masters(), acme.running("omlcron")) == (["app_2"], ["app_2"])
    assert acme.leads_to_a_master("voice_1")


def answering(acme: Paired, url: str) -> list[str]:
    """The app hosts that answer at an address as they see it."""
    asked = (
        f"curl --silent --insecure --output /dev/null --write-out '%{{http_code}}' \"{url}\" | grep --quiet '200\\|302'"
    )
    return [name for name in ("app_1", "app_2") if acme.hosts[name].run(asked, check=False).returncode == 0]
