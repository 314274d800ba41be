"""
Sees the arguments of every process of a machine, also of those that live for milliseconds.

Started as a program: arguments.py FILE. It looks until it is killed and writes each argument list once. Processes of
the lab's hosts are processes of the machine they run on, so it sees theirs too when it runs there.
"""

from __future__ import annotations

import os
import sys
import time

PAUSE = 0.01


def sweep(seen: set[bytes], own: str) -> list[bytes]:
    """Return the argument lists that were not seen before."""
    new = []
    for name in os.listdir("/proc"):  # noqa: PTH208  only names are wanted
        if not name.isdigit() or name == own:
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:  # noqa: PTH123  some microseconds, thousands of times
                words = file.read()
        except OSError:
            continue
        if words and words not in seen:
            seen.add(words)
            new.append(words)
    return new


def main() -> None:
    """Write to the file named on the command line until killed."""
    seen: set[bytes] = set()
    handle = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    own = str(os.getpid())
    while True:
        for words in sweep(seen, own):
            os.write(handle, words.replace(b"\0", b" ") + b"\n")
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
