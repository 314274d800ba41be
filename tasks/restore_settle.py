"""
What a restore that died has left is put right before anything new begins.

Its dead man's switches have put the old state back by then: nobody gets the tenant's lease before. What may be left
are databases that serve nobody, fresh folders, work under way on the hosts and, where a host was lost just while a
restore was being confirmed, one host's folder that does not belong to the others' state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from prefect.logging import get_run_logger

from cutover.hosts import deadman, restoring, swap
from cutover.hosts.operation import current
from cutover.hosts.restoring import DONE, EXCHANGING, UNDONE, Beside, Found, Journal
from cutover.hosts.swap import Names
from cutover.inventory import Role, Tenant
from cutover.plan.desired import DesiredState
from cutover.products.omnileads import saved
from cutover.products.omnileads.site import CUSTOM
from tasks.every import every
from tasks.hosts import clear_jobs, must_succeed
from tasks.restore_databases import server_session
from tasks.restore_plan import Server
from tasks.restore_writers import start_writers, stop_writers
from tasks.step import step

VOLUME = "oml_redis"


async def look_at_folders(tenant: Tenant, hosts: Iterable[str]) -> dict[str, Found]:
    """Return hosts as a restore finds them."""
    voices = {host.name for host in tenant.hosts_of(Role.AIO, Role.VOICE)}
    redis = {host.name for host in saved.redis_hosts(tenant)}

    async def one(host: str) -> Found:
        volume = VOLUME if host in redis else ""
        return await folders(host, CUSTOM if host in voices else "", volume)

    return await every(hosts, one)


@step("folders of {host}", timeout=120)
async def folders(host: str, custom: str, volume: str) -> Found:
    """Look at the folders that a restore exchanges and at what stands beside them."""
    output = await current().run(host, restoring.ask(custom, volume))
    must_succeed(host, output, "CUT-760", "the folders cannot be looked at")
    return restoring.parse(output.stdout)


async def settle(tenant: Tenant, desired: DesiredState, server: Server) -> dict[str, Found]:
    """
    Put right what a restore that died has left, and return every host of the desired state as it is then.

    Raises CutoverError when a host or the database server does not let it.
    """
    await every(desired.hosts, clear_jobs)
    found = await look_at_folders(tenant, desired.hosts)
    journal = found[server.host].journal
    if journal is not None and journal.phase == EXCHANGING:
        await _put_back(desired, server, found, journal)
    await drop_scratch(server.host, server)
    leftovers = {host: _fresh(each) for host, each in found.items() if _fresh(each)}
    await every(leftovers, lambda host: remove_folders(host, leftovers[host]))
    return await look_at_folders(tenant, desired.hosts) if leftovers or journal else found


def _fresh(found: Found) -> tuple[Beside, ...]:
    return tuple(each for each in found.beside if each.kind == "new")


async def _put_back(desired: DesiredState, server: Server, found: Mapping[str, Found], journal: Journal) -> None:
    """Bring what is left of an unconfirmed restore back to the old state; where all is old already, say so."""
    names = Names(server.login.database, journal.stamp)
    if await is_confirmed(server.host, server, names):
        await write_journal(server.host, replace(journal, phase=DONE))
        return
    swapped = await is_swapped(server.host, server, names)
    moved = {
        host: tuple(each.folder for each in one.beside if (each.kind, each.stamp) == ("old", journal.stamp))
        for host, one in found.items()
    }
    if swapped or any(moved.values()):
        get_run_logger().warning("a restore of %s was never confirmed: the old state is put back", journal.backup)
        await stop_writers(desired)
        await swap_back(server.host, server, names)
        hosts = [host for host, paths in moved.items() if paths]
        await every(hosts, lambda host: folders_back(host, moved[host], journal.stamp))
        await start_writers(desired)
    await write_journal(server.host, replace(journal, phase=UNDONE))


@step("databases of {host}", timeout=90)
async def is_swapped(host: str, server: Server, names: Names) -> bool:
    """Return whether the database that serves is the one that the restore of these names has made."""
    async with server_session(server) as session:
        return names.stamp in (await swap.look(session, names.database)).old


@step("confirmation on {host}", timeout=90)
async def is_confirmed(host: str, server: Server, names: Names) -> bool:
    """Return whether the database itself says that the restore of these names was confirmed."""
    async with server_session(server) as session:
        return await swap.is_sealed(session, names)


@step("swap back databases of {host}", timeout=300)
async def swap_back(host: str, server: Server, names: Names) -> None:
    """Give the old database its name back."""
    async with server_session(server) as session:
        await swap.swap_back(session, names)


@step("put back folders of {host}", timeout=120)
async def folders_back(host: str, paths: tuple[str, ...], stamp: str) -> None:
    """Give old folders their names back."""
    this = current()
    output = await this.run(host, deadman.folders_back(paths, stamp, this.required_lease()))
    must_succeed(host, output, "CUT-766", "a folder could not be put back")


@step("leftovers of {host}", timeout=900)
async def drop_scratch(host: str, server: Server) -> None:
    """Remove databases that restores and upgrades which died or were undone have left; they serve nobody any more."""
    async with server_session(server) as session:
        for stamp in (await swap.look(session, server.login.database)).new:
            await swap.drop(session, Names(server.login.database, stamp).new)


@step("remove folders of {host}", timeout=600)
async def remove_folders(host: str, leftovers: tuple[Beside, ...]) -> None:
    """Remove folders that restores have put beside those in use."""
    this = current()
    text = restoring.remove((each.path for each in leftovers), this.required_lease())
    must_succeed(host, await this.run(host, text, patience=550), "CUT-767", "a former folder could not be removed")


@step("journal on {host}", timeout=60)
async def write_journal(host: str, journal: Journal, path: str = restoring.JOURNAL) -> None:
    """Write down on the host that the database work is done from how a restore, or another change, stands."""
    this = current()
    output = await this.run(host, restoring.write_journal(journal, this.required_lease(), path))
    must_succeed(host, output, "CUT-760", "the journal could not be written")
