"""
The `cutover` command, for tests: has the process that has loaded it (`loaded.py`) carry it out, and ends as that does.

`python -I -S ask_loaded.py SOCKET WORD…`, with nothing but the standard library: it is there in some milliseconds.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> int:
    """Hand over words, environment, folder and standard streams, and return the exit status that comes back."""
    door, *words = sys.argv[1:]
    asked = {"words": words, "environment": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109  quicker
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as way:
        way.connect(door)
        socket.send_fds(way, [json.dumps(asked).encode()], [0, 1, 2])
        return int(way.recv(16) or b"1")


if __name__ == "__main__":
    sys.exit(main())
