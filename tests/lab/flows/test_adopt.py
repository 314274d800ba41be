"""Hosts that the old tool has installed are taken over, upgraded, and could go back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.installed import installed
from tests.lab.flows.seen import codes, state
from tests.lab.host import Host
from tests.lab.site import answers
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

STARTED = "podman ps --format '{{.Names}} {{.StartedAt}} {{.Labels}}' | sort"
ALL_BUT_OURS = "1 of 15 do not answer: firewall"
CANARY = b"a-canary-of-the-old-tool"
AS_THE_OLD_TOOL = r"""
set -e
cd /etc/systemd/system
systemctl disable --quiet --now cutover-firewall
nft delete table inet cutover || true
for unit in $(grep --files-with-matches 'Written by Cutover' *.service); do
  [ "$unit" != cutover-firewall.service ] || { rm "$unit"; continue; }
  image=$(grep --only-matching --max-count 1 'docker.io/[^ ]*@sha256:[0-9a-f]*' "$unit" || true)
  tag=${image%@*}:$(sed --quiet 's/^Description=OMniLeads [^ ]* \([^ ]*\) of.*/\1/p' "$unit")
  [ -z "$image" ] || podman tag "$image" "$tag"
  sed -i -e '/Written by Cutover/d' -e 's/--label=cutover.inputs=[0-9a-f]*//' -e "s|$image|$tag|" "$unit"
done
rm -rf /var/lib/cutover /etc/cutover
echo 'AUTHEPH_SK=a-canary-of-the-old-tool' >>/etc/default/kamailio.env
sed -i 's/^SHM_SIZE=.*/SHM_SIZE=96/' /etc/default/kamailio.env
sed -i 's/^TZ=.*/TZ=${TZ}/' /etc/default/postgres.env
systemctl daemon-reload
systemctl restart postgresql redis minio
systemctl restart asterisk rtpengine kamailio websockets omnileads daphne nginx
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """The tenant and its host."""

    controller: Controller
    tenant: LabTenant
    host: Host

    def run(self, verb: str, *words: str) -> Result:
        return self.controller.run(verb, self.tenant.name, *words, "--json")


@pytest.fixture(scope="module")
def old(controller: Controller, module_hosts: MakeHosts) -> Taken:
    tenant, (host,) = installed(controller, module_hosts, "adopted", "aio")
    tenant.add("upgrade_backup: none")
    host.run(AS_THE_OLD_TOOL)
    taken = Taken(controller, tenant, host)
    # nobody waits there for what a component needs: some start more than once
    wait_for("all components", lambda: ALL_BUT_OURS in taken.run("status").stdout, 180, 1)
    return taken


def test_what_is_there_is_compared_by_name_and_nothing_is_restarted(old: Taken) -> None:
    before = old.host.output(STARTED)
    result = old.run("adopt")
    assert state(result) == "Adopted", result.stdout + result.stderr
    assert old.host.output(STARTED) == before
    assert "every component answers" in result.json["state"]["message"]
    rows = {(row["component"], row["action"]): row["message"] for row in result.json["result"]}
    assert rows["kamailio.env", "AUTHEPH_SK"] == "nothing in the inventory gives it"
    assert rows["kamailio.env", "SHM_SIZE"] == rows["postgres.env", "TZ"] == "another value"
    assert "canary" not in result.stdout + result.stderr
    kept = [path for path in old.controller.home.rglob("*") if path.is_file() and CANARY in path.read_bytes()]
    assert kept == []
    assert "runs with other files or another image" in result.json["plan"]
    again = old.run("adopt")
    assert (again.status, codes(again)) == (3, ["CUT-840"])


@pytest.mark.thorough
def test_afterwards_it_is_upgraded_as_any_other_and_could_go_back(old: Taken) -> None:
    units = "cat /etc/systemd/system/nginx.service"
    before = old.host.output(units)
    result = old.run("upgrade", "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert "do once" not in {row["action"] for row in result.json["result"]}
    assert answers(old.host.address) == [302, 200]
    assert state(old.run("upgrade", "--yes")) == "Unchanged"
    assert state(old.run("rollback", "--yes")) == "Completed"
    assert old.host.output(units) == before
    assert answers(old.host.address) == [302, 200]


@pytest.mark.thorough
def test_hosts_with_nothing_on_them_are_not_taken_over(controller: Controller, module_hosts: MakeHosts) -> None:
    (host,) = module_hosts.lab.create(["bare-adopt"], "omnileads")
    module_hosts.start([host])
    controller.tenant("bareadopt", "aio", [host])
    result = controller.run("adopt", "bareadopt", "--json")
    assert (result.status, codes(result)) == (3, ["CUT-841"]), result.stdout + result.stderr
