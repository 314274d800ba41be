"""Scripts that make a PostgreSQL pair out of hosts that have its packages and files. Each looks first."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.hosts.connection import Output
from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input
from cutover.secret import Secret

DATABASE = "repmgr"
_LIBRARIES = ("lease", "pair")


@dataclass(frozen=True, slots=True)
class Found:
    """What a host of a pair has: `kind` is none, foreign, primary or standby; `fenced` is the guard's mark."""

    kind: str
    running: bool
    fenced: bool


def look() -> str:
    """Return the script that tells what a host has."""
    return script(("pair",), ["pair_state"])


def found(output: Output) -> Found:
    """Return what a host said; raises ValueError when it said nothing."""
    for line in output.stdout.splitlines():
        match line.split("\t"):
            case ["pair", kind, running, fenced]:
                return Found(kind, running == "running", fenced == "fenced")
    raise ValueError(output.stderr.strip() or "the host says nothing of its PostgreSQL")


@dataclass(frozen=True, slots=True)
class Roles:
    """Who logs in to the pair: the application, repmgr, and the guards, each with its password."""

    application: str
    application_password: Secret
    repmgr_password: Secret
    guard_password: Secret

    def primary(self) -> bytes:
        """Return the statements for the pair itself; the application owns its databases and is no superuser (W24)."""
        return f"{self._voter()}{_role(self.application, 'nosuperuser createdb', self.application_password)}".encode()

    def third(self) -> bytes:
        """Return the statements for the third vote."""
        return self._voter().encode()

    def _voter(self) -> str:
        repmgr = _role("repmgr", "superuser replication", self.repmgr_password)
        return _LOCAL + repmgr + _role("cutover", "nosuperuser", self.guard_password) + _VOTER


_LOCAL = "set synchronous_commit = local;\n"
"""What is done to the pair itself never waits for a standby: it may be what brings the standby back."""

_ROLE = """
select format('create role %I', :'role') where not exists (select from pg_roles where rolname = :'role') \\gexec
alter role :"role" login {rights} password :'password';
"""

_VOTER = """
alter role repmgr set synchronous_commit = local;
grant pg_monitor to cutover;
select 'create database repmgr owner repmgr'
  where not exists (select from pg_database where datname = 'repmgr') \\gexec
"""

_WRITER = """
create schema if not exists cutover;
create table if not exists cutover.writer (node text not null, since timestamptz not null default now());
insert into cutover.writer (node) select :'writer' where not exists (select from cutover.writer);
grant usage on schema cutover to cutover;
grant select, update on cutover.writer to cutover;
"""


def _role(name: str, rights: str, password: Secret) -> str:
    return _set("role", name) + _set("password", password.reveal()) + _ROLE.format(rights=rights)


def _set(variable: str, value: str) -> str:
    """Return the line that sets a variable of psql, which quotes it where it is used."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"\\set {variable} '{escaped}'\n"


def begin_primary(lease: Lease) -> str:
    """Return the script that makes an empty cluster, the first primary."""
    return script(_LIBRARIES, ["set -e", *guard_lines(lease), call("pair_begin", "manual")])


def serve(roles: Roles, lease: Lease) -> str:
    """Return the script that starts the primary where it is not running, makes its roles and has repmgr know it."""
    lines = ["set -e", *guard_lines(lease), "pair_start", with_input(call("pair_sql", "postgres"), roles.primary())]
    return script(_LIBRARIES, [*lines, call("repmgr", "primary", "register", "--force")])


def clone(primary: str, lease: Lease) -> str:
    """Return the script that copies the primary at an address to a host that has no data."""
    return script(_LIBRARIES, ["set -e", *guard_lines(lease), call("pair_clone", primary)])


def follow(lease: Lease) -> str:
    """Return the script that starts a standby where it is not running and has repmgr know it."""
    lines = ["set -e", *guard_lines(lease), "pair_start", "pair_streams"]
    return script(_LIBRARIES, [*lines, call("repmgr", "standby", "register", "--force")])


def third_vote(roles: Roles, primary: str, writer: str, new: bool, lease: Lease) -> str:
    """
    Return the script that makes the third voter's own cluster where it is `new`, and has it know the pair.

    `primary` is the address of the host that writes, `writer` its name; a name that stands there already is kept.
    """
    lines = ["set -e", *guard_lines(lease)]
    lines += [call("pair_begin", "auto")] if new else []
    lines += ["pair_start", with_input(call("pair_sql", "postgres"), roles.third())]
    lines += [with_input(call("pair_sql", DATABASE), (_set("writer", writer) + _WRITER).encode())]
    return script(_LIBRARIES, [*lines, call("repmgr", "witness", "register", "-h", primary, "--force")])
