"""
Ansible's way of saying which variables hold for which host.

Groups hold hosts, variables and further groups; `all` holds everything. A group may stand inside `all: children:` or
beside `all`, and may be spoken of more than once. The nearer to the host, the stronger: `all`, outer group, inner
group, host; groups of one depth in the order of their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cutover.inventory.codes import Code
from cutover.inventory.document import Item, Mapping, Scalar, Value, same
from cutover.inventory.facts import FIXED, HOST, TENANT, canonical
from cutover.inventory.report import Mark, Report, nearest

_KEYS = ("hosts", "children", "vars")


@dataclass(slots=True)
class Group:
    """What the file says of one group, all places taken together."""

    name: str
    variables: dict[str, Item] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    children: set[str] = field(default_factory=set)


@dataclass(slots=True)
class HostEntry:
    """A host and the variables that hold for it."""

    key: Scalar
    own: dict[str, Item] = field(default_factory=dict)
    variables: dict[str, Item] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """What an inventory says: of each host, and of the tenant. `mark` is where tenant variables are expected."""

    hosts: dict[str, HostEntry] = field(default_factory=dict)
    tenant: dict[str, Item] = field(default_factory=dict)
    mark: Mark | None = None


def read_groups(document: Value | None, report: Report) -> Written:
    """Return what a document says. Wrong structure and unknown variables go to the report."""
    reader = _Reader(report)
    if isinstance(document, Mapping):
        for name, item in document.items.items():
            reader.group(name, item.value)
        reader.groups.setdefault("all", Group("all"))
        reader.settle()
    elif not report.failed:
        mark = document.mark if document else None
        report.error(Code.SHAPE, mark, "this is not an inventory", "it begins with `all:`", "see tenants/README.md")
    return reader.written


class _Reader:
    """Walks the document once, then settles what holds for whom."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.groups: dict[str, Group] = {}
        self.written = Written()

    def group(self, name: str, value: Value) -> None:
        """Read one mention of a group."""
        group = self.groups.setdefault(name, Group(name))
        for key, item in self.mapping(value, f"the group `{name}`").items():
            if key == "hosts":
                self.hosts(group, item.value)
            elif key == "children":
                self.children(group, item.value)
            elif key == "vars":
                self.variables(group, item)
            else:
                self.not_of_a_group(name, item.key)

    def mapping(self, value: Value, what: str) -> dict[str, Item]:
        """Return the items of a mapping; nothing for no value; anything else is refused."""
        if isinstance(value, Mapping):
            return value.items
        if not (isinstance(value, Scalar) and value.null):
            self.report.error(Code.SHAPE, value.mark, f"{what} holds `key: value` lines only")
        return {}

    def hosts(self, group: Group, value: Value) -> None:
        for name, item in self.mapping(value, "`hosts`").items():
            group.hosts.add(name)
            entry = self.written.hosts.setdefault(name, HostEntry(item.key))
            entry.own |= self.known(self.mapping(item.value, f"the host `{name}`"))

    def children(self, group: Group, value: Value) -> None:
        for name, item in self.mapping(value, "`children`").items():
            group.children.add(name)
            self.group(name, item.value)

    def variables(self, group: Group, item: Item) -> None:
        if self.written.mark is None or group.name == "all":
            self.written.mark = item.key.mark
        group.variables |= self.known(self.mapping(item.value, "`vars`"))

    def not_of_a_group(self, group: str, key: Scalar) -> None:
        """Find a key that is none of a group's three; often a variable that is not indented enough."""
        name = canonical(key.text)
        if name in HOST.names or name in TENANT.names:
            todo = "indent it under `vars:`"
        else:
            close = nearest(key.text, _KEYS)
            todo = f"write `{close}`" if close else "move it under `hosts:`, `children:` or `vars:`"
        self.report.error(Code.SHAPE, key.mark, f"`{key.text}` is not part of a group", f"in `{group}`", todo)

    def known(self, items: dict[str, Item]) -> dict[str, Item]:
        """Return the items under their proper names, without those that are unknown."""
        known: dict[str, Item] = {}
        for written, item in items.items():
            name = canonical(written)
            if name not in HOST.names and name not in TENANT.names:
                self.unknown(item.key)
            elif name in known and not same(known[name].value, item.value):
                what = f"`{written}` and `{known[name].key.text}` are the same variable with different values"
                self.report.error(Code.TWICE, item.key.mark, what, "", "keep the right one")
            else:
                known[name] = item
        return known

    def unknown(self, key: Scalar) -> None:
        name = key.text
        if name in FIXED:
            why, todo = "Cutover sets it itself", "remove it"
        else:
            close = nearest(name, HOST.names | TENANT.names)
            why, todo = "", f"write `{close}`" if close else "remove it; see docs/reference/inventory.md"
        self.report.error(Code.UNKNOWN, key.mark, f"`{name}` is unknown", why, todo)

    def settle(self) -> None:
        """Give every host its variables and the tenant its own."""
        depths = self.depths()
        ordered = sorted(self.groups.values(), key=lambda group: (depths.get(group.name, 1), group.name))
        members = {group.name: self.members(group.name, set()) for group in ordered}
        for group in ordered:
            self.tenant(group.variables)
            for name, entry in self.written.hosts.items():
                if group.name == "all" or name in members[group.name]:
                    entry.variables |= group.variables
        for entry in self.written.hosts.values():
            self.tenant(entry.own)
            entry.variables = {name: item for name, item in (entry.variables | entry.own).items() if name in HOST.names}

    def depths(self) -> dict[str, int]:
        """Return how far each group is from `all`, by the longest way."""
        depths: dict[str, int] = {}

        def descend(name: str, depth: int, above: frozenset[str]) -> None:
            if name in above:
                return
            depths[name] = max(depth, depths.get(name, 0))
            for child in self.groups[name].children:
                descend(child, depth + 1, above | {name})

        for name in self.groups:
            descend(name, 0 if name == "all" else 1, frozenset())
        return depths

    def members(self, name: str, seen: set[str]) -> set[str]:
        """Return the hosts of a group and of the groups in it."""
        if name in seen:
            return set()
        seen.add(name)
        group = self.groups[name]
        return group.hosts.union(*(self.members(child, seen) for child in group.children))

    def tenant(self, items: dict[str, Item]) -> None:
        """Take the variables of the tenant; they have one value, wherever it is written."""
        for name, item in items.items():
            if name not in TENANT.names:
                continue
            first = self.written.tenant.setdefault(name, item)
            if first is not item and not same(first.value, item.value):
                line = first.key.mark.line + 1
                what = f"`{name}` has another value in line {line}"
                why = "it holds for the whole tenant"
                self.report.error(Code.DIFFERENT, item.key.mark, what, why, "write it once, under `all: vars:`")
