"""The dead man's switch of a change: armed on every host, taken away or confirmed when the change is over."""

from __future__ import annotations

from cutover.hosts import deadman
from cutover.hosts.deadman import Switch
from cutover.hosts.operation import current
from cutover.hosts.postgres import WITHOUT_WAITING
from cutover.inventory import Layout, Tenant
from cutover.products.omnileads.components.postgresql import Postgresql
from tasks.hosts import must_succeed
from tasks.restore_plan import Server
from tasks.step import step

PATIENCE = 60
"""Seconds that a statement which swaps databases back may take."""


def sql_command(tenant: Tenant, server: Server) -> tuple[str, ...]:
    """
    Return the command that runs SQL from standard input on the tenant's server, without a secret in it.

    In the server's own container by its local socket, which asks for no password; for an outside server, and for the
    pair of HA, by a container that gets the login from the application's env file, which lies on that host for the
    application itself. In HA the file names the virtual IP: asked is who is primary then.
    """
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    options += [f"--dbname={server.maintenance}"]
    if not tenant.postgres_external and tenant.layout is not Layout.HA:
        container = str(Postgresql.container)
        return ("podman", "exec", "--interactive", container, "psql", f"--username={server.login.user}", *options)
    # a primary that loses its power leaves whoever asked it without an answer
    run = ("timeout", str(PATIENCE), "podman", "run", "--rm", "--interactive", "--network=host")
    mode = "require" if server.login.ssl else "prefer"
    env = ["--env-file=/etc/default/django.env", f"--env=PGSSLMODE={mode}", "--env=PGCONNECT_TIMEOUT=15"]
    env += [] if server.login.waits else [f"--env=PGOPTIONS={WITHOUT_WAITING}"]
    return (*run, *env, "--entrypoint=psql", server.image, *options)


@step("arm {host}", timeout=60)
async def arm(host: str, it: Switch) -> None:
    """Have a host watch this run: when it dies, the host gets back to the old state by itself."""
    this = current()
    output = await this.run(host, deadman.arm(it, this.required_lease()))
    must_succeed(host, output, "CUT-760", "the dead man's switch could not be armed")


@step("disarm {host}", timeout=60)
async def disarm(host: str) -> None:
    """Take the dead man's switch of a host away."""
    this = current()
    output = await this.run(host, deadman.disarm(this.required_lease()))
    must_succeed(host, output, "CUT-760", "the dead man's switch could not be taken away")


@step("confirm on {host}", timeout=60)
async def decide(host: str, journal: str, content: bytes) -> None:
    """Write down that the change is done, by which there is no way back any more."""
    this = current()
    output = await this.run(host, deadman.confirm(journal, content, this.required_lease()))
    must_succeed(host, output, "CUT-760", "the change could not be confirmed")


async def demand_watch(host: str) -> None:
    """Raise CutoverError when the run has lost a host, or the host has begun to go back by itself."""
    this = current()
    output = await this.run(host, deadman.still_watched(this.required_lease()))
    must_succeed(host, output, "CUT-766", "the host has begun to go back to the old state by itself")
