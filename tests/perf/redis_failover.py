"""
How long Redis takes no writes when its master's host loses power: `python -m tests.perf.redis_failover [RUNS]`.

An HA tenant on eight hosts of the lab, and a client on a voice host that writes through HAProxy's virtual IP every
50 ms. In each run the app host with the master loses its power and comes back as the replica; the longest time without
a write is the outage.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median

from tests.lab.controller import Controller
from tests.lab.flows.paired import Paired, installed_pairs, other
from tests.lab.host import Host
from tests.lab.making import Making
from tests.lab.waiting import wait_for
from tests.perf.ground import ground

PORT = 4397
LIMIT = 180.0

CLIENT = """
import socket, sys, time
session = None
while True:
    due = time.monotonic() + 0.05
    try:
        if session is None:
            session = socket.create_connection((sys.argv[1], 6379), timeout=1)
        session.sendall(b"SET cutover:measured 1\\r\\n")
        if session.recv(64) != b"+OK\\r\\n":
            raise OSError("not a master")
        print(f"{time.time():.3f}", flush=True)
    except OSError:
        if session is not None:
            session.close()
        session = None
    time.sleep(max(0, due - time.monotonic()))
"""

LINKED = "podman exec oml-redis-server redis-cli -h {} info replication | grep --quiet master_link_status:up"


class Writes:
    """When each write was acknowledged, in seconds since the epoch."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def times(self) -> list[float]:
        """Return the times so far."""
        return [float(line) for line in self.file.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def wait(self) -> None:
        """Wait for some writes more."""
        before = len(self.times())
        wait_for("writes to Redis", lambda: len(self.times()) > before + 5, LIMIT, 0.1)

    def outage(self) -> float:
        """Return the longest time without a write."""
        return max(later - earlier for earlier, later in pairwise(self.times()))


@contextmanager
def writing(host: Host, address: str, file: Path) -> Iterator[Writes]:
    """Have a client on a host write for a while."""
    words = host.ssh_argv(f"exec python3 -c {shlex.quote(CLIENT)} {address}")
    with file.open("w") as out, subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out) as client:
        try:
            writes = Writes(file)
            writes.wait()
            yield writes
        finally:
            client.terminate()


def lose_the_master(bench: Paired, folder: Path) -> float:
    """Cut the power of the master's host and return the outage; the host is a replica again afterwards."""
    (master,) = bench.masters()
    with writing(bench.hosts["voice_1"], bench.addresses["application_host"], folder / "writes") as writes:
        began = time.time()
        bench.hosts[master].kill()
        wait_for("a write after the power cut", lambda: writes.times()[-1] > began + 1, LIMIT, 0.1)
        bench.becomes("the main Redis", bench.masters, other(master))
        writes.wait()
        lasted = writes.outage()
    bench.hosts[master].start()
    linked = LINKED.format(bench.hosts[master].address)
    wait_for("the replica", lambda: bench.hosts[master].run(linked, check=False).returncode == 0, LIMIT, 1.0)
    return lasted


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with ground() as (lab, folder):
        controller = Controller(lab.settings, folder)
        with controller.server(PORT):
            lab.store.start()
            making = Making(lab)
            bench = installed_pairs(controller, making, "bench")
            lasted = [lose_the_master(bench, folder) for _ in range(runs)]
            making.remove()
    print(f"Redis without a write after its master's host lost power, {runs} runs, through HAProxy")
    print(f"  median {median(lasted):.1f} s, longest {max(lasted):.1f} s (at most 10)")


if __name__ == "__main__":
    main()
