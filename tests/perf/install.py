"""
How long an installation takes, and one that has nothing to do: `python -m tests.perf.install [RUNS]`.

One lab host with packages and images already there, as AIO. Measured in one run, in turn: the first installation
against the time its slowest gate needs by itself; the second against one `ssh` that reads the same state, with
Prefect's own share, which is the same flow with steps that do nothing.
"""

from __future__ import annotations

import asyncio
import sys
from statistics import median

from tests.lab.controller import Controller
from tests.lab.host import Host
from tests.lab.tenants import LabTenant
from tests.perf.floors import idle, reading
from tests.perf.ground import ground, reporting
from tests.perf.sampling import interleaved, line, seconds

PORT = 4396
STEPS = 3
"""An installation that has nothing to do has so many."""

UNITS = "$(cd /etc/systemd/system && grep -l 'Written by Cutover' *.service | sed 's/.service$//')"
WIPE = f"""
set -e
systemctl disable --quiet --now {UNITS}
(cd /etc/systemd/system && rm -f $(grep -l 'Written by Cutover' *.service))
podman volume prune --force >/dev/null
rm -rf /etc/omnileads /etc/asterisk /etc/default/*.env /etc/cutover /var/lib/cutover
nft delete table inet cutover
systemctl daemon-reload
"""


def wipe(host: Host) -> None:
    """Bring a host back to where packages and images are there and nothing else."""
    host.run(WIPE)


def slowest_gate(host: Host) -> float:
    """Return the seconds from restarting Django, all else running, until the application answers."""
    answers = "until curl -skI https://127.0.0.1/ | head -n 1 | grep -q 302; do sleep 0.1; done"
    return seconds(lambda: host.run(f"systemctl restart omnileads && {answers}"))


def first(controller: Controller, host: Host, runs: int) -> None:
    """Measure and print the first installation."""
    from flows.install import install

    flow_runs, commands, gates = [], [], []
    for _ in range(runs):
        wipe(host)
        flow_runs.append(seconds(lambda: asyncio.run(install("bench"))))
        gates.append(slowest_gate(host))
        wipe(host)
        commands.append(seconds(lambda: controller.run("install", "bench")))
    beyond = median(flow_runs) - median(gates)
    print("First installation of an AIO tenant, packages and images on the host")
    print(line("the run", flow_runs))
    print(line("the command, which starts it at a server and follows it", commands))
    print(line("the slowest gate by itself (Django restarted alone)", gates))
    print(f"  the run beyond its slowest gate                            {beyond:6.2f} s   (at most 9.50)")


def second(host: Host, tenant: LabTenant, runs: int) -> None:
    """Measure and print an installation that has nothing to do."""
    from flows.install import install

    ssh, whole, share = "one ssh that reads the same state", "the run", "Prefect's share: as many steps that do nothing"
    acts = {ssh: reading(tenant, [host]), whole: lambda: asyncio.run(install("bench")), share: idle(STEPS)}
    taken = interleaved(acts, runs)
    own = median(taken[whole]) - median(taken[share])
    print("Second installation: nothing to do")
    for name, each in taken.items():
        print(line(name, each))
    ratio = own / median(taken[ssh])
    print(
        f"  Cutover's own share                                        {own:6.2f} s   = {ratio:.1f} x ssh (at most 4.0)"
    )


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with ground() as (lab, folder):
        (host,) = lab.create(["bench"], "omnileads")
        lab.start([host])
        controller = Controller(lab.settings, folder)
        with reporting(controller, PORT):
            tenant = controller.tenant("bench", "aio", [host])
            controller.run("install", "bench")
            first(controller, host, runs)
            second(host, tenant, 3 * runs)


if __name__ == "__main__":
    main()
