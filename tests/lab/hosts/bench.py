"""A host with a database in a container, a bucket for it, and operations on them as a run has them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cutover.hosts.courier import Codec, Copy, Fetched, Sent, fetch, parts_for, send
from cutover.hosts.database import Login
from cutover.hosts.job import Job, JobState, Seen, carry_out
from cutover.hosts.lease import Lease
from cutover.hosts.operation import Operation, operation
from cutover.hosts.postgres import PGPASS, dump_lines, load_lines, pgpass
from cutover.inventory import Tenant, load
from cutover.secret import Secret
from cutover.storage.bucket import Bucket
from cutover.storage.place import Place
from cutover.storage.store import Store, opened
from tests.lab import tenants
from tests.lab.host import Host
from tests.lab.lab import Lab

IMAGE = "docker.io/omnileads/postgres:230613.01"
SERVER = "database"
BUCKET = "backups"
PLAIN = Codec()


@dataclass(frozen=True, slots=True)
class Bench:
    """What jobs are tried on. The host is the tenant's only one."""

    host: Host
    tenant: Tenant
    place: Place
    login: Login

    @classmethod
    def make(cls, lab: Lab, host: Host, folder: Path) -> Bench:
        """Make a tenant of a host, an empty bucket, and a login for the database that `serve` starts."""
        made = tenants.make(folder, "bench", "aio", [host])
        os.environ["CUTOVER_SSH_KEY"] = str(lab.settings.key)
        lab.store.start()
        lab.store.make_bucket(BUCKET)
        store = lab.store
        keys = Secret(store.access_key), Secret(store.secret_key)
        place = Place(Bucket(BUCKET, store.url, store.region, *keys), "", None, own=False)
        login = Login("127.0.0.1", 5432, "omnileads", Secret(tenants.canary("database")), "omnileads")
        return cls(host, load(made.name, folder), place, login)

    def serve(self, *options: str) -> None:
        """Start the database, a new one or what is in its volume, with further options of the server."""
        environment = {"USER": self.login.user, "PASSWORD": "only-for-the-first-start", "DB": self.login.database}
        lines = "".join(f"POSTGRES_{name}={value}\n" for name, value in environment.items())
        self.host.run("cat >/run/database.env", stdin=lines)
        self.host.run(
            f"podman run --detach --replace --name={SERVER} --network=host --env-file=/run/database.env "
            f"--volume=database:/var/lib/postgresql/data {IMAGE} -c listen_addresses=127.0.0.1 {' '.join(options)}",
            timeout=180,
        )
        self.host.run(
            f"for i in $(seq 200); do podman exec {SERVER} pg_isready -qh 127.0.0.1 && exit; sleep 0.1; done; exit 1"
        )
        self.sql(f"alter role {self.login.user} password '{self.login.password.reveal()}'")

    def stop(self) -> None:
        """Stop the database in good order."""
        self.host.run(f"podman stop --time 120 {SERVER} && podman rm --ignore {SERVER}", timeout=150)

    def sql(self, statement: str, database: str = "omnileads") -> str:
        """Run statements in the database server and return their rows as text."""
        command = f"podman exec -i {SERVER} psql -XAtq -v ON_ERROR_STOP=1 -U {self.login.user} -d {database} -f -"
        return self.host.run(command, stdin=statement, timeout=600).stdout.strip()

    @asynccontextmanager
    async def operation(self, what: str = "backup") -> AsyncIterator[Operation]:
        """Give an operation that holds the lease."""
        async with operation(self.tenant, Lease.new(what, "tests", "none")) as this:
            await this._take(self.name)
            yield this

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Give the open bucket."""

        def tunnel(*_: object) -> object:
            raise AssertionError("the store is reached directly")

        async with opened(self.place, tunnel) as store:  # type: ignore[arg-type]
            yield store

    @property
    def name(self) -> str:
        """The host's name in the tenant."""
        return self.tenant.hosts[0].name

    def dump(self, login: Login | None = None, snapshot: str | None = None) -> list[str]:
        """Return the lines that dump the database."""
        return dump_lines(IMAGE, login or self.login, snapshot)

    def sending(self, source: list[str], urls: Sequence[Secret], codec: Codec = PLAIN) -> Job:
        """Return the job that sends what lines print."""
        return send("database", source, urls, codec, files={PGPASS: pgpass(self.login)})

    async def save(
        self,
        this: Operation,
        store: Store,
        key: str,
        source: list[str],
        *,
        codec: Codec = PLAIN,
        seen: Seen | None = None,
        size: int = 1 << 30,
    ) -> Sent | JobState:
        """Send what lines print to an object; return what was sent, or how the job failed, the upload then aborted."""
        upload = await store.begin(key)
        urls = store.signed_parts(upload, range(1, parts_for(size) + 1))
        try:
            state = await carry_out(this, self.name, self.sending(source, urls, codec), seen)
        except BaseException:
            await store.abort(upload)
            raise
        if state.status:
            await store.abort(upload)
            return state
        sent = Sent.of(state)
        await store.complete(upload, sent.etags)
        return sent

    async def bring(
        self,
        this: Operation,
        store: Store,
        key: str,
        sent: Sent,
        sink: list[str],
        *,
        codec: Codec = PLAIN,
        seen: Seen | None = None,
    ) -> JobState:
        """Fetch an object into lines that read it; return how the job ended."""
        wanted = Fetched(store.signed_get(key), sent.size, sent.sha256, codec)
        job = fetch("database", wanted, sink, files={PGPASS: pgpass(self.login)})
        return await carry_out(this, self.name, job, seen)

    def load(self, database: str, *, plain: bool = False) -> list[str]:
        """Return the lines that load a dump into another database of the server."""
        return load_lines(IMAGE, self.login.to(database), plain)


def copies(store: Store, keys: list[str], prefix: str) -> list[Copy]:
    """Return the orders to copy objects below a prefix of the same bucket."""
    return [Copy(key, store.signed_get(key), store.signed_put(prefix + key)) for key in keys]
