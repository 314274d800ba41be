"""
How long an upgrade takes that has nothing to do, and one that changes nginx: `python -m tests.perf.upgrade [RUNS]`.

An AIO and an AIT tenant in the lab, images on the hosts. Measured in turn with the floors of the same run: one `ssh`
that reads the same state of every host at the same time; nginx restarted by systemd until it answers; and Prefect's
own share, which is a flow of as many steps that do nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from itertools import cycle
from statistics import median

from tests.lab.controller import Controller
from tests.lab.flows.seen import started
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant
from tests.perf.floors import idle, reading
from tests.perf.ground import ground, reporting
from tests.perf.sampling import interleaved, line

PORT = 4397
LAYOUTS = {"aio": (["bench-aio"], 1.4), "ait": (["bench-data", "bench-voice", "bench-app"], 2.0)}
"""The hosts of each layout, and the seconds that an upgrade with nothing to do may take beside Prefect's share."""

TAGS = ("230923.01", "230215.01")
NGINX = "systemctl restart nginx && until curl -skI https://127.0.0.1/ | head -n 1 | grep -q 302; do sleep 0.1; done"


def make(lab: Lab, controller: Controller, layout: str) -> tuple[LabTenant, list[Host]]:
    """Return an installed tenant that makes no backup before an upgrade, and its hosts."""
    hosts = lab.create(LAYOUTS[layout][0], "omnileads")
    lab.start(hosts)
    tenant = controller.tenant(f"bench{layout}", layout, hosts)
    tenant.add("upgrade_backup: none")
    tenant.add(f"nginx_version: {TAGS[1]}")
    done = controller.run("install", tenant.name)
    if done.status:
        raise SystemExit(done.stdout + done.stderr)
    return tenant, hosts


def upgrading(tenant: LabTenant) -> Callable[[], object]:
    """Return a call of the flow."""
    from flows.upgrade import upgrade

    return lambda: asyncio.run(upgrade(tenant.name, approved=True))


def steps_of_last(tenant: LabTenant) -> int:
    """Return how many steps the last run of an upgrade had."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    async def count() -> int:
        wanted = FlowRunFilter.model_validate({"name": {"any_": [f"upgrade {tenant.name}"]}})
        async with get_client() as client:
            (run,) = await client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC, limit=1)
            own = FlowRunFilter.model_validate({"id": {"any_": [run.id]}})
            return len(await client.read_task_runs(flow_run_filter=own))

    return asyncio.run(count())


def nothing_to_do(tenant: LabTenant, hosts: Sequence[Host], layout: str, runs: int) -> None:
    """Measure and print an upgrade that has nothing to do."""
    limit = LAYOUTS[layout][1]
    upgrade = upgrading(tenant)
    upgrade()
    before = started(hosts)
    whole, ssh, share = "the run", "one ssh a host that reads the same state", "Prefect's share"
    taken = interleaved({whole: upgrade, ssh: reading(tenant, hosts), share: idle(steps_of_last(tenant))}, runs)
    own = median(taken[whole]) - median(taken[share])
    print(f"Upgrade of an {layout.upper()} tenant with nothing to do")
    for name, each in taken.items():
        print(line(name, each))
    print(f"  beside Prefect's share {own:.2f} s (at most {limit}), {own / median(taken[ssh]):.1f} times that ssh")
    print(f"  units restarted: {0 if started(hosts) == before else 'some'}")


def another_nginx(tenant: LabTenant, host: Host, runs: int) -> None:
    """Measure and print an upgrade that changes nginx alone."""
    upgrade = upgrading(tenant)
    tags = cycle(TAGS)

    def change() -> None:
        tenant.edit(r"nginx_version: .*", f"nginx_version: {next(tags)}")
        upgrade()

    change()
    change()
    (before,) = started([host])
    change()
    (after,) = started([host])
    restarted = len(set(after.splitlines()) - set(before.splitlines()))
    steps = steps_of_last(tenant)
    whole, gate, share = (
        "the run",
        "nginx restarted until it answers, by systemd alone",
        f"Prefect's share, {steps} steps",
    )
    taken = interleaved({whole: change, gate: lambda: host.run(NGINX), share: idle(steps)}, runs)
    own = median(taken[whole]) - median(taken[gate])
    beside = own - median(taken[share])
    print("Upgrade of an AIO tenant to another nginx")
    for name, each in taken.items():
        print(line(name, each))
    print(f"  beyond that restart {own:.2f} s, beside Prefect's share {beside:.2f} s (at most 3.50)")
    print(f"  units restarted: {restarted}")


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with ground() as (lab, folder):
        controller = Controller(lab.settings, folder)
        with reporting(controller, PORT):
            for layout in LAYOUTS:
                tenant, hosts = make(lab, controller, layout)
                nothing_to_do(tenant, hosts, layout, runs)
                if layout == "aio":
                    another_nginx(tenant, hosts[0], runs)
                lab.remove(hosts)


if __name__ == "__main__":
    main()
