"""
How long a backup takes: `python -m tests.perf.backup [RUNS]`.

A lab host with PostgreSQL in a container, a database of more than 2 GB made by pgbench, and 20,000 small files of
Asterisk. Measured in one run, in turn: (a) what `pg_dump | zstd` alone takes there, with the same options and to
nowhere; (b) the backup's own step, from the snapshot to the object checked in the store; (c) pg_dump to a file and the
AWS command line after it. Meanwhile the host's disk and its memory disk are watched. The host's disk is a file system
of its own, its cable carries a gigabit a second on the way out; the store runs on the same machine, and so do all its
processors' other users.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from cutover.hosts.courier import COMPRESS
from cutover.hosts.postgres import pgpass
from tests.lab.command import run
from tests.lab.controller import Controller
from tests.lab.hosts.bench import BUCKET, SERVER, Bench
from tests.lab.lab import Lab
from tests.perf.big import FILES, big
from tests.perf.fetched import fetched
from tests.perf.ground import ground, reporting
from tests.perf.high_water import HighWater
from tests.perf.sampling import interleaved, line, seconds

PORT = 4397
AWS = "awscli==1.46.2"
CABLE = "tc qdisc replace dev eth0 root tbf rate 1gbit burst 256k latency 50ms"
"""The lab's cable has the speed of memory; a host's has a gigabit a second, on its way out."""


def aws(lab: Lab, bench: Bench) -> str:
    """Put the AWS command line on the host, once fetched into the lab's cache; return the call of it."""
    kept = fetched(lab.settings, AWS)
    packed = subprocess.run(["tar", "-C", kept, "-c", "."], capture_output=True, check=True).stdout
    unpack = bench.host.ssh_argv("mkdir -p /opt/aws && tar -x -C /opt/aws")
    subprocess.run(unpack, input=packed, check=True)
    settings = {
        "AWS_ACCESS_KEY_ID": lab.store.access_key,
        "AWS_SECRET_ACCESS_KEY": lab.store.secret_key,
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": "/opt/aws",
    }
    bench.host.run("cat >/run/aws.env", stdin="".join(f"export {name}={value}\n" for name, value in settings.items()))
    return f". /run/aws.env; python3 -m awscli --endpoint-url {lab.store.url} --region {lab.store.region}"


def alone(bench: Bench) -> Callable[[], object]:
    """Return (a): the dump and the compression, with the same options, to nowhere."""
    bench.host.run("mkdir -m 700 -p /run/alone && cat >/run/alone/pgpass", stdin=pgpass(bench.login).decode())
    bench.host.run("chmod 600 /run/alone/pgpass")
    piped = f"cd /run/alone; rm -f container; export JOB=alone HOME=/root; {bench.dump()[0]} | {COMPRESS} >/dev/null"
    return lambda: bench.host.run(f"set -e -o pipefail; {piped}", timeout=900)


def by_file(lab: Lab, bench: Bench) -> Callable[[], object]:
    """Return (c): pg_dump to a file on the host, as the old tool has it but without a terminal, then the upload."""
    dump = f"podman exec {SERVER} pg_dump --username {bench.login.user} {bench.login.database} >/var/tmp/old.sql"
    upload = f"{aws(lab, bench)} s3 cp --quiet /var/tmp/old.sql s3://{BUCKET}/old.sql"
    return lambda: bench.host.run(f"set -e; {dump}; {upload}; rm /var/tmp/old.sql", timeout=1800)


def report(taken: Mapping[str, Sequence[float]], water: HighWater) -> None:
    """Print what was measured."""
    a, b, c = (median(each) for each in taken.values())
    for name, each in taken.items():
        print(line(name, list(each)))
    print(f"  b / a                                                      {b / a:6.2f}     (at most 1.25)")
    print(f"  c / b                                                      {c / b:6.2f}     (at least 3)")
    print(f"  more on the host's disk during (b), at most                {water.disk / 1e6:6.1f} MB")
    print(f"  more in its /run during (b), at most                       {water.memory / 1e6:6.1f} MB")


def measure(lab: Lab, bench: Bench, runs: int) -> None:
    """Measure and print."""
    size = int(bench.sql("select pg_database_size(current_database())")) / 1e9
    print(f"Backup of a database of {size:.2f} GB", flush=True)
    from tests.perf.saving import custom_files, database, recordings

    water = HighWater(bench.host)
    acts = {
        "(a) pg_dump | zstd, to nowhere": alone(bench),
        "(b) the backup's step: snapshot, census, dump, upload, check": database(bench, water),
        "(c) pg_dump to a file, then the AWS command line": by_file(lab, bench),
    }
    report(interleaved(acts, runs), water)
    more = {f"{FILES} files of Asterisk": custom_files(bench), f"{FILES} objects copied": recordings(lab, bench)}
    for name, act in more.items():
        print(line(name, [seconds(act)]), flush=True)


def main() -> None:
    """Measure on a host of its own."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with ground() as (lab, folder):
        (host,) = lab.create(["bench"], golden_state=big(lab, folder / "making"), disk="16G")
        lab.start([host])
        run("ip", "netns", "exec", host.namespace, *CABLE.split())
        bench = Bench.make(lab, host, folder / "tenants")
        bench.serve()
        with reporting(Controller(lab.settings, folder), PORT):
            measure(lab, bench, runs)


if __name__ == "__main__":
    main()
