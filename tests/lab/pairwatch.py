"""
Who of some hosts holds a virtual IP and whose PostgreSQL takes writes, looked at every 20 ms on the hosts themselves.

    with watched([sql_1, sql_2], vip) as seen:
        sql_1.cut()
    assert seen.together() == []

The looks go past the network: a host that is cut off is watched like the others. One that lost its power is watched
again when it is back.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.lab.host import Host

FRESH = 0.1
"""Seconds that a look at a host tells how it is; a host that says nothing for longer is not counted."""

# Whether an address is held is asked by the source that the kernel would choose: where there is no address at all yet,
# any can be bound.
LOOK = """
import os, pwd, socket, sys, time
import psycopg2
vip, user = sys.argv[1], pwd.getpwnam("postgres")
os.setgid(user.pw_gid); os.setuid(user.pw_uid); os.chdir("/")
session = None
def held():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try: probe.connect((vip, 9))
        except OSError: return False
        return probe.getsockname()[0] == vip
def writable():
    global session
    try:
        if session is None:
            session = psycopg2.connect("dbname=postgres connect_timeout=1")
            session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute("select not pg_is_in_recovery()")
            return cursor.fetchone()[0]
    except psycopg2.Error:
        session = None
        return False
while True:
    due = time.monotonic() + 0.02
    print(f"{time.time():.3f} {held():d} {writable():d}", flush=True)
    time.sleep(max(0, due - time.monotonic()))
"""


@dataclass(frozen=True, slots=True)
class Look:
    """How a host was at a time (seconds since the epoch)."""

    at: float
    host: str
    holds: bool
    writable: bool


class Watch:
    """What was seen so far."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def together(self) -> list[tuple[float, tuple[str, ...]]]:
        """Return each moment in which more than one host took writes behind the virtual IP, with these hosts."""
        return self._moments(lambda look: look.holds and look.writable)

    def held_together(self) -> list[tuple[float, tuple[str, ...]]]:
        """Return each moment in which more than one host held the virtual IP, with these hosts."""
        return self._moments(lambda look: look.holds)

    def _moments(self, counts: Callable[[Look], bool]) -> list[tuple[float, tuple[str, ...]]]:
        newest: dict[str, Look] = {}
        found = []
        for look in sorted(self.looks, key=lambda look: look.at):
            newest[look.host] = look
            who = tuple(sorted(each.host for each in newest.values() if look.at - each.at < FRESH and counts(each)))
            if len(who) > 1:
                found.append((look.at, who))
        return found


@contextmanager
def watched(hosts: Sequence[Host], vip: str) -> Iterator[Watch]:
    """Look at hosts for a while; on the way out the looks stop, what was seen stays."""
    watch, over = Watch(), threading.Event()
    threads = [threading.Thread(target=_follow, args=(host, vip, watch, over)) for host in hosts]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _follow(host: Host, vip: str, watch: Watch, over: threading.Event) -> None:
    while not over.wait(0.1):
        leader = host.container.leader
        if leader is None:
            continue
        words = ["nsenter", f"--target={leader}", "--all", "/usr/bin/python3", "-c", LOOK, vip]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as looking:
            assert looking.stdout is not None
            for line in looking.stdout:
                at, holds, writable = line.split()
                watch.looks.append(Look(float(at), host.name, holds == "1", writable == "1"))
                if over.is_set():
                    break
            looking.kill()
