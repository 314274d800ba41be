"""A tenant with data that is lost and has to come back: rows, files of Asterisk, live statistics, recordings."""

from __future__ import annotations

import io
import json
import shlex
import tarfile
from base64 import b64decode
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.lab.controller import Controller, Result
from tests.lab.flows.installed import application
from tests.lab.flows.seen import state
from tests.lab.flows.stored import Bucket, on_minio
from tests.lab.host import Host
from tests.lab.tenants import LabTenant

CUSTOM = "/etc/asterisk/custom"
OWN_FILE = f"{CUSTOM}/deep er/own one.conf"
PSQL = "podman exec oml-postgresql-server psql -U omnileads -XAt -d {} -c {}"
OUTSIDE = "cd / && runuser -u postgres -- psql -XAt -d {} -c {}"
REDIS = "podman exec oml-redis-server redis-cli -h {} {}"
FILES = f"cd {CUSTOM} && find . -type f -printf '%P %m %u %g ' -exec sh -c 'sha256sum <\"$1\"' - {{}} \\; | sort"
COUNTS = (
    "with calls as (select id from queue_log where event in ('ENTERQUEUE', 'CONNECT', 'COMPLETEAGENT')) "
    "select (select count(*) from calls), (select coalesce(sum(id), 0) from calls), "
    "(select count(*) from ominicontacto_app_contacto)"
)
"""What calls have left; Asterisk adds a row of its own whenever it starts."""
ARMED = "test -s /var/lib/cutover/deadman/token"
"""The host watches a restore, as a shell condition."""
DATABASES = "select datname from pg_database where datname ~ 'omnileads_(new|old)_' order by 1"
BUCKET = "omnileads"


@dataclass(frozen=True, slots=True)
class State:
    """What a tenant holds."""

    rows: str
    files: str
    statistics: str


@dataclass(frozen=True, slots=True)
class Restored:
    """
    An installed tenant; `data`, `voice` and `app` are its hosts by what they do, one and the same in an AIO.

    `outside` is the host of an outside database.
    """

    controller: Controller
    tenant: LabTenant
    data: Host
    voice: Host
    app: Host
    outside: Host | None = None

    def query(self, statement: str, database: str = "omnileads") -> str:
        """Run a statement in one of the tenant's own databases."""
        if self.outside is not None:
            return self.outside.output(OUTSIDE.format(database, shlex.quote(statement)))
        return self.data.output(PSQL.format(database, shlex.quote(statement)))

    def databases(self) -> list[str]:
        """What stands beside the database."""
        return self.query(DATABASES, "postgres").splitlines()

    def state(self) -> State:
        """What the tenant holds now."""
        return State(self.query(COUNTS), self.voice.output(FILES), self.redis("hgetall standin:statistics"))

    def redis(self, command: str) -> str:
        """Run a command of Redis."""
        alone = self.data is self.app
        return self.data.output(REDIS.format("localhost" if alone else self.data.address, command))

    def lose(self) -> State:
        """Change everything, as a person with a bad day would; return what is there then."""
        self.query("delete from queue_log where id % 2 = 0; truncate ominicontacto_app_contacto cascade")
        self.voice.run(f"rm -rf {shlex.quote(OWN_FILE)}; echo lost >{CUSTOM}/lost.conf")
        self.redis("hset standin:statistics lost 1")
        return self.state()

    def recordings(self) -> list[str]:
        """The keys of the recordings in the tenant's own bucket."""
        with self.own_bucket() as own:
            return sorted(key for key in own.names() if key.endswith(".wav"))

    def own_bucket(self) -> AbstractContextManager[Bucket]:
        """The bucket on the tenant's own MinIO."""
        return on_minio(self.data, self.tenant, BUCKET)

    def custom_files(self) -> dict[str, bytes]:
        """The operator's files for Asterisk, by their names."""
        packed = b64decode(self.voice.output(f"tar --create --directory={CUSTOM} . | base64 --wrap=0"))
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            files = ((entry.name.removeprefix("./"), archive.extractfile(entry)) for entry in archive)
            return {name: file.read() for name, file in files if file is not None}

    def run(self, verb: str, *arguments: str) -> Result:
        """Run a command on the tenant."""
        return self.controller.run(verb, self.tenant.name, *arguments, "--json")

    def back_up(self) -> str:
        """Back the tenant up and return the backup's id."""
        assert state(self.run("backup")) == "Completed"
        return str(self.listed()[0]["id"])

    def listed(self) -> list[dict[str, Any]]:
        """The backups as the command lists them, newest first."""
        found: list[dict[str, Any]] = self.run("backups").json["backups"]
        return found

    def safety_backups(self) -> list[dict[str, Any]]:
        """The backups that restores have made."""
        return [each for each in self.listed() if "before restore" in json.dumps(each)]


def restored(controller: Controller, tenant: LabTenant, hosts: list[Host]) -> Restored:
    """Make the tenant's data known: it has a file of its own in a folder of its own."""
    parts = {part: host for host in hosts for part in ("data", "voice") if host.name.endswith((f"-{part}", "-aio"))}
    outside = next((host for host in hosts if host.name.endswith("-database")), None)
    made = Restored(controller, tenant, parts["data"], parts["voice"], application(hosts), outside)
    folder, content = OWN_FILE.rpartition("/")[0], "; the operator's own"
    made.voice.run(f"mkdir -p {shlex.quote(folder)} && echo {shlex.quote(content)} >{shlex.quote(OWN_FILE)}")
    made.voice.run(f"chmod 640 {shlex.quote(OWN_FILE)}")
    return made
