"""
Ansible asks many hosts the same as `cutover drift` does: what it needs for that, and the call of it.

The playbook (playbook/playbook.yml) is ours and tuned: as many forks as hosts, pipelining, persistent connections, no
facts gathered, no interpreter looked for, and one module call for all items wherever one is enough. Its templates are
made of what Cutover wrote on the hosts, with a variable wherever a tenant's name, an address or a digest stands; so it
finds nothing to change exactly when these are right.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cutover.hosts.converge import RECORD
from cutover.hosts.facts import parse_record
from cutover.inventory import Tenant
from cutover.plan.desired import Directory, File, HostState, Image
from cutover.plan.diff import HostPlan, diff
from cutover.plan.observed import FileState, ObservedHost
from cutover.products.omnileads import desired, firewall, images, typical_systems
from cutover.products.omnileads.catalogue import placed
from tests.lab.host import Host
from tests.lab.settings import Settings
from tests.perf.endpoints import Installed
from tests.perf.fetched import fetched
from tests.unit.plan.example import BARE

ANSIBLE = "ansible-core==2.19.14"
PLAYBOOK = Path(__file__).parent / "playbook/playbook.yml"
PATIENCE = 7200.0

Variables = dict[str, Any]


def comparison(settings: Settings, folder: Path, fleet: Sequence[Installed]) -> Callable[[], None]:
    """
    Return the call that runs the playbook in check mode over a fleet; `folder` is for what it needs.

    It raises RuntimeError when a host is not as the playbook wants it.
    """
    hosts: dict[str, Variables] = {}
    for each in fleet:
        hosts |= _tenant(folder / "templates", each)
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    inventory.chmod(0o600)
    playbook = folder / PLAYBOOK.name
    playbook.write_text(PLAYBOOK.read_text())
    environment = _environment(settings, len(hosts))
    argv = [sys.executable, "-m", "ansible", "playbook", "--check", "--inventory", str(inventory), str(playbook)]

    def compare() -> None:
        done = subprocess.run(
            argv, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        unchanged = len(re.findall(r"changed=0 +unreachable=0 +failed=0", done.stdout))
        if done.returncode or unchanged != len(hosts):
            raise RuntimeError(f"{unchanged} of {len(hosts)} hosts are unchanged\n{done.stdout[-6000:]}{done.stderr}")

    return compare


def _environment(settings: Settings, forks: int) -> Mapping[str, str]:
    """Return Ansible's settings, as one tunes it for speed."""
    ssh = "-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=5"
    return os.environ | {
        "PYTHONPATH": str(fetched(settings, ANSIBLE)),
        "ANSIBLE_FORKS": str(forks),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": f"{ssh} -o UserKnownHostsFile={settings.known_hosts}",
        "ANSIBLE_PRIVATE_KEY_FILE": str(settings.key),
        "ANSIBLE_REMOTE_USER": "root",
        "ANSIBLE_DISPLAY_OK_HOSTS": "False",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        "ANSIBLE_NOCOLOR": "True",
        "LC_ALL": "C.UTF-8",
    }


def _tenant(templates: Path, each: Installed) -> Mapping[str, Variables]:
    """Return a tenant's hosts with their variables, having written the templates of their roles."""
    tenant = each.tenant
    known = _digests(each)
    wished = desired(tenant, known, typical_systems(tenant))
    bare = {
        host.name: _with_kept_files(machine, wished.hosts[host.name])
        for host, machine in zip(tenant.hosts, each.hosts, strict=True)
    }
    plans = diff(wished, bare).hosts
    names = _names(tenant)
    found: dict[str, Variables] = {}
    for host in tenant.hosts:
        plan, state = plans[host.name], wished.hosts[host.name]
        inputs = {f"inputs_{start.service.unit.replace('-', '_')}": start.inputs for start in plan.starts}
        chain, _ = firewall.chain(firewall.flows(tenant, host, [each.name for each in placed(tenant, host)]))
        role = f"{tenant.layout}-{host.role}"
        own = [change.file for change in plan.files if not change.file.once]
        for file in own:
            _write(templates / f"{role}{file.path}.j2", file, {**names, **inputs, "chain": chain})
        found[f"{tenant.name}-{host.role}"] = {
            **names,
            **inputs,
            "chain": chain,
            "ansible_host": host.address,
            "ansible_python_interpreter": "/usr/bin/python3",
            "role": role,
            "files": [_attributes(file) for file in own],
            **_variables(state, plan),
        }
    return found


def _digests(each: Installed) -> Mapping[Image, str]:
    """Return the digest of each image of a tenant, by the records of its hosts."""
    records = [parse_record(host.run(f"cat {RECORD}").stdout.encode()) for host in each.hosts]
    digests = {image: digest for record in records for image, digest in record.digests.items()}
    return {image: digests[str(image)] for image in images(each.tenant)}


def _with_kept_files(host: Host, state: HostState) -> ObservedHost:
    """Return a host that has nothing but the files that are never written again: what runs with them knows them."""
    paths = [file.path for file in state.files if file.once]
    sums = host.output(f"sha256sum -- {' '.join(paths)}").splitlines() if paths else []
    files = {path: FileState(digest, 0o644, "root", "root") for digest, path in (line.split(None, 1) for line in sums)}
    return replace(BARE, host=state.host, files=files)


def _names(tenant: Tenant) -> Mapping[str, str]:
    """Return the variables by which hosts of one role differ."""
    return {"tenant": tenant.name, **{f"address_of_{host.role}": host.address for host in tenant.hosts}}


def _write(template: Path, file: File, variables: Mapping[str, str]) -> None:
    """Write the template of a file: its content, with the names of variables for their values."""
    names = {value: name for name, value in variables.items()}
    literal = file.content.decode().replace("{{", "{{ '{{' }}")
    values = "|".join(map(re.escape, names))
    alone = rf"(?<![^\W_])({values})(?![^\W_])"
    text = re.sub(alone, lambda found: f"{{{{ {names[found[0]]} }}}}", literal)
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text(text)


def _attributes(wish: File | Directory) -> Variables:
    return {"path": wish.path, "mode": f"{wish.mode:04o}", "owner": wish.owner, "group": wish.group}


def _variables(state: HostState, plan: HostPlan) -> Variables:
    """Return what else is compared on a host."""
    containers = {start.service.container: start.inputs for start in plan.starts if start.service.container}
    return {
        "packages": state.packages,
        "account": state.user,
        "timezone": state.timezone,
        "directories": [_attributes(each) for each in state.directories],
        "kept": [file.path for file in state.files if file.once],
        "units": [f"{service.unit}.service" for service in state.services if service.started],
        "images": [f"{each.name}@{each.digest}" for each in plan.pulls],
        "containers": [f"{name} {inputs}" for name, inputs in containers.items()],
        "volumes": plan.volumes,
    }
