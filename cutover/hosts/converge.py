"""Scripts that bring one host to its plan. Each may be interrupted anywhere and sent again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.probes import wait_lines
from cutover.hosts.script import call, script, with_input
from cutover.plan.desired import File
from cutover.plan.diff import HostPlan, Pull, Start
from cutover.plan.fed import Fed
from cutover.plan.observed import Record

LIBRARIES = ("lease", "converge")
RECORD = "/var/lib/cutover/record.json"


def _put(file: File) -> str:
    return with_input(call("put", file.path, f"{file.mode:04o}", file.owner, file.group), file.content)


def prepare(plan: HostPlan, lease: Lease) -> str:
    """Return the script that installs packages, makes the account and sets the time zone."""
    lines = ["set -e", *guard_lines(lease)]
    if plan.packages:
        lines.append(call("install_packages", *plan.packages))
    if plan.user:
        lines.append(call("account", plan.user))
    if plan.timezone:
        lines.append(call("timezone", plan.timezone))
    return script(LIBRARIES, lines)


def configure(plan: HostPlan, lease: Lease) -> str:
    """Return the script that writes directories and files, makes volumes and enables units, in one transfer."""
    lines = ["set -e", *guard_lines(lease)]
    lines += [call("directory", d.path, f"{d.mode:04o}", d.owner, d.group) for d in plan.directories]
    lines += [_put(change.file) for change in plan.files]
    lines += [call("volume", name) for name in plan.volumes]
    lines.append("systemctl daemon-reload")
    if plan.enable:
        lines.append(call("systemctl", "--quiet", "enable", *plan.enable))
    return script(LIBRARIES, lines)


def pull(pulls: Iterable[Pull], lease: Lease) -> str:
    """Return the script that fetches images by digest, three tries each, and waits until they are on the disk."""
    pulls = tuple(pulls)
    lines = ["set -e", *guard_lines(lease), call("fetch_begin", *(f"{each.name}@{each.digest}" for each in pulls))]
    for each in pulls:
        attempt = call("pull", each.name, each.digest)
        lines.append(f"{attempt} || {{ sleep 2; {attempt}; }} || {{ sleep 5; {attempt}; }}")
    lines.append("fetch_end")
    return script(LIBRARIES, lines)


def start(planned: Start, lease: Lease) -> str:
    """
    Return the script that (re)starts one service and waits for its gate.

    It exits with 0 when the gate opened; otherwise it prints what the last probe saw and the unit's last log lines.
    """
    unit = planned.service.unit
    gate = wait_lines(planned.service)
    lines = [*guard_lines(lease), *gate[:-1]]
    verb = "reload-or-restart" if planned.service.reloads else "restart"
    lines.append(f"seen=$({call('systemctl', verb, unit)} 2>&1) && seen=$({gate[-1]}) || {{")
    lines.append("  printf '%s\\n' \"$seen\"")
    lines.append(f"  {call('journalctl', '--unit', unit, '--lines', '90', '--output', 'cat', '--no-pager')}")
    lines.append("  exit 1")
    lines.append("}")
    # without inputs it is started as it was: what is noted of it stays true
    if planned.service.container is None and planned.inputs:
        started = File(f"/var/lib/cutover/started/{unit}", planned.inputs.encode(), 0o600)
        lines.append(_put(started))
    return script((*LIBRARIES, "gates"), lines)


def write_record(record: Record, lease: Lease) -> str:
    """Return the script that writes down what runs now."""
    text = json.dumps(asdict(record), indent=1, sort_keys=True).encode()
    return script(LIBRARIES, ["set -e", *guard_lines(lease), _put(File(RECORD, text, 0o600))])


def feed(commands: Iterable[Fed], lease: Lease) -> str:
    """Return the script that runs commands inside containers, each with its own standard input, one after the other."""
    fed = [with_input(call("feed", each.container, *each.command), each.stdin.reveal().encode()) for each in commands]
    return script(LIBRARIES, ["set -e -o pipefail", *guard_lines(lease), *fed])
