"""A tenant whose backups go, encrypted, into the lab's own store."""

from __future__ import annotations

import hashlib
import json
import shlex
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.destination import BUCKET, encrypted, into_the_lab_s_store, with_key
from tests.lab.flows.installed import installed
from tests.lab.flows.seen import state
from tests.lab.flows.stored import Bucket
from tests.lab.host import Host
from tests.lab.running import Running
from tests.lab.tenants import LabTenant

PSQL = ("podman", "exec", "oml-postgresql-server", "psql", "--username=omnileads", "--no-psqlrc", "-At")


@dataclass(frozen=True, slots=True)
class Drilled:
    """A tenant with its host, and the place that its backups lie in."""

    controller: Controller
    tenant: LabTenant
    host: Host
    place: Bucket

    def query(self, statement: str, database: str = "omnileads") -> str:
        """Run a statement in a database of the tenant's own server."""
        command = shlex.join([*PSQL, f"--dbname={database}", f"--command={statement}"])
        return self.host.output(command)

    def printed(self, command: str) -> bytes:
        """What a command on the host writes."""
        return b64decode(self.host.output(f"set -o pipefail; {command} | base64 --wrap=0"))

    def back_up(self) -> str:
        """Back the tenant up and return the backup's id."""
        result = self.controller.run("backup", self.tenant.name, "--json")
        assert state(result) == "Completed", result.stdout + result.stderr
        return str(self.place.manifests()[-1]["id"])

    def manifest(self, backup: str) -> dict[str, Any]:
        """A manifest as it is now."""
        read: dict[str, Any] = json.loads(self.place.get(f"backup/manifests/{backup}.json"))
        return read

    def proof(self, backup: str) -> dict[str, Any] | None:
        """What is on record of the last drill of a backup."""
        key = f"backup/manifests/{backup}.proof.json"
        return json.loads(self.place.get(key)) if key in self.place.names(key) else None

    def put(self, key: str, content: bytes) -> None:
        """Write an object as anybody could who has the keys of the bucket."""
        self.place.s3.put_object(Bucket=self.place.name, Key=self.place.prefix + key, Body=content)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self.place.s3.delete_object(Bucket=self.place.name, Key=self.place.prefix + key)

    def rewrite(self, backup: str, **changes: Any) -> None:
        """Change a manifest, and make it true of the objects as they are now."""
        manifest = self.manifest(backup) | changes
        for each in manifest["objects"]:
            content = self.place.get(each["key"])
            each |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.put(f"backup/manifests/{backup}.json", json.dumps(manifest).encode())

    def drill(self, *arguments: str) -> Result:
        """Drill a backup."""
        return self.controller.run("drill", self.tenant.name, *arguments, "--json")

    def begin_drill(self) -> Running:
        """Begin to drill the newest backup."""
        return Running(self.controller.start("drill", self.tenant.name, "--json"))

    def listed(self) -> dict[str, Any]:
        """The backups as the command lists them, by id."""
        found = self.controller.run("backups", self.tenant.name, "--json").json["backups"]
        return {each["id"]: each for each in found}


def drilled(controller: Controller, hosts: MakeHosts, name: str) -> Drilled:
    """Return an installed tenant of which no more runs than what a backup needs, with a place for its backups."""
    tenant, (host,) = installed(controller, hosts, name, "aio", only={"postgresql", "minio"})
    into_the_lab_s_store(tenant, hosts.lab)
    encrypted(tenant)
    with_key(tenant)
    return Drilled(controller, tenant, host, Bucket.of_lab(hosts.lab, BUCKET, f"{name}/"))
