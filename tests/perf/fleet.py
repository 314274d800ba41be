"""
How long it takes to learn that nothing is to be done on many hosts: `python -m tests.perf.fleet [HOSTS] [RUNS]`.

Tenants of three hosts and of one, together 50 hosts of the lab with everything installed and running. Measured in one
run, in turn, each as a command from its start to its end: `cutover drift --all` at a Prefect server, with a run and a
result for each tenant; and Ansible with the same comparison, tuned (`tests.perf.ansible`). All hosts share the
processors of the machine with what asks them, which a fleet's do not: both are slower here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median

from tests.lab.controller import Controller
from tests.perf import ansible
from tests.perf.endpoints import install, layouts
from tests.perf.ground import ground
from tests.perf.sampling import interleaved, line

PORT = 4398


def drift(controller: Controller, tenants: int) -> Callable[[], object]:
    """Return the call that compares all tenants; it raises RuntimeError when one is not as it should be."""

    def compare() -> None:
        done = controller.run("drift", "--all", "--json")
        unchanged = [row["tenant"] for row in done.json["result"] if row["result"] == "Unchanged"]
        if len(unchanged) != tenants:
            raise RuntimeError(f"{len(unchanged)} of {tenants} tenants are unchanged\n{done.stdout}{done.stderr}")

    return compare


def main() -> None:
    """Measure and print."""
    hosts, runs = (int(each) for each in (*sys.argv[1:], *("50", "3")[len(sys.argv) - 1 :])[:2])
    with ground() as (lab, folder):
        controller = Controller(lab.settings, folder)
        fleet = install(lab, controller, hosts)
        with controller.server(PORT):
            acts = {
                "cutover drift --all": drift(controller, len(fleet)),
                f"Ansible, {hosts} forks": ansible.comparison(lab.settings, folder / "ansible", fleet),
            }
            cutover, other = interleaved(acts, runs, warm_up=False).items()
    print(f"Nothing to do on {hosts} hosts of {len(layouts(hosts))} tenants")
    for name, each in (cutover, other):
        print(line(name, each))
    ratio = median(other[1]) / median(cutover[1])
    print(f"  times as fast                                              {ratio:6.1f}     (at least 10)")


if __name__ == "__main__":
    main()
