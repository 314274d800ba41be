"""
How long 300 inventories take: `python -m tests.perf.inventory [TENANTS] [RUNS]`.

Prints the median, the fastest and the slowest run in milliseconds, for tenants as the old tool's users have them, and
for tenants with a certificate of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from cutover.inventory import load_all
from tests.unit.inventory.certificates import write_pair
from tests.unit.inventory.texts import AIT


def write(folder: Path, count: int, custom: bool) -> None:
    """Write that many tenants into a folder, each with addresses of its own."""
    for number in range(count):
        tenant = folder / f"tenant-{number:04}"
        tenant.mkdir()
        text = AIT.replace("10.0.0.", f"10.{number // 250 + 1}.{number % 250 + 1}.")
        (tenant / "inventory.yml").write_text(text.replace("certs: selfsigned", "certs: custom") if custom else text)
        if custom:
            write_pair(tenant)


def measure(count: int, runs: int, custom: bool) -> list[float]:
    """Return the milliseconds each run took."""
    with TemporaryDirectory() as folder:
        write(Path(folder), count, custom)
        taken = []
        for _ in range(runs):
            begun = perf_counter()
            load_all(Path(folder))
            taken.append((perf_counter() - begun) * 1000)
        return taken


def main() -> None:
    """Measure and print."""
    count, runs = (int(each) for each in (*sys.argv[1:], "300", "9")[:2])
    for custom in (False, True):
        taken = measure(count, runs, custom)
        kind = "custom certificates" if custom else "self-signed"
        print(f"{count} tenants, {kind}: median {median(taken):.0f} ms, {min(taken):.0f} to {max(taken):.0f} ms")


if __name__ == "__main__":
    main()
