"""
How long a PostgreSQL pair takes no writes, and what the way back costs: `python -m tests.perf.failover [RUNS] [GB]`.

A pair with its witness in the lab, and a client that writes through the virtual IP every 50 ms and notes what was
acknowledged. In each run the primary loses its power, comes back, is recovered and takes over again: the longest time
without a write is the outage of the crash, and of the planned switchover. Meanwhile it is looked every 20 ms who holds
the virtual IP and takes writes. Then the same with synchronous replication, where nothing that was acknowledged may be
missing, and where there are no writes between the crash and the recovery.

The way back is measured with a database of so many GB of which 1 % changed, from the moment a stopped node is set about
until it streams again: by rewinding, which is what `recover` does first; by copying everything, which it does where it
must; and by the commands of the old tool (omnileads.md 5.3), which copies everything and leaves it to the primary when
its next checkpoint ends. That one has the pace of PostgreSQL 11, the old tool's version; `recover` has its own written
at once, whatever the pace. The rows that changed lie together, as the newest of a table do; rewinding is also measured
with every hundredth row changed, and so eight times as many pages. Bytes are those that arrive at the host.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from cutover.hosts.cluster import slot
from cutover.hosts.lease import Lease
from cutover.hosts.operation import operation
from cutover.plan.cluster import Way
from tests.lab.controller import Controller
from tests.lab.ledger import Ledger
from tests.lab.making import Making
from tests.lab.waiting import wait_for
from tests.perf.ground import ground, reporting

if TYPE_CHECKING:
    from tests.lab.pair import Pair

PORT = 4398
LIMIT = 300.0
ROW = 1000
"""Bytes of a row, roughly."""

PORTION = 200_000
"""Rows that are filled in at a time."""

EMPTY = "drop table if exists filling; create table filling (id bigint primary key, what text)"
FULL = "insert into filling select i, repeat('x', 900) from generate_series({}, {}) i; checkpoint"
SETTLED = "vacuum (freeze) filling"
"""Else the first who reads a page writes to it."""

CHANGE = "update filling set what = repeat('{}', 900) where {}"
TOGETHER = "id > {0} * (select max(id) from filling) / 100 and id <= ({0} + 1) * (select max(id) from filling) / 100"
EVERYWHERE = "id % 100 = {0}"
OLD_TOOL = """
cd /
repmgr() { runuser -u postgres -- /usr/lib/postgresql/15/bin/repmgr -f /etc/repmgr.conf "$@"; }
repmgr -h "$peer" -U repmgr -d repmgr standby clone --dry-run
repmgr -h "$peer" -U repmgr -d repmgr standby clone --force || exit
cutover-pair unhold && cutover-pair unfence && systemctl start postgresql@15-main && repmgr standby register --force
"""
PUT_DOWN = "cutover-pair hold --seconds 600 && systemctl stop postgresql@15-main"
REWOUND = "by rewinding, as `recover` does"
REWOUND_EVERYWHERE = "by rewinding, with every hundredth row changed"
COPIED = "by a full copy, as `recover` does where it must"
OLD = "by a full copy, as the old tool does"


def flow(name: str, **parameters: object) -> None:
    """Run a flow on the pair in this process; a run that changed what it should may still name hosts that are off."""
    from importlib import import_module

    run = getattr(import_module(f"flows.{name}"), name)
    state = asyncio.run(run("pair", return_state=True, **parameters))
    if state.name not in ("Completed", "Unchanged", "Degraded"):
        raise SystemExit(f"{name}: {state.name}: {state.message}")


def lose(pair: Pair) -> None:
    """Cut the power of the primary sql_1, wait for the other and switch it on again."""
    pair.hosts["sql_1"].kill()
    wait_for("the other as primary", lambda: pair.status("sql_2").get("vips") == [pair.vip, pair.read_vip], LIMIT)
    pair.hosts["sql_1"].start()
    wait_for("the old primary fenced", lambda: pair.status("sql_1").get("fenced") == "replaced", LIMIT)


def recover(pair: Pair) -> None:
    """Bring sql_1 back as a standby."""
    flow("recover", approved=True)
    pair.wait("sql_2")


def outage(ledger: Ledger, act: Callable[[], object]) -> float:
    """Do something and return the longest time without a write meanwhile."""
    since = time.time()
    act()
    ledger.wait_for_writes(LIMIT)
    return ledger.outage(since)


def outages(pair: Pair, folder: Path, runs: int) -> None:
    """Measure and print what writers see of a crash and of a switchover."""
    crashes: list[float] = []
    switches: list[float] = []
    together = 0
    for _ in range(runs):
        with pair.writing(folder) as (ledger, seen):
            crashes.append(outage(ledger, lambda: lose(pair)))
            recover(pair)
            switches.append(outage(ledger, lambda: flow("takeover")))
            pair.wait("sql_1")
        together += len(seen.together())
    print(f"A client that writes every 50 ms, {runs} runs")
    print(_line("without a write after a crash of the primary (p95 at most 15)", crashes))
    print(_line("without a write in a planned switchover (p95 at most 3)", switches))
    print(f"  looks that saw two hosts take writes behind the virtual IP: {together} (0)")


def losses(pair: Pair, folder: Path, runs: int) -> None:
    """Count and print what is lost of acknowledged writes when replication is synchronous."""
    _replicate(pair, "*")
    switches: list[float] = []
    lost = acknowledged = 0
    for _ in range(runs):
        with pair.writing(folder) as (ledger, _seen):
            lose(pair)
            recover(pair)
            ledger.wait_for_writes(LIMIT)
            switches.append(outage(ledger, lambda: flow("takeover")))
            pair.wait("sql_1")
        lost += len(ledger.lost())
        acknowledged += len(ledger.acknowledged())
    _replicate(pair, "")
    print(f"The same with synchronous replication, {runs} runs")
    print(f"  acknowledged writes lost: {lost} of {acknowledged} (0)")
    print(_line("without a write in a planned switchover, until there is a standby again", switches))


def _replicate(pair: Pair, standbys: str) -> None:
    for name in ("sql_1", "sql_2"):
        _configure(pair, name, f"synchronous_standby_names = '{standbys}'")


def _configure(pair: Pair, name: str, setting: str) -> None:
    """Change a setting of a server that runs."""
    pair.sql(name, f"alter system set {setting}")
    pair.sql(name, "select pg_reload_conf()")


def ways_back(pair: Pair, runs: int, gigabytes: float) -> None:
    """Measure and print what a rejoin costs by rewinding, and by copying everything."""
    database = pair.tenant.variables.postgres_database
    rows = int(gigabytes * 1e9 / ROW)
    pair.sql("sql_1", EMPTY, database)
    for first in range(1, rows + 1, PORTION):
        pair.sql("sql_1", FULL.format(first, min(first + PORTION - 1, rows)), database)
    pair.sql("sql_1", SETTLED, database)
    pair.wait("sql_1")
    at_rest(pair)
    for name in ("sql_1", "sql_2"):
        _configure(pair, name, "checkpoint_completion_target = 0.5")
    names = (REWOUND, REWOUND_EVERYWHERE, COPIED, OLD)
    ways: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    for number in range(runs):
        for way, where in ((REWOUND, TOGETHER), (REWOUND_EVERYWHERE, EVERYWHERE)):
            lose(pair)
            change(pair, where, number)
            ways[way].append(_cost(pair, lambda: asyncio.run(_back(pair, "rewind"))))
            take_over(pair)
        lose(pair)
        ways[COPIED].append(_cost(pair, lambda: asyncio.run(_back(pair, "clone"))))
        change(pair, TOGETHER, 50 + number)
        pair.hosts["sql_1"].run(PUT_DOWN)
        ways[OLD].append(_cost(pair, lambda: copied_as_before(pair)))
        take_over(pair)
    print(f"The way back of a node, {gigabytes} GB of which 1 % changed, {runs} runs")
    for name, costs in ways.items():
        print(_line(name, [seconds for seconds, _ in costs]))
        print(f"    bytes that arrived: {median(count for _, count in costs) / 1e6:.1f} MB")
    seconds, count = ({name: median(each[of] for each in costs) for name, costs in ways.items()} for of in (0, 1))
    for rewound, copied in product((REWOUND, REWOUND_EVERYWHERE), (COPIED, OLD)):
        faster, fewer = seconds[copied] / seconds[rewound], count[copied] / count[rewound]
        print(f"  {rewound}, beside {copied}:")
        print(f"    {faster:.1f} times faster, {fewer:.1f} times fewer bytes (at least 5)")


def change(pair: Pair, where: str, number: int) -> None:
    """Write one hundredth of the rows anew, each time another one."""
    database = pair.tenant.variables.postgres_database
    pair.sql("sql_2", CHANGE.format("yz"[number % 2], where.format(number)), database)


def take_over(pair: Pair) -> None:
    """Have sql_1 serve again."""
    flow("takeover")
    pair.wait("sql_1")


def at_rest(pair: Pair) -> None:
    """Let both nodes write to disk what was filled in, so that neither keeps the log of it."""
    pair.sql("sql_1", "checkpoint")
    shown = "select bool_and(replay_lsn = pg_current_wal_lsn()) from pg_stat_replication"
    wait_for("a standby that has all of it", lambda: pair.sql("sql_1", shown) == "t", LIMIT, 0.2)
    pair.sql("sql_2", "checkpoint")


def copied_as_before(pair: Pair) -> None:
    """Make sql_1 a standby of sql_2 by the old tool's commands."""
    pair.hosts["sql_1"].run(f"peer={pair.tenant.host('sql_2').lan}{OLD_TOOL}", timeout=900)
    wait_for("a standby that streams", lambda: bool(pair.status("sql_1").get("streaming")), LIMIT, 0.2)


