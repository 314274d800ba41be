"""The PostgreSQL pair is made: a primary, its standby, the third vote. A pair that lives is found and left as it is."""

from __future__ import annotations

from cutover.errors import CutoverError, Finding
from cutover.hosts import pairing
from cutover.hosts.operation import current
from cutover.hosts.pairing import Found, Roles
from cutover.inventory import Role, Tenant
from cutover.products.omnileads import pair
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.step import step


@step("PostgreSQL's primary on {host}", timeout=300)
async def create_primary(host: str) -> None:
    """Make the first primary where neither host has data, and the roles on whichever host is the primary."""
    this = current()
    found = await _look(this.tenant)
    _refuse_what_is_unsafe(found)
    primary = _primary(found)
    if primary is None:
        primary = host
        await _make(host, pairing.begin_primary(this.required_lease()))
    await _make(primary, pairing.serve(_roles(this.tenant), this.required_lease()))


@step("PostgreSQL's standby on {host}", timeout=7200)
async def create_standby(host: str) -> None:
    """Copy the primary to the host that has no data, and have it follow. Data that are there are never overwritten."""
    this = current()
    found = await _look(this.tenant)
    _refuse_what_is_unsafe(found)
    primary = _the_primary(found)
    (standby,) = [name for name in found if name != primary]
    if found[standby].kind == "none":
        text = pairing.clone(this.tenant.host(primary).lan, this.required_lease())
        await _make(standby, text, patience=7000)
    await _make(standby, pairing.follow(this.required_lease()))


@step("third vote on {host}", timeout=300)
async def create_third_vote(host: str) -> None:
    """Make the third voter's own PostgreSQL and have it know the pair."""
    this = current()
    primary = _the_primary(await _look(this.tenant))
    own = pairing.found(await this.run(host, pairing.look()))
    if own.kind == "foreign":
        raise CutoverError(_foreign(host))
    text = pairing.third_vote(
        _roles(this.tenant), this.tenant.host(primary).lan, primary, own.kind == "none", this.required_lease()
    )
    await _make(host, text)


async def _make(host: str, text: str, patience: float = 200) -> None:
    output = await current().run(host, text, patience=patience)
    must_succeed(host, output, "CUT-514", "the PostgreSQL pair could not be made")


async def _look(tenant: Tenant) -> dict[str, Found]:
    """Return what both hosts of the pair have."""
    names = [host.name for host in tenant.hosts_of(Role.SQL)]

    async def one(name: str) -> Found:
        return pairing.found(await current().run(name, pairing.look()))

    return await every(names, one)


def _primary(found: dict[str, Found]) -> str | None:
    """Return the host that has a primary's data; None when there is none yet."""
    return next((name for name, each in found.items() if each.kind == "primary"), None)


def _the_primary(found: dict[str, Found]) -> str:
    primary = _primary(found)
    if primary is None:
        raise CutoverError(_broken("neither host has a primary's data"))
    return primary


def _refuse_what_is_unsafe(found: dict[str, Found]) -> None:
    """Raise CutoverError when making a pair here could cost anybody data (W38)."""
    problems = [_foreign(name) for name, each in found.items() if each.kind == "foreign"]
    kinds = sorted(each.kind for each in found.values())
    if kinds == ["primary", "primary"] or any(each.fenced for each in found.values()):
        problems.append(_broken("one of both hosts was replaced by the other, or both have a primary's data"))
    elif "standby" in kinds and "primary" not in kinds:
        problems.append(_broken("there is a standby and no primary"))
    if problems:
        raise CutoverError(problems)


def _foreign(host: str) -> Finding:
    why = "PostgreSQL there has databases that Cutover did not make"
    todo = "move them away, or take another host; nothing is deleted by an installation"
    return Finding("CUT-515", "the host has somebody's data", host, why, todo)


def _broken(why: str) -> Finding:
    return Finding("CUT-516", "the pair is not whole", "PostgreSQL pair", why, "run `cutover recover TENANT` first")


def _roles(tenant: Tenant) -> Roles:
    v = tenant.variables
    return Roles(v.postgres_user, v.postgres_password, pair.repmgr_password(tenant), pair.guard_password(tenant))
