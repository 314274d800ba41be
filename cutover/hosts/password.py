"""
The application's first admin password: made on the controller, kept on the host for root alone, handed over once.

It waits in a file on the application's host until an operator takes it; taking it removes the file. So it passes
through no run, no log and no database, and a run that dies between two steps uses the same password when repeated.
"""

from __future__ import annotations

from secrets import choice
from string import ascii_letters, digits

from cutover.hosts.connection import connect
from cutover.hosts.converge import LIBRARIES
from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input
from cutover.inventory import Role, Tenant
from cutover.secret import Secret

WAITING = "/var/lib/cutover/admin-password"
LENGTH = 24


def new_password() -> Secret:
    """Return a random password of letters and digits, with one of each kind that password rules ask for."""
    while True:
        password = "".join(choice(ascii_letters + digits) for _ in range(LENGTH))
        if (
            any(c.isdigit() for c in password)
            and any(c.isupper() for c in password)
            and any(c.islower() for c in password)
        ):
            return Secret(password)


def set_password(container: str, command: tuple[str, ...], offered: Secret, lease: Lease) -> str:
    """
    Return the script that sets the admin password through the application's own command.

    The password goes over standard input, twice, as the command asks. One that already waits on the host is used
    instead of the offered one: a former run may have set it and died before it wrote that down.
    """
    content = f"{offered.reveal()}\n".encode()
    lines = [
        "set -e",
        *guard_lines(lease),
        f"[ -s {WAITING} ] || {with_input(call('put', WAITING, '0600', 'root', 'root'), content)}",
        f"cat {WAITING} {WAITING} | {call('podman', 'exec', '--interactive', container, *command)}",
    ]
    return script(LIBRARIES, lines)


async def take(tenant: Tenant) -> str | None:
    """Return the waiting password and remove it from the host; None when there is none (any more)."""
    host = tenant.hosts_of(Role.APP, Role.AIO)[0]
    connection = await connect(host, tenant.known_hosts)
    try:
        text = script((), [f"[ -s {WAITING} ] && cat {WAITING} && rm -f {WAITING}"])
        output = await connection.run(text, patience=30)
    finally:
        await connection.close()
    return output.stdout.strip() or None
