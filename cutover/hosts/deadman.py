"""
The dead man's switch: a run that dies while a tenant's writers are stopped leaves no silent platform behind.

Invariant: from the moment it is armed on all hosts until a restore is confirmed, every host knows by itself how to
get back to the old state, and does it when the run's lease there has run out or after a loss of power. While it is
armed nobody else gets the tenant's lease, so what comes next finds the old state whole. The host that the database
work is done from goes first: the others wait `GRACE` seconds longer before their writers start again.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.restoring import JOURNAL
from cutover.hosts.script import array, call, library, script, with_input

LIBRARIES = ("lease", "converge", "deadman")
PLACE = "/var/lib/cutover/deadman"
BOOT_UNIT = "/etc/systemd/system/cutover-put-back.service"
EVERY = 5
"""Seconds between two looks at the lease."""

GRACE = 12
"""Seconds that a host waits longer whose writers need the database of another one."""


@dataclass(frozen=True, slots=True)
class Switch:
    """
    What leads one host back to the old state.

    `folders` are those that the restore of `stamp` exchanges, `units` the writers in the order of their start.
    `database` is the command that runs SQL with the right to rename databases, and `back` the statement that swaps
    them back; both empty where that is another host's matter.
    """

    stamp: str
    folders: tuple[str, ...]
    units: tuple[str, ...]
    database: tuple[str, ...] = ()
    back: str = ""

    def plan(self) -> str:
        """Return what the functions of `deadman.sh` read, as shell text."""
        lines = [
            f"stamp={shlex.quote(self.stamp)}",
            array("folders", self.folders),
            array("units", self.units),
            array("database", self.database),
            f"back={shlex.quote(self.back)}",
            f"grace={0 if self.database else GRACE}",
        ]
        return "\n".join((*lines, ""))

    def boot_unit(self) -> str:
        """Return the unit that puts back after a loss of power, before any writer starts."""
        writers = " ".join(f"{unit}.service" for unit in self.units)
        return "\n".join(
            (
                "# Written by Cutover for the time of a restore.",
                "[Unit]",
                "Description=Puts back what a restore that died has left half done",
                "Wants=network-online.target",
                "After=network-online.target postgresql.service",
                f"Before={writers}",
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


def confirm(journal: bytes, lease: Lease) -> str:
    """Return the script that writes down that a restore is done, by which its switch is void, and takes that away."""
    written = with_input(call("put", JOURNAL, "0600", "root", "root"), journal)
    # from the journal on the switch is void, whatever becomes of its parts
    taken_away = 'set +e; if [ -d "$deadman" ]; then deadman_disarm; fi'
    return script(LIBRARIES, ["set -e", *guard_lines(lease), written, taken_away])
