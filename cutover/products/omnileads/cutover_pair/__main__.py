"""`cutover-pair VERB`: what operators, repmgrd, systemd and Cutover's flows run on a database host."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from . import requests, server
from .decision import PRIMARY
from .guard import ALONE, Guard, prepare, reload
from .settings import load

PATIENCE = 25
"""Seconds that a promotion waits for the old primary to have fenced itself."""


# The log since the last state that both hosts have in common, which the peer needs to come back without a copy of all.
# Kept from before the promotion: the first checkpoint after it would remove the beginning.
KEEP = (
    "select pg_create_physical_replication_slot('{0}', true) "
    "where not exists (select from pg_replication_slots where slot_name = '{0}')"
)
LEAVE = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{0}' and not active"

AT_ONCE = 10
"""Seconds in which a promotion that somebody else began has its effect."""


def run() -> int:
    """Guard this host until told to end."""
    signal.signal(signal.SIGTERM, _end)
    settings = load()
    prepare()
    reload(settings)
    guard = Guard(settings)
    requests.serve(guard)
    guard.run()
    return 0


def _end(number: int, frame: object) -> NoReturn:
    raise SystemExit(0)


def release() -> int:
    """Give up the virtual IPs, for a guard that ended without doing so."""
    Guard(load()).release()
    return 0


def may_start() -> int:
    """Say whether PostgreSQL may start; its unit asks."""
    reason = server.may_start(load())
    if reason:
        print(reason, file=sys.stderr)
    return 1 if reason else 0


def promote(handed_over: bool) -> int:
    """
    Make this host the primary, as soon as the other one can write no more; well too when somebody else just did.

    With `handed_over` only when that one hands over its role, and with all that it has written.
    """
    _sql(KEEP)
    refused = ask("promote", patience=PATIENCE, handed_over=handed_over)["refused"]
    if refused:
        print(f"not promoted: {refused}", file=sys.stderr)
        return _not_promoted()
    status = _as_postgres("repmgr", "-f", "/etc/repmgr.conf", "standby", "promote")
    # repmgrd and an operator may promote at the same time: to one of them repmgr says no
    end = time.monotonic() + AT_ONCE
    while status and time.monotonic() < end:
        time.sleep(0.5)
        status = 0 if ask("status")["role"] == PRIMARY else status
    if status:
        ask("withdraw")
        return _not_promoted()
    return 0


def _not_promoted() -> int:
    """Keep no log for a peer that this host did not replace; well when somebody else made this host the primary."""
    if ask("status")["role"] == PRIMARY:
        return 0
    _sql(LEAVE)
    return 1


def _sql(statement: str) -> None:
    """Run a statement about the place of the peer, whose number is 1 or 2 as this host's is."""
    place = f"repmgr_slot_{3 - int(_setting('node_id'))}"
    _as_postgres("psql", "-XAtq", "-o", "/dev/null", "-d", "postgres", "-c", statement.format(place))


def _as_postgres(program: str, *words: str) -> int:
    """Run a program of PostgreSQL as its user, who repmgrd is already; return its status."""
    command = [f"{_setting('pg_bindir')}/{program}", *words]
    if os.geteuid() == 0:
        command = ["/usr/sbin/runuser", "-u", "postgres", "--", *command]
    return subprocess.run(command, check=False, cwd="/").returncode


def _setting(name: str) -> str:
    """Return one of repmgr's settings: user postgres, who is repmgrd, may read no others."""
    for line in Path("/etc/repmgr.conf").read_text().splitlines():
        if line.startswith(f"{name}="):
            return line.partition("=")[2].strip("'")
    raise SystemExit(f"/etc/repmgr.conf does not say {name}")


def unfence() -> int:
    """Let PostgreSQL start here again."""
    server.unfence()
    return 0


def alone() -> int:
    """Have this host decide without the other voters; only an operator can know that they are off."""
    ALONE.touch()
    server.unfence()
    return 0


def ask(verb: str, **more: Any) -> dict[str, Any]:
    """Return the guard's answer; ends the program when there is no guard."""
    with socket.socket(socket.AF_UNIX) as there:
        there.settimeout(PATIENCE + 10)
        try:
            there.connect(str(requests.SOCKET))
        except OSError as error:
            raise SystemExit(f"cutover-pair does not run here: {error}") from error
        there.sendall(json.dumps({"verb": verb, **more}).encode() + b"\n")
        with there.makefile() as lines:
            answer: dict[str, Any] = json.loads(lines.readline() or "{}")
            return answer


def status(healthy: bool) -> int:
    """Print how this host is, as JSON; with `healthy` fail when it does not do what one of a pair has to."""
    found = ask("status")
    print(json.dumps(found))
    if not healthy:
        return 0
    serves = found["writable"] and found["vips"] if found["role"] == "primary" else found["streaming"]
    return 0 if serves and not found["held"] else 1


def main() -> int:
    """Do what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="cutover-pair", description="The guard of a PostgreSQL pair.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="guard this host (the service does)")
    verbs.add_parser("release", help="give up the virtual IPs")
    verbs.add_parser("may-start", help="may PostgreSQL start here? (its unit asks)")
    verbs.add_parser("status", help="print how this host is").add_argument("--healthy", action="store_true")
    verbs.add_parser("promote", help="make this host the primary, when that is safe").add_argument(
        "--handed-over", action="store_true", help="only by a primary that ends meanwhile (hold --hand-over)"
    )
    verbs.add_parser("unfence", help="let PostgreSQL start here again")
    hold = verbs.add_parser("hold", help="give up the virtual IP for writing; neither fence nor promote meanwhile")
    hold.add_argument("--seconds", type=float, default=60.0)
    hold.add_argument("--hand-over", action="store_true", help="only when PostgreSQL has ended, which tells clients")
    verbs.add_parser("unhold", help="end a hold")
    verbs.add_parser("alone", help="both other voters are switched off: decide without them until one is heard again")
    given = parser.parse_args()
    if given.verb == "status":
        return status(given.healthy)
    if given.verb in ("hold", "unhold"):
        more = {"seconds": given.seconds, "hand_over": given.hand_over} if given.verb == "hold" else {}
        print(json.dumps(ask(given.verb, **more)))
        return 0
    if given.verb == "promote":
        return promote(given.handed_over)
    act = {
        "run": run,
        "release": release,
        "may-start": may_start,
        "unfence": unfence,
        "alone": alone,
    }
    return act[given.verb]()


if __name__ == "__main__":
    sys.exit(main())
