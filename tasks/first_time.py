"""What is done once in a tenant's life: its databases, its bucket and user on its own MinIO, the admin password."""

from __future__ import annotations

from cutover.errors import CutoverError, Finding
from cutover.hosts import converge, password
from cutover.hosts.database import SESSION_ERRORS, connected, ensure_database, ensure_extension
from cutover.hosts.operation import current
from cutover.products.omnileads import bootstrap, pair
from tasks.hosts import must_succeed
from tasks.outside import maintenance_login
from tasks.pair import create_primary, create_standby, create_third_vote
from tasks.step import step


@step("databases on {host}", timeout=300)
async def create_databases(host: str) -> None:
    """Create the tenant's databases and the extensions they need, where they are missing."""
    this = current()
    login = maintenance_login(this.tenant)
    try:
        through = await this.connection(host)
        async with connected(through, login) as server:
            for database in bootstrap.databases(this.tenant):
                await ensure_database(server, database.name)
        for database in bootstrap.databases(this.tenant):
            async with connected(through, login.to(database.name)) as session:
                for extension in database.extensions:
                    await ensure_extension(session, extension)
    except SESSION_ERRORS as error:
        where = f"PostgreSQL {login.address}:{login.port} from {host}"
        todo = f"let {login.user} create databases and extensions there, then run the same command again"
        raise CutoverError(
            Finding("CUT-511", "a database could not be made", where, str(error) or type(error).__name__, todo)
        ) from error


@step("bucket on {host}", timeout=120)
async def create_bucket(host: str) -> None:
    """Create the bucket on the tenant's own MinIO, and the user that the applications log in as."""
    this = current()
    text = converge.feed(bootstrap.bucket(this.tenant), this.required_lease())
    must_succeed(host, await this.run(host, text), "CUT-512", "the bucket could not be made")


@step("admin password on {host}", timeout=180)
async def set_admin_password(host: str) -> None:
    """Give the application's admin a random password; it waits on the host until an operator takes it."""
    this = current()
    account = bootstrap.admin_account
    text = password.set_password(account.container, account.command, password.new_password(), this.required_lease())
    must_succeed(host, await this.run(host, text, patience=150), "CUT-513", "the admin password could not be set")


FIRST_TIME = {
    pair.PRIMARY: create_primary,
    pair.STANDBY: create_standby,
    pair.THIRD_VOTE: create_third_vote,
    bootstrap.DATABASES: create_databases,
    bootstrap.BUCKET: create_bucket,
    bootstrap.ADMIN: set_admin_password,
}
"""The steps by the names that the catalogue gives them."""
