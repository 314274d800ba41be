"""A host with a database of more than 2 GB and 20,000 small files, kept as a golden state."""

from __future__ import annotations

from pathlib import Path

from tests.lab import golden
from tests.lab.fingerprint import fingerprint
from tests.lab.hosts.bench import SERVER, Bench
from tests.lab.lab import Lab
from tests.lab.layers import LAYERS

SCALE = 150
FILES = 20_000
CUSTOM = "/etc/asterisk/custom"
MAKE_FILES = f"""
import os, random
random.seed(1)
for number in range({FILES}):
    folder = "{CUSTOM}/%03d" % (number % 100)
    os.makedirs(folder, exist_ok=True)
    with open("%s/extensions_%05d.conf" % (folder, number), "w") as file:
        for line in range(random.randrange(1, 60)):
            file.write("exten => %d,1,NoOp(%032x)\\n" % (line, random.getrandbits(128)))
"""
MINIMAL = ("-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=512MB")


def big(lab: Lab, folder: Path) -> str:
    """Return the golden state of a host with the database and the files, made when there is none."""
    name = f"pgbench-{fingerprint(str(SCALE), MAKE_FILES, ' '.join(LAYERS['omnileads'].packages))}"
    if golden.path(lab.settings, name).exists():
        return name
    (host,) = lab.create(["bench"], "omnileads")
    lab.start([host])
    bench = Bench.make(lab, host, folder)
    bench.serve(*MINIMAL)
    made = f"podman exec {SERVER} pgbench --quiet --initialize --scale={SCALE} -U omnileads omnileads"
    host.run(made, timeout=1200)
    bench.stop()
    host.run("python3 -", stdin=MAKE_FILES)
    host.stop()
    golden.keep(host, name)
    lab.remove([host])
    return name
