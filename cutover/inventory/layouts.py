"""Which layout an inventory describes: the names of its hosts and the role each of them has."""

from __future__ import annotations

from cutover.inventory.codes import Code
from cutover.inventory.document import Scalar
from cutover.inventory.groups import HostEntry
from cutover.inventory.report import Report, nearest
from cutover.inventory.tenant import Layout, Role
from cutover.inventory.values import Given

FLAGS = {
    "omlaio": Role.AIO,
    "omldata": Role.DATA,
    "omlvoice": Role.VOICE,
    "omlapp": Role.APP,
    "omlhaproxy": Role.HAPROXY,
    "postgres_host_ha": Role.SQL,
    "omlwitness": Role.WITNESS,
}
"""The variable of a host that gives it a role."""

HOSTS = {
    Layout.AIO: {"omnileads_aio": Role.AIO},
    Layout.AIT: {"omnileads_data": Role.DATA, "omnileads_voice": Role.VOICE, "omnileads_app": Role.APP},
    Layout.HA: {
        "sql_1": Role.SQL,
        "sql_2": Role.SQL,
        "voice_1": Role.VOICE,
        "voice_2": Role.VOICE,
        "app_1": Role.APP,
        "app_2": Role.APP,
        "haproxy_1": Role.HAPROXY,
        "haproxy_2": Role.HAPROXY,
    },
}
"""The hosts of each layout. The old tool knows them by these names, so they are part of the format."""

OPTIONAL = {Layout.HA: {"witness_1": Role.WITNESS}}
"""The hosts that a layout may have besides."""

PAIRS = (("sql_1", "sql_2"), ("voice_1", "voice_2"), ("app_1", "app_2"), ("haproxy_1", "haproxy_2"))

_FLAG_OF = {role: flag for flag, role in FLAGS.items()}


def layout_of(hosts: dict[str, Given]) -> Layout:
    """Return the layout that the names and roles of these hosts come nearest to."""
    roles = {role for given in hosts.values() for role in _roles(given)}
    if roles & {Role.SQL, Role.HAPROXY, Role.WITNESS} or hosts.keys() & HOSTS[Layout.HA].keys():
        return Layout.HA
    if Role.AIO in roles or "omnileads_aio" in hosts or _one_of_its_own(hosts):
        return Layout.AIO
    return Layout.AIT


def _one_of_its_own(hosts: dict[str, Given]) -> bool:
    return len(hosts) == 1 and not hosts.keys() & HOSTS[Layout.AIT].keys()


def check_hosts(layout: Layout, hosts: dict[str, Given], keys: dict[str, HostEntry], report: Report) -> None:
    """Report hosts that a layout lacks or does not know, and roles that are not those of the hosts."""
    wanted = HOSTS[layout]
    known = wanted | OPTIONAL.get(layout, {})
    lacking = [name for name in wanted if name not in hosts]
    for name, given in hosts.items():
        if name in known:
            _check_role(name, known[name], given, keys[name].key, report)
        else:
            _unknown_host(layout, name, lacking, keys[name].key, report)
    for name in lacking:
        what = f"the host `{name}` is missing"
        why = f"{_article(layout)} tenant has the hosts {', '.join(wanted)}"
        report.error(Code.HOSTS, None, what, why, f"add it, with `{_FLAG_OF[wanted[name]]}: true`")
    if layout is Layout.HA:
        _check_pairs(hosts, keys, report)


def _article(layout: Layout) -> str:
    return f"an {layout.upper()}"


def _roles(given: Given) -> list[Role]:
    return [role for flag, role in FLAGS.items() if given.true(flag) or flag in given.wrong]


def _unknown_host(layout: Layout, name: str, lacking: list[str], key: Scalar, report: Report) -> None:
    close = nearest(name, lacking) or (lacking[0] if len(lacking) == 1 else None)
    if close:
        lacking.remove(close)
    what = f"{_article(layout)} tenant has no host `{name}`"
    why = f"its hosts are {', '.join(HOSTS[layout])}"
    report.error(Code.HOSTS, key.mark, what, why, f"name it `{close}`" if close else "remove it")


def _check_role(name: str, wanted: Role, given: Given, key: Scalar, report: Report) -> None:
    roles, flag = _roles(given), _FLAG_OF[wanted]
    if roles == [wanted]:
        return
    if wanted is Role.AIO and roles == [Role.DATA]:
        given.values |= {"omlaio": "true", "omldata": "false"}
        why = "the old tool's manual says so by mistake"
        report.warn(Code.CORRECTED, key.mark, f"`{name}` has `omldata`; read as `omlaio`", why, "write `omlaio: true`")
        return
    if len(roles) > 1:
        flags = " and ".join(f"`{_FLAG_OF[role]}`" for role in roles)
        report.error(Code.ROLE, key.mark, f"`{name}` has two roles: {flags}", "", f"keep `{flag}: true` only")
    elif roles:
        what = f"`{name}` has the role of another host: `{_FLAG_OF[roles[0]]}`"
        report.error(Code.ROLE, key.mark, what, "", f"write `{flag}: true` instead")
    else:
        report.error(Code.ROLE, key.mark, f"`{name}` has no role", "", f"add `{flag}: true`")


def _check_pairs(hosts: dict[str, Given], keys: dict[str, HostEntry], report: Report) -> None:
    """In each pair `*_1` is main and `*_2` backup in the normal state: two of a kind would fight for the address."""
    for pair in PAIRS:
        for name, wanted in zip(pair, ("main", "backup"), strict=True):
            said = hosts[name].text("ha_rol") if name in hosts else None
            if said in ("main", "backup") and said != wanted:
                what = f"`{name}` is `{said}`"
                why = "in the normal state *_1 is main and *_2 backup"
                report.error(Code.PAIR, keys[name].key.mark, what, why, f"write `ha_rol: {wanted}`")
