"""
What is done once in a tenant's life, as values: databases, the bucket on an own MinIO, the admin's password.

Nothing here is carried out. Every step may be repeated without harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cutover.inventory import Role, Tenant
from cutover.plan.desired import OneTime
from cutover.plan.fed import Fed
from cutover.products.omnileads import pair
from cutover.products.omnileads.components.django import MANAGE, Django
from cutover.products.omnileads.components.minio import Minio
from cutover.products.omnileads.releases import tags
from cutover.secret import Secret

HOMER = "homer7"
DATABASES = "databases"
BUCKET = "bucket"
ADMIN = "admin password"

# `attach` refuses what is attached already, which a repeated step must not mind. The access key is the user's name;
# mc takes names as arguments only.
_ATTACH = (
    'read -r user && { mc admin policy attach own readwrite --user "$user" || '
    'mc admin user info own "$user" | grep -q readwrite; }'
)


@dataclass(frozen=True, slots=True)
class Database:
    """A database that has to exist, and the extensions in it."""

    name: str
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose password is set by a command inside a container, which reads it twice from standard input."""

    container: str
    command: tuple[str, ...]


admin_account = Account(str(Django.container), ("python3", MANAGE, "changepassword", "admin"))
"""The application's first account."""


def databases(tenant: Tenant) -> tuple[Database, ...]:
    """
    Return the databases of a tenant; none when they come from OMniLeads 1 with their data.

    plperl is needed up to release 1.32.1, whether or not a backup is to be restored (W28).
    """
    if tenant.variables.upgrade_from_oml_1:
        return ()
    extensions = ("plperl",) if tags(tenant).plperl else ()
    return (Database(tenant.variables.postgres_database, extensions), Database(HOMER))


def bucket(tenant: Tenant) -> tuple[Fed, ...]:
    """
    Return the commands that make the bucket on the tenant's own MinIO and the user that the applications log in as.

    Keys go over standard input. Empty when the bucket is an outside service.
    """
    v = tenant.variables
    if tenant.bucket_external or v.s3_http_admin_pass is None:
        return ()
    container = str(Minio.container)
    access, secret = v.bucket_access_key.reveal(), v.bucket_secret_key.reveal()
    root = f"{v.s3_http_admin_user}\n{v.s3_http_admin_pass.reveal()}\n"
    return (
        Fed(container, ("mc", "alias", "set", "own", "http://127.0.0.1:9000"), Secret(root)),
        Fed(container, ("mc", "mb", "--ignore-existing", f"own/{v.bucket_name}"), Secret("")),
        Fed(container, ("mc", "admin", "user", "add", "own"), Secret(f"{access}\n{secret}\n")),
        Fed(container, ("sh", "-c", _ATTACH), Secret(f"{access}\n")),
    )


def pair_steps(tenant: Tenant) -> tuple[OneTime, ...]:
    """Return the steps that make the PostgreSQL pair of an HA tenant; none in other layouts."""
    hosts = pair.voters(tenant)
    if not hosts:
        return ()
    v = tenant.variables
    inputs = _digest((v.postgres_user, v.postgres_password.reveal(), *(f"{each.name} {each.lan}" for each in hosts)))
    first, second, third = (each.name for each in hosts)
    return (
        OneTime(pair.PRIMARY, first, frozenset({"firewall"}), inputs),
        OneTime(pair.STANDBY, second, frozenset({"firewall", pair.PRIMARY}), inputs),
        OneTime(pair.THIRD_VOTE, third, frozenset({"firewall", pair.PRIMARY}), inputs),
    )


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def one_time(tenant: Tenant) -> tuple[OneTime, ...]:
    """Return the steps of a tenant's first installation, and where each is done."""
    application = tenant.hosts_of(Role.AIO, Role.APP)[0].name
    steps = [OneTime(ADMIN, application, frozenset({Django.name}), "1"), *pair_steps(tenant)]
    if wanted := databases(tenant):
        inputs = _digest(f"{each.name} {' '.join(each.extensions)}" for each in wanted)
        steps.append(OneTime(DATABASES, application, frozenset({"firewall", "postgresql", "postgresql_pair"}), inputs))
    if commands := bucket(tenant):
        store = tenant.hosts_of(Role.AIO, Role.DATA)[0].name
        inputs = _digest(f"{' '.join(each.command)} {each.stdin.reveal()}" for each in commands)
        steps.append(OneTime(BUCKET, store, frozenset({Minio.name}), inputs))
    return tuple(steps)
