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


def promote() -> int:
    """Make this host the primary, as soon as the other one can write no more; well too when somebody else just did."""
    refused = ask("promote", patience=PATIENCE)["refused"]
    if refused:
        print(f"not promoted: {refused}", file=sys.stderr)
        return 0 if ask("status")["role"] == PRIMARY else 1
    command = [f"/usr/lib/postgresql/{_version()}/bin/repmgr", "-f", "/etc/repmgr.conf", "standby", "promote"]
    if os.geteuid() == 0:
        command = ["/usr/sbin/runuser", "-u", "postgres", "--", *command]
    status = subprocess.run(command, check=False, cwd="/").returncode
    # repmgrd and an operator may promote at the same time: to one of them repmgr says no
    end = time.monotonic() + AT_ONCE
    while status and time.monotonic() < end:
        time.sleep(0.5)
        status = 0 if ask("status")["role"] == PRIMARY else status
    if status:
        ask("withdraw")
    return status


def _version() -> str:
    """Return PostgreSQL's version from repmgr's settings: user postgres, who is repmgrd, may read no others."""
    for line in Path("/etc/repmgr.conf").read_text().splitlines():
        if line.startswith("pg_bindir="):
            return line.split("/")[4]
    raise SystemExit("/etc/repmgr.conf does not say where PostgreSQL is")


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
    verbs.add_parser("promote", help="make this host the primary, when that is safe")
    verbs.add_parser("unfence", help="let PostgreSQL start here again")
    verbs.add_parser(
        "hold", help="give up the virtual IP for writing; neither fence nor promote meanwhile"
    ).add_argument("--seconds", type=float, default=60.0)
    verbs.add_parser("unhold", help="end a hold")
    verbs.add_parser("alone", help="both other voters are switched off: decide without them until one is heard again")
    given = parser.parse_args()
    if given.verb == "status":
        return status(given.healthy)
    if given.verb in ("hold", "unhold"):
        more = {"seconds": given.seconds} if given.verb == "hold" else {}
        print(json.dumps(ask(given.verb, **more)))
        return 0
    act = {
        "run": run,
        "release": release,
        "may-start": may_start,
        "promote": promote,
        "unfence": unfence,
        "alone": alone,
    }
    return act[given.verb]()


if __name__ == "__main__":
    sys.exit(main())
