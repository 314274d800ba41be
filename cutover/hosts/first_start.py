"""The data folder of a PostgreSQL whose very first start was cut off, which every later start refuses."""

from __future__ import annotations

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script


def set_half_made_aside(volume: str, unit: str, lease: Lease) -> str:
    """
    Return the script that sets a data folder aside, within its volume's place, when it never held a database.

    It prints where the folder is then, and nothing when it has left it alone. Running it again is safe.
    """
    return script(("lease", "first_start"), ["set -e", *guard_lines(lease), call("half_made_set_aside", volume, unit)])
