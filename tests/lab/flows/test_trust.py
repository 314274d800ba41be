"""Host keys are shown and pinned by an operator, never learnt by a flow; sessions are counted by the host itself."""

from __future__ import annotations

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller

SESSIONS = "journalctl --unit ssh --output cat | grep --count 'Starting session: command' || true"


def test_w21_a_key_is_shown_pinned_on_request_and_a_changed_one_is_refused(
    controller: Controller, hosts: MakeHosts
) -> None:
    (host,) = hosts(1, layer="omnileads")
    tenant = controller.tenant("trusting", "aio", [host])
    pinned = tenant.folder / "known_hosts"
    pinned.unlink()
    refused = controller.run("plan", "trusting", "--json")
    assert refused.status == 3
    assert "CUT-204" in refused.stdout

    assert controller.run("trust", "trusting").status != 0
    assert not pinned.exists()
    recorded = controller.run("trust", "trusting", "--yes")
    fingerprint = host.output("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    assert recorded.status == 0
    assert fingerprint in recorded.stdout + recorded.stderr
    assert controller.run("plan", "trusting", "--json").status == 0

    entry, kind, key = pinned.read_text().split()[:3]
    pinned.write_text(f"{entry} {kind} {key[:-8]}AAAAAAAA\n")
    changed = controller.run("plan", "trusting", "--json")
    assert changed.status == 3
    assert "CUT-205" in changed.stdout


def test_an_install_that_has_nothing_to_do_takes_two_round_trips(controller: Controller, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer="omnileads")
    controller.tenant("counted", "aio", [host])
    assert controller.run("install", "counted").status == 0
    host.run("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/counted.conf && systemctl reload ssh")
    before = int(host.output(SESSIONS))
    assert controller.run("install", "counted", "--json").json["state"]["name"] == "Unchanged"
    # the last session is the one that counts
    assert int(host.output(SESSIONS)) - before - 1 <= 2
