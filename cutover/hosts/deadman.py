"""
The dead man's switch: a run that dies in the middle of a change leaves no silent and no mixed platform behind.

Invariant: from the moment it is armed on all hosts until the change is confirmed, every host knows by itself how to
get back to the old state, and does it when the run's lease there has run out or after a loss of power. While it is
armed nobody else gets the tenant's lease, so what comes next finds the old state whole. The host that the database
work is done from goes first: the others wait `GRACE` seconds longer before their writers start again.

In HA both app hosts can swap the databases back, so that neither has to wait for the other one's power; they ask
whichever server holds the virtual IP then. There the database itself says whether the change was confirmed: a host that
was away cannot go back behind the others.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import array, call, library, script, with_input

LIBRARIES = ("lease", "converge", "kept", "deadman")
PLACE = "/var/lib/cutover/deadman"
BOOT_UNIT = "/etc/systemd/system/cutover-put-back.service"
SERVER = "postgresql"
"""The unit of the database server, where it is a tenant's own."""

EVERY = 5
"""Seconds between two looks at the lease."""

GRACE = 12
"""Seconds that a host waits longer whose writers need the database of another one."""


@dataclass(frozen=True, slots=True)
class Switch:
    """
    What leads one host back to the old state.

    `what` names the operation of `stamp`, `journal` the file that will say on the deciding host that it is confirmed.
    `folders` are those that it exchanges; with `files` the host's former files are kept (`cutover.hosts.kept`).
    `units` stand still meanwhile, `changed` are further units with their containers that may run with something new;
    both in the order of their start. `others` are those that somebody else starts, and may have started with something
    new. `database` is the command that runs SQL with the right to rename databases, and `back` the statement that swaps
    them back; both empty where that is another host's matter. `sealed` is the query by which the database tells whether
    the change was confirmed; empty where the journal alone does.
    """

    what: str
    stamp: str
    journal: str
    folders: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    database: tuple[str, ...] = ()
    back: str = ""
    files: bool = False
    changed: tuple[tuple[str, str | None], ...] = ()
    others: tuple[tuple[str, str | None], ...] = ()
    decides: bool = False
    sealed: str = ""

    def plan(self) -> str:
        """Return what the functions of `deadman.sh` read, as shell text."""
        lines = [
            f"what={shlex.quote(self.what)}",
            f"stamp={shlex.quote(self.stamp)}",
            f"journal={shlex.quote(self.journal)}",
            array("folders", self.folders),
            f"files={int(self.files)}",
            array("units", self.units),
            array("changed", (word for unit, container in self.changed for word in (unit, container or "-"))),
            array("others", (word for unit, container in self.others for word in (unit, container or "-"))),
            array("database", self.database),
            f"back={shlex.quote(self.back)}",
            f"sealed={shlex.quote(self.sealed)}",
            f"grace={0 if self.decides else GRACE}",
        ]
        return "\n".join((*lines, ""))

    def boot_unit(self) -> str:
        """Return the unit that puts back after a loss of power, before any of those starts that it may concern."""
        concerned = [*self.units, *(unit for unit, _ in (*self.changed, *self.others))]
        if self.database:
            # it is asked to swap back
            concerned = [unit for unit in concerned if unit != SERVER]
        before = [f"Before={' '.join(f'{unit}.service' for unit in concerned)}"] if concerned else []
        return "\n".join(
            (
                f"# Written by Cutover for the time of the {self.what}.",
                "[Unit]",
                f"Description=Puts back what the {self.what} has left half done if it died",
                "Wants=network-online.target",
                f"After=network-online.target{f' {SERVER}.service' if self.database else ''}",
                *before,
                "RequiresMountsFor=/var/lib/containers",
                "[Service]",
                "Type=oneshot",
                "TimeoutStartSec=300",
                f"ExecStart=/bin/bash {PLACE}/run boot",
                "[Install]",
                "WantedBy=default.target",
                "",
            )
        )


def arm(switch: Switch, lease: Lease) -> str:
    """Return the script that arms the switch. It may be sent again."""
    files = {
        f"{PLACE}/plan": switch.plan(),
        f"{PLACE}/run": _program(lease),
        BOOT_UNIT: switch.boot_unit(),
    }
    lines = ["set -e", *guard_lines(lease), call("directory", PLACE, "0700", "root", "root")]
    lines += [with_input(call("put", path, "0600", "root", "root"), text.encode()) for path, text in files.items()]
    lines += ["set +e", with_input(call("deadman_arm", EVERY), f"{lease.token}\n".encode())]
    return script(LIBRARIES, lines)


def _program(lease: Lease) -> str:
    act = f'case "$1" in\nwatch) {call("deadman_watch", lease.token)} ;;\nboot) {call("deadman_boot", EVERY)} ;;\nesac'
    return "\n".join((*map(library, LIBRARIES), "{", act, "exit", "}", ""))


def disarm(lease: Lease) -> str:
    """Return the script that takes the switch away: what stands now stays."""
    return script(LIBRARIES, [*guard_lines(lease), 'if [ -d "$deadman" ]; then deadman_disarm; fi'])


def exchange_folders(folders: Sequence[str], stamp: str, lease: Lease) -> str:
    """Return the script that puts every `<folder>.new-<stamp>` into its place and keeps the former one."""
    swaps = [call("folder_swap", folder, stamp) for folder in folders]
    return script(LIBRARIES, ["set -e", *guard_lines(lease), *swaps])


def folders_back(folders: Sequence[str], stamp: str, lease: Lease) -> str:
    """
    Return the script that gives the former folders of a restore their names back.

    A switch that is armed stays so; while it is at work itself its turn is awaited.
    """
    lines = [call("folder_back", folder, stamp) for folder in folders]
    turn = 'if [ -d "$deadman" ]; then deadman_turn || true; fi'
    return script(LIBRARIES, ["set -e", *guard_lines(lease), turn, *lines])


def still_watched(lease: Lease) -> str:
    """Return the script that fails when the run has lost the host, or the host has begun to go back by itself."""
    return script(LIBRARIES, [*guard_lines(lease), '[ -f "$deadman/plan" ]'])


def confirm(path: str, journal: bytes, lease: Lease) -> str:
    """Return the script that writes down that a change is done, by which its switch is void, and takes that away."""
    written = with_input(call("put", path, "0600", "root", "root"), journal)
    # from the journal on the switch is void, whatever becomes of its parts
    taken_away = 'set +e; if [ -d "$deadman" ]; then deadman_disarm; fi'
    return script(LIBRARIES, ["set -e", *guard_lines(lease), written, taken_away])
