"""An external database: a host whose own PostgreSQL serves the lab."""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.host import Host

LAYER = "postgres"
VERSION = 15
START = f"""
set -e
[ -d /etc/postgresql/{VERSION}/main ] || pg_createcluster {VERSION} main
pg_conftool {VERSION} main set listen_addresses '*'
rule='host all all samenet scram-sha-256'
grep --quiet "^$rule" /etc/postgresql/{VERSION}/main/pg_hba.conf ||
    echo "$rule" >>/etc/postgresql/{VERSION}/main/pg_hba.conf
systemctl enable --quiet postgresql@{VERSION}-main
systemctl restart postgresql@{VERSION}-main
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A database on a host of the lab and the user who owns it."""

    host: Host
    name: str
    user: str
    password: str
    port: int = 5432

    @property
    def address(self) -> str:
        """Where it is served."""
        return self.host.address

    def query(self, statement: str) -> str:
        """Run one statement as the owner, over the network with the password, and return its rows as text."""
        place = f"host={self.address} port={self.port} dbname={self.name} user={self.user} connect_timeout=5"
        command = f"read -r PGPASSWORD; export PGPASSWORD; psql '{place}' -XAt -v ON_ERROR_STOP=1 -f -"
        return self.host.run(command, stdin=f"{self.password}\n{statement}\n").stdout.strip()


def serve(host: Host, name: str, user: str, password: str) -> Database:
    """
    Start PostgreSQL on a host made with LAYER, with a database owned by `user`, and return it.

    The user may create databases and roles as a managed service's administrator may, but is no superuser;
    plperl is there as an extension. Safe to call again; the password is then set anew.
    """
    host.run(START)
    if user not in _as_superuser(host, "postgres", "SELECT rolname FROM pg_roles;").splitlines():
        _as_superuser(host, "postgres", f'CREATE ROLE "{user}" LOGIN CREATEDB CREATEROLE;')
    _as_superuser(host, "postgres", f'ALTER ROLE "{user}" PASSWORD {_text(password)};')
    if name not in _as_superuser(host, "postgres", "SELECT datname FROM pg_database;").splitlines():
        _as_superuser(host, "postgres", f'CREATE DATABASE "{name}" OWNER "{user}";')
    _as_superuser(host, name, "CREATE EXTENSION IF NOT EXISTS plperl;")
    return Database(host, name, user, password)


def _text(value: str) -> str:
    """A value as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _as_superuser(host: Host, database: str, statements: str) -> str:
    command = f"cd / && runuser -u postgres -- psql -d {database} -XAtq -v ON_ERROR_STOP=1 -f -"
    return host.run(command, stdin=statements).stdout.strip()
