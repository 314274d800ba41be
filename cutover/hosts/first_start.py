"""The data folder of a PostgreSQL whose very first start was cut off: every later start may refuse it."""

from __future__ import annotations

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script


def set_empty_aside(volume: str, unit: str, lease: Lease) -> str:
    """
    Return the script that sets a data folder aside, within its volume's place, when nobody has a database in it.

    It prints where the folder is then, and nothing when it has left it alone. It may be sent again.
    """
    return script(("lease", "first_start"), ["set -e", *guard_lines(lease), call("set_empty_aside", volume, unit)])
