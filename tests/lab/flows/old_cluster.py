"""A PostgreSQL pair made into one as the old tool leaves it on CentOS 7."""

from __future__ import annotations

from pathlib import Path

from cutover.hosts.script import call
from tests.lab.host import Host
from tests.lab.pair import Pair
from tests.lab.waiting import wait_for

SCRIPT = Path(__file__).with_suffix(".sh")
LIMIT = 180.0
NUMBERS = {"sql_1": 1, "sql_2": 2}
TABLE = "select node_id, type, active, coalesce(upstream_node_id, 0) from repmgr.nodes order by node_id"


def make_old(pair: Pair) -> None:
    """Turn both hosts of a whole pair, sql_1 its primary; the third vote leaves it."""
    pair.hosts["witness_1"].run("systemctl disable --now cutover-repmgrd postgresql@15-main")
    pair.sql("sql_1", "delete from repmgr.nodes where type = 'witness'", "repmgr")
    standby_first = {name: pair.hosts[name] for name in ("sql_2", "sql_1")}
    # together: the guard of the one would act on what befalls the other
    for host in standby_first.values():
        host.run("systemctl stop cutover-repmgrd cutover-pair")
    for name, host in standby_first.items():
        other = "sql_1" if name == "sql_2" else "sql_2"
        number, peer = NUMBERS[name], NUMBERS[other]
        _do(
            host,
            call("old_files"),
            call("old_settings", pair.tenant.variables.netaddr),
            call("old_repmgr", number, pair.tenant.host(name).lan, peer),
            call("old_loop", number, peer, pair.vip, pair.read_vip),
            call("old_system"),
            call("old_start"),
        )
    _do(pair.hosts["sql_1"], call("old_register", "primary"))
    wait_for("the standby to follow", lambda: streams(pair, "sql_2"), LIMIT)
    _do(pair.hosts["sql_2"], call("old_register", "standby"))
    for host in standby_first.values():
        _do(host, call("old_watch"))


def _do(host: Host, *lines: str) -> None:
    host.run("bash -s", stdin="\n".join([SCRIPT.read_text(), "set -e", *lines]))


def streams(pair: Pair, name: str) -> bool:
    """Return whether a host receives from its primary."""
    return pair.sql(name, "select count(*) from pg_stat_wal_receiver where status = 'streaming'") == "1"


def whole(pair: Pair, primary: str) -> bool:
    """
    Return whether a host is primary and the other its standby, as both and their tables of repmgr say, and each virtual
    IP has its one holder.
    """
    (other,) = NUMBERS.keys() - {primary}
    rows = {
        NUMBERS[primary]: f"{NUMBERS[primary]}|primary|t|0",
        NUMBERS[other]: f"{NUMBERS[other]}|standby|t|{NUMBERS[primary]}",
    }
    table = "\n".join(rows[number] for number in sorted(rows))
    roles = [pair.sql(name, "select pg_is_in_recovery()") for name in (primary, other)]
    held = (pair.holders(pair.vip), pair.holders(pair.read_vip))
    return (
        roles == ["f", "t"]
        and streams(pair, other)
        and [pair.sql(name, TABLE, "repmgr") for name in NUMBERS] == [table, table]
        and held == ([primary], [other])
    )
