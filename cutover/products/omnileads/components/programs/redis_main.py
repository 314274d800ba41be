"""
Who is the main Redis of a pair? Asked before Redis or a Sentinel starts, so that a start never turns the roles round.

`redis-main OUTPUT OWN INITIAL SENTINELS` writes the variables ROLE and MAIN for the container's environment. OWN is
this host's address, INITIAL that of the first main Redis, SENTINELS a list with commas. The Sentinels decide; where
none answers, as in a first installation, the initial roles hold.
"""

import socket
import sys
from collections import Counter
from pathlib import Path

PORT = 26379
SECONDS = 2
QUESTION = b"SENTINEL get-master-addr-by-name master\r\n"


def asked(sentinel: str, port: int = PORT) -> str | None:
    """Return the main Redis's address as a Sentinel knows it, None when it does not say."""
    try:
        with socket.create_connection((sentinel, port), SECONDS) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(QUESTION)
            reply = b""
            while reply.count(b"\r\n") < 5 and reply[:1] in (b"", b"*") and not reply.startswith(b"*-1"):
                received = connection.recv(4096)
                if not received:
                    break
                reply += received
    except OSError:
        return None
    lines = reply.decode("ascii", "replace").split("\r\n")
    return lines[2] if lines[0] == "*2" and len(lines) > 4 else None


def main_redis(answers: list[str | None], initial: str) -> str:
    """Return the address that most Sentinels name; of two named as often, the one that is not where all began."""
    named = Counter(answer for answer in answers if answer)
    return max(named, key=lambda address: (named[address], address != initial)) if named else initial


def write(path: str, own: str, main: str) -> None:
    """Write the environment file whole or not at all."""
    role = "main" if own == main else "replica"
    new = Path(f"{path}.new")
    new.write_text(f"ROLE={role}\nMAIN={main}\n")
    new.rename(path)


if __name__ == "__main__":
    output, own_address, initial_main, sentinels = sys.argv[1:]
    write(output, own_address, main_redis([asked(each) for each in sentinels.split(",")], initial_main))