async def _back(pair: Pair, way: str) -> None:
    """Make sql_1 a standby of sql_2 by one way: the steps of `recover` without a run around them."""
    from tasks import cluster, cluster_recover

    async with operation(pair.tenant, Lease.new("recover", "a measurement", "-")) as this:
        for name in ("sql_1", "sql_2"):
            await cluster.read_node(name)
        await this.settle_lease()
        feed, rejoin, follows = map(_itself, (cluster_recover.feed, cluster_recover.rejoin, cluster_recover.follows))
        size = await feed("sql_2", slot(pair.tenant, "sql_1"))
        problem = await rejoin("sql_1", "sql_2", Way(way), size) or await follows("sql_1", "sql_2")
    if problem:
        raise SystemExit(f"{way}: {problem}")


def _itself(step: Any) -> Any:
    """Return what a step does, without the step."""
    return step.__wrapped__


def _cost(pair: Pair, act: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds that something takes and the bytes that arrive at sql_1 meanwhile."""
    counter = "cat /sys/class/net/eth0/statistics/rx_bytes"
    before, begun = int(pair.hosts["sql_1"].output(counter)), time.monotonic()
    act()
    return time.monotonic() - begun, int(pair.hosts["sql_1"].output(counter)) - before


def _line(name: str, taken: list[float]) -> str:
    """Return one line: median, 95th percentile, and the longest."""
    p95 = quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]
    return f"  {name:<66} {median(taken):6.2f} s   (p95 {p95:.2f}, longest {max(taken):.2f})"


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    gigabytes = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    with ground() as (lab, folder):
        controller = Controller(lab.settings, folder)
        with reporting(controller, PORT):
            # only now: it imports Prefect, which finds its server then
            from tests.lab.pair import installed

            # every run ends as Degraded: the tenant's other hosts are off
            logging.disable(logging.ERROR)
            making = Making(lab)
            pair = installed(making, controller.tenants)
            outages(pair, folder, runs)
            losses(pair, folder, max(2, runs // 4) if runs > 1 else 1)
            ways_back(pair, max(2, min(runs, 3)), gigabytes)
            making.remove()


if __name__ == "__main__":
    main()
