"""Tenants of a lab: the examples of every layout, with the lab's addresses and secrets of their own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from tests.lab.host import Host
from tests.lab.s3 import Place

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "tenants"
EXAMPLE_NET = "10.99.0"
ADDRESS = r"ansible_host: (\S+)"
PAIRS = ("sql_1", "sql_2", "voice_1", "voice_2", "app_1", "app_2", "haproxy_1", "haproxy_2")
"""The hosts of an HA tenant in the order of the example; a witness comes last."""

KAMAILIO = PROJECT / "tests/lab/images/kamailio/pair.cfg"
WITNESS = r"^omnileads_witness:\n(?: .*\n|\n)*"


@dataclass(frozen=True, slots=True)
class LabTenant:
    """A tenant's folder in a lab, and every secret in it by the name of its variable."""

    name: str
    folder: Path
    secrets: dict[str, str]

    @property
    def inventory(self) -> Path:
        """The tenant's inventory."""
        return self.folder / "inventory.yml"

    def edit(self, pattern: str, replacement: str) -> None:
        """Change the inventory; raises ValueError when there is nothing to change."""
        text, count = re.subn(pattern, replacement, self.inventory.read_text(), flags=re.MULTILINE)
        if not count:
            raise ValueError(f"{pattern} is not in {self.inventory}")
        self.inventory.write_text(text)

    def give(self, secret: str, value: str) -> None:
        """Set one of the tenant's secrets, in a file of its own."""
        path = self.folder / "secrets" / secret
        path.touch(mode=0o600)
        path.write_text(value)

    def add(self, line: str) -> None:
        """Add a variable for all hosts."""
        self.edit(r"^  vars:$", f"  vars:\n    {line}")

    def ask_for(self, release: str, **tags: str) -> None:
        """Have the inventory say a release, and tags beside it."""
        said = [f"    release: {release}", *(f"    {name}: {tag}" for name, tag in tags.items())]
        self.edit(r"^    release: .*(\n    \w+_version: .*)*$", "\n".join(said))

    def save_to(self, place: Place, bucket: str) -> None:
        """Have backups in a bucket of a store, not in the tenant's own."""
        self.add(f"backup_bucket_url: {place.url}")
        self.add(f"backup_bucket_name: {bucket}")
        for name, key in (("access", place.access_key), ("secret", place.secret_key)):
            variable = f"backup_bucket_{name}_key"
            self.give(variable, key)
            self.add(f"{variable}: {{file: secrets/{variable}}}")


def canary(variable: str) -> str:
    """A secret that can be searched for: where it turns up, the variable's name is seen too."""
    return f"canary{variable.replace('_', '')}{token_hex(8)}"


def make(
    folder: Path, name: str, example: str, hosts: Sequence[Host], given: Mapping[str, str] | None = None
) -> LabTenant:
    """
    Copy an example of tenants/ to `folder/name`, with these hosts' addresses, and pin their keys.

    Every secret that the example takes from the environment becomes a file of the tenant, `given` or random.
    """
    known = given or {}
    made = draft(folder, name, example, hosts, lambda variable: known.get(variable) or canary(variable))
    shutil.copy(hosts[0].settings.known_hosts, made.folder / "known_hosts")
    return made


def draft(folder: Path, name: str, example: str, hosts: Sequence[Host], secret: Callable[[str], str]) -> LabTenant:
    """
    Copy an example as `make` does, with secrets from `secret` (given a variable's name), and pin no keys.

    Of the example `ha` eight hosts are a tenant without a witness, nine one with it.
    """
    place = folder / name
    place.mkdir(parents=True)
    net = hosts[0].settings.net
    text = (EXAMPLES / f"example-{example}" / "inventory.yml").read_text()
    if example == "ha" and len(hosts) == len(PAIRS):
        text = re.sub(WITNESS, "", text, flags=re.MULTILINE)
    addresses = dict(zip(dict.fromkeys(re.findall(ADDRESS, text)), (host.address for host in hosts), strict=True))

    def of_the_lab(text: str) -> str:
        text = re.sub(rf"({'|'.join(map(re.escape, addresses))})\b", lambda found: addresses[found[0]], text)
        return text.replace(f"{EXAMPLE_NET}.", f"{net}.")

    secrets: dict[str, str] = {}

    def to_file(found: re.Match[str]) -> str:
        variable = found[1]
        secrets[variable] = secret(variable)
        path = place / "secrets" / variable
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets[variable])
        return f"{variable}: {{file: secrets/{variable}}}"

    (place / "inventory.yml").write_text(re.sub(r"(\w+): \{env: \w+\}", to_file, of_the_lab(text)))
    if example == "ha":
        (place / "kamailio.cfg").write_text(of_the_lab(KAMAILIO.read_text()))
    return LabTenant(name, place, secrets)
