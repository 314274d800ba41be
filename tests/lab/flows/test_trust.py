"""Host keys are shown and pinned by an operator, never learnt by a flow."""

from __future__ import annotations

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller


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
