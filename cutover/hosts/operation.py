"""One operation on one tenant: its connections, its lease and the scripts that run under it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from cutover.errors import CutoverError, HostUnreachableError
from cutover.hosts import facts, lease
from cutover.hosts.connection import Connection, Connections, Output
from cutover.hosts.facts import Questions
from cutover.hosts.lease import Answer, Lease
from cutover.hosts.script import script
from cutover.inventory import Tenant
from cutover.plan.observed import ObservedHost

QUICK = 60.0
"""Seconds that reading a host or renewing a lease may take."""

log = logging.getLogger("cutover.operation")
_current: ContextVar[Operation] = ContextVar("operation")


@dataclass(slots=True)
class Operation:
    """An operation under way. `lease` is None for operations that only read."""

    tenant: Tenant
    connections: Connections
    lease: Lease | None
    answers: dict[str, Answer] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)

    async def run(self, host: str, text: str, *, patience: float = QUICK) -> Output:
        """Run a script on a host; a connection that failed is forgotten, so that trying again opens a new one."""
        connection = await self.connections.to(host)
        try:
            return await connection.run(text, patience=patience)
        except HostUnreachableError:
            await self.connections.drop(connection)
            raise

    async def connection(self, host: str) -> Connection:
        """Return the open connection to a host."""
        return await self.connections.to(host)

    async def observe(self, host: str, questions: Questions) -> ObservedHost:
        """Read a host, taking the lease in the same round trip when the operation has one."""
        return facts.parse(host, await self.look(host, "facts", facts.lines(questions)))

    async def look(self, host: str, library: str, lines: list[str]) -> Output:
        """Run lines that only read, taking the lease in the same round trip when the operation has one."""
        if self.lease is None:
            return await self.run(host, script((library,), lines))
        output = await self.run(host, script(("lease", library), [*lease.take_lines(self.lease), *lines]))
        self.answers[host] = lease.answer(output)
        return output

    async def settle_lease(self) -> None:
        """
        After all hosts that answer have done so, decide whether the tenant is ours.

        Raises LeaseHeldError, having given back what was taken, when the lead host is another run's.
        """
        order = [host.name for host in self.tenant.hosts]
        for _ in range(20):
            refused = [host for host in order if host in self.answers and not self.answers[host].ours]
            if not refused:
                return
            if not lease.won(self.answers, order):
                break
            # the other run lost the lead host and is giving this one back
            await asyncio.sleep(0.5)
            await asyncio.gather(*(self._take(host) for host in refused))
        raise lease.held(self.tenant.name, refused[0], self.answers[refused[0]])

    async def _take(self, host: str) -> None:
        if self.lease is not None:
            output = await self.run(host, script(("lease",), lease.take_lines(self.lease)))
            self.answers[host] = lease.answer(output)

    def required_lease(self) -> Lease:
        """Return the lease of an operation that changes hosts."""
        if self.lease is None:
            raise RuntimeError("an operation without a lease only reads")
        return self.lease

    async def keep_lease(self) -> None:
        """Renew the lease on every host that granted it, until cancelled; one that is away keeps no other waiting."""
        under_way: set[str] = set()

        async def renew(host: str) -> None:
            try:
                await self._renew(host)
            except Exception as problem:
                log.warning("%s: the lease could not be renewed: %s", host, problem)
            finally:
                under_way.discard(host)

        async with asyncio.TaskGroup() as renewals:
            while self.lease is not None:
                await asyncio.sleep(self.lease.renewed_every)
                for host in self._held().difference(under_way):
                    under_way.add(host)
                    renewals.create_task(renew(host))

    async def _renew(self, host: str) -> None:
        output = await self.run(host, script(("lease",), lease.renew_lines(self.required_lease())))
        answer = lease.answer(output)
        if answer.lost and host not in self.released:
            self.answers[host] = answer
            log.warning("%s: the lease is lost; this run changes nothing there any more", host)

    async def release(self) -> None:
        """Give the lease back wherever this operation holds it and the host still answers."""
        ours = sorted(self._held())
        for host, problem in zip(ours, await self._each(ours, self._release), strict=True):
            if problem is not None:
                life = self.required_lease().life
                log.warning("%s: the lease stays until it expires in %d s: %s", host, life, problem)

    def _held(self) -> set[str]:
        return {host for host, answer in self.answers.items() if answer.ours and host not in self.released}

    async def _release(self, host: str) -> None:
        if self.lease is not None:
            await self.run(host, script(("lease",), lease.release_lines(self.lease)), patience=10)
            self.released.add(host)

    @staticmethod
    async def _each(hosts: list[str], act: Callable[[str], Awaitable[None]]) -> list[BaseException | None]:
        return await asyncio.gather(*(act(host) for host in hosts), return_exceptions=True)


def current() -> Operation:
    """Return the operation that the calling task belongs to."""
    return _current.get()


@asynccontextmanager
async def operation(tenant: Tenant, held_as: Lease | None = None) -> AsyncIterator[Operation]:
    """
    Open an operation on a tenant; with `held_as` it holds the tenant's lease while it lasts.

    On the way out the lease is given back and the connections are closed, whatever happened.
    """
    async with Connections(tenant) as connections:
        this = Operation(tenant, connections, held_as)
        token = _current.set(this)
        keeper = asyncio.create_task(this.keep_lease())
        try:
            yield this
        finally:
            _current.reset(token)
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError, CutoverError):
                await keeper
            await asyncio.shield(this.release())
            trips = ", ".join(f"{host} {count}" for host, count in connections.round_trips.items())
            log.info("SSH round trips: %s", trips or "none")
