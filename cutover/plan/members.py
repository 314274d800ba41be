"""The other pairs of an HA tenant as they were found: Redis with its Sentinels, and who holds which address. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cutover.plan.cluster import Trouble

MASTER, REPLICA = "master", "slave"
"""Redis' own words."""


@dataclass(frozen=True, slots=True)
class Member:
    """
    A host beside the database pair. `why` says why it does not answer, empty when it does.

    `redis` is what its Redis says it is (empty: there is none, or it is silent), `linked` whether that replica hears
    its master, `master` the address of the master that its Sentinel knows, `quorum` whether enough Sentinels agree.
    """

    name: str
    address: str
    why: str = ""
    holds: frozenset[str] = frozenset()
    idle: tuple[str, ...] = ()
    redis: str = ""
    linked: bool = False
    sentinel: bool = False
    master: str = ""
    quorum: bool = False
    cron: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """
    All of them.

    `addresses` are the virtual IPs with the hosts here that may hold them, by what they are for; those of the database
    are none of theirs. `redis` are the hosts of the Redis pair, the main one first.
    """

    tenant: str
    members: tuple[Member, ...]
    addresses: Mapping[str, tuple[str, tuple[str, ...]]]
    redis: tuple[str, str]

    def member(self, name: str) -> Member:
        """Return the host of that name; raises KeyError."""
        return {member.name: member for member in self.members}[name]

    @property
    def masters(self) -> tuple[str, ...]:
        """The hosts whose Redis is a master."""
        return tuple(member.name for member in self.members if member.redis == MASTER)


def troubles(group: Group) -> tuple[Trouble, ...]:
    """Return everything that is wrong with a group, with what mends it."""
    return (*_hosts(group), *_redis(group), *_addresses(group), *_cron(group))


def _hosts(group: Group) -> Iterator[Trouble]:
    for member in group.members:
        if member.why:
            yield Trouble(member.name, f"does not answer: {member.why}", "switch it on or mend its network")
        elif member.idle:
            what = f"{' and '.join(member.idle)} do not run"
            yield Trouble(member.name, what, f"cutover install {group.tenant}")


def _redis(group: Group) -> Iterator[Trouble]:
    if not any(member.redis for member in group.members):
        return
    masters = group.masters
    if len(masters) != 1:
        what = f"both Redis are master: {', '.join(masters)}" if masters else "no Redis is master"
        yield Trouble(group.redis[0], what, "wait for the Sentinels; see `journalctl -u sentinel` on their hosts")
    for name in group.redis:
        member = group.member(name)
        if member.redis == REPLICA and not member.linked:
            yield Trouble(name, "its Redis does not hear its master", "see `journalctl -u redis` there")
        elif not member.redis and not member.why:
            yield Trouble(name, "its Redis does not answer", f"cutover restart {group.tenant} --component redis")
    sentinels = [member for member in group.members if member.sentinel]
    known = {member.master for member in sentinels if member.master}
    if len(known) > 1:
        yield Trouble(sentinels[0].name, f"the Sentinels disagree on the master: {', '.join(sorted(known))}", WAIT)
    for member in sentinels:
        if not member.quorum:
            yield Trouble(member.name, "its Sentinel sees no majority for a failover", WAIT)


WAIT = "look at the other Sentinels' hosts; it mends itself when they are back"


def _addresses(group: Group) -> Iterator[Trouble]:
    for what, (address, hosts) in group.addresses.items():
        members = [group.member(name) for name in hosts]
        holders = [member.name for member in members if address in member.holds]
        strangers = [m.name for m in group.members if address in m.holds and m.name not in hosts]
        if len(holders) + len(strangers) > 1:
            who = " and ".join([*holders, *strangers])
            yield Trouble((strangers or holders)[-1], f"{what} {address} is held by {who}", TWICE.format(address))
        elif strangers:
            yield Trouble(strangers[0], f"it holds {what} {address}", TWICE.format(address))
        elif not holders and not all(member.why for member in members):
            yield Trouble(hosts[0], f"nobody holds {what} {address}", f"cutover install {group.tenant}")


TWICE = "take it away where it does not belong: ip address delete {}/… dev …"


def _cron(group: Group) -> Iterator[Trouble]:
    at = [member.name for member in group.members if member.cron]
    if len(at) > 1:
        yield Trouble(at[-1], f"scheduled jobs run on both {' and '.join(at)}", "see `journalctl -u keepalived` there")


def takeover_of_redis(group: Group) -> Trouble | None:
    """
    Return why the main Redis cannot become master now; None when it can, or is.

    It must be a replica that hears its master, and a majority of Sentinels must be there to carry it out.
    """
    main, backup = (group.member(name) for name in group.redis)
    recover = f"cutover recover {group.tenant}"
    if main.redis == MASTER and backup.redis != MASTER:
        return None
    if main.why:
        return Trouble(main.name, f"it does not answer: {main.why}", f"switch it on, then: {recover}")
    if main.redis != REPLICA or not main.linked or backup.redis != MASTER:
        return Trouble(main.name, f"its Redis is no replica of {backup.name} that is up to date", recover)
    if not any(member.quorum for member in group.members):
        return Trouble(main.name, "the Sentinels have no majority", WAIT)
    return None
