"""What is left of a PostgreSQL's very first start on a real host."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cutover.hosts import first_start
from tests.lab.conftest import MakeHosts
from tests.lab.hosts.bench import Bench
from tests.lab.lab import Lab

pytestmark = pytest.mark.lab

VOLUME = "database"
FOLDER = f"/var/lib/containers/storage/volumes/{VOLUME}"
CUT_OFF = f"cd {FOLDER}/_data && rm -rf global/pg_control base/16* base/[45] base/13*"
"""As a loss of power leaves it before there was any database."""


def set_aside(bench: Bench) -> str:
    async def once() -> str:
        async with bench.operation("install") as this:
            output = await this.run(bench.name, first_start.set_empty_aside(VOLUME, "none", this.required_lease()))
            assert output.status == 0, output.stderr
            return output.stdout.strip()

    return asyncio.run(once())


def test_a_first_start_that_was_cut_off_is_set_aside_and_a_database_never_is(
    lab: Lab, hosts: MakeHosts, tmp_path: Path
) -> None:
    (host,) = hosts(1, layer="omnileads", names=["first"])
    bench = Bench.make(lab, host, tmp_path)
    assert set_aside(bench) == "", "there is no such volume yet"
    bench.serve()
    bench.stop()
    host.run(f"mv {FOLDER}/_data/global/pg_control /root/kept")
    assert set_aside(bench) == "", "a database without its control file is somebody's"
    host.run(f"mv /root/kept {FOLDER}/_data/global/pg_control && {CUT_OFF}")
    aside = set_aside(bench)
    assert aside.startswith(f"{FOLDER}/first-start-")
    assert host.output(f"cat {aside}/PG_VERSION")
    bench.serve()
    assert bench.sql("select 1") == "1"
