"""What facts alone say against an operation: found before anything is touched, all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

from cutover.errors import Finding
from cutover.plan.desired import DesiredState, HostState
from cutover.plan.observed import ObservedHost
from cutover.plan.pairs import held_twice

WORST_CLOCK = 5.0
"""Seconds a host's clock may be off before signed requests and certificates are at risk."""

GIB = 1 << 30


def objections(desired: DesiredState, observed: Mapping[str, ObservedHost]) -> tuple[Finding, ...]:
    """Given what a tenant should be and how its hosts were found, return everything that speaks against it."""
    hosts = (_host_objections(state, observed[name]) for name, state in desired.hosts.items())
    return tuple(finding for findings in (*hosts, held_twice(desired.pairs, observed)) for finding in findings)


def _host_objections(state: HostState, found: ObservedHost) -> Iterable[Finding]:
    yield from _size_objections(state, found)
    if abs(found.clock_offset) > WORST_CLOCK:
        ahead = "ahead of" if found.clock_offset > 0 else "behind"
        why = f"it is {abs(found.clock_offset):.0f} s {ahead} the controller"
        yield Finding("CUT-304", "the clock is wrong", state.host, why, "switch on time synchronisation (NTP)")
    yield from _port_objections(state, found)
    yield from _lock_out(state, found)


def _size_objections(state: HostState, found: ObservedHost) -> Iterable[Finding]:
    if found.disk_free < state.minimum_disk and not found.record.digests:
        why = f"{found.disk_free / GIB:.1f} GiB free where containers live, {state.minimum_disk / GIB:.1f} GiB needed"
        yield Finding("CUT-302", "the disk is too full", state.host, why, "free space or enlarge the file system")
    if found.memory < state.minimum_memory:
        why = f"{found.memory / GIB:.1f} GiB, {state.minimum_memory / GIB:.1f} GiB needed"
        yield Finding("CUT-303", "too little memory", state.host, why, "give the host more memory")


def _lock_out(state: HostState, found: ObservedHost) -> Iterable[Finding]:
    if found.controller and not any(ip_address(found.controller) in ip_network(each) for each in state.ssh_from):
        why = f"this controller comes from {found.controller}; let in are {', '.join(state.ssh_from)}"
        todo = "add its network to controller_networks, or set `firewall: off`"
        yield Finding("CUT-307", "the firewall would shut this controller out", state.host, why, todo)


def _port_objections(state: HostState, found: ObservedHost) -> Iterable[Finding]:
    units = {service.component: service.unit for service in state.services}
    for (protocol, port), component in sorted(state.binds.items(), key=lambda bind: bind[0][1]):
        unit = found.units.get(units.get(component, ""))
        ours = unit is not None and unit.active in ("active", "activating", "deactivating", "reloading")
        if (protocol, port) in found.listening and not ours:
            why = f"something else listens there; {component} needs it"
            todo = f"see `ss -lpn '( sport = :{port} )'` on {state.host} and stop that service"
            yield Finding("CUT-305", f"port {port}/{protocol} is taken", state.host, why, todo)
