"""From a tenant to what its hosts should be. Pure, but for a fresh key pair and the files beside the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cutover.errors import CutoverError, Finding
from cutover.inventory import Tenant
from cutover.plan.desired import DesiredState, File, HostState, Image
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import firewall, pair
from cutover.products.omnileads.bootstrap import one_time
from cutover.products.omnileads.catalogue import placed
from cutover.products.omnileads.certificates import KeyPair, key_pair
from cutover.products.omnileads.pairs import pairs
from cutover.products.omnileads.preparation import SMALLEST, directories, packages
from cutover.products.omnileads.reaches import reaches
from cutover.products.omnileads.releases import Tags, fixed, tags
from cutover.products.omnileads.sheet import Component
from cutover.products.omnileads.site import CERTIFICATES, HAPROXY_PAIR, USER, Site
from cutover.products.omnileads.unit import env_files, service


def image(component: Component, tenant: Tenant, known: Tags) -> Image | None:
    """Return a component's image for a tenant whose tags are known; None when it has none."""
    repository = component.repository
    if repository is None:
        return None
    cell = known.cells.get(repository.cell) or fixed(repository.cell)
    name, _, tag = cell.rpartition(":")
    return component.image(tenant, Image(name if "/" in name else repository.name, tag))


def images(tenant: Tenant) -> frozenset[Image]:
    """Return every image that the tenant's hosts run; raises CutoverError as `releases.tags` does."""
    known = tags(tenant)
    running = {component for host in tenant.hosts for component in placed(tenant, host)}
    return frozenset(found for each in running if (found := image(each, tenant, known)))


def findings(tenant: Tenant) -> tuple[Finding, ...]:
    """Return what the catalogue finds doubtful about a tenant; nothing of it is fatal."""
    return tags(tenant).findings


def desired(tenant: Tenant, digests: Mapping[Image, str], families: Mapping[str, OperatingSystem]) -> DesiredState:
    """
    Given a tenant, the digest (`sha256:…`) of each of its images and each host's operating system, return what its
    hosts should be.

    Raises CutoverError: an operating system is not supported, a release or tag is unknown, or a value cannot be
    written into an env file. All findings of all hosts come together.
    """
    known, keys = tags(tenant), key_pair(tenant)
    built = str(known.application.date) if known.application else ""
    hosts: dict[str, HostState] = {}
    problems: list[Finding] = []
    for host in tenant.hosts:
        try:
            site = Site(tenant, host, families[host.name], known.cells["omlapp"], built)
            hosts[host.name] = _host_state(site, known, digests, keys)
        except CutoverError as error:
            problems.extend(error.findings)
    problems.extend(() if problems else pair.unlike(tenant, families))
    if problems:
        raise CutoverError(problems)
    return DesiredState(tenant.name, hosts, dict(digests), one_time(tenant), pairs(tenant))


def _host_state(site: Site, known: Tags, digests: Mapping[Image, str], keys: KeyPair) -> HostState:
    tenant, host = site.tenant, site.host
    components = placed(tenant, host)
    names = [component.name for component in components]
    allowed = firewall.flows(tenant, host, names)
    services = [service(each, site, image(each, tenant, known), digests) for each in components]
    files = _files(site, components, keys)
    if firewall.managed(tenant):
        # First of all: replies to connections that were open before the rules were loaded would be dropped.
        services = [replace(each, after=each.after | {firewall.COMPONENT}) for each in services]
        services.insert(0, firewall.service(tenant, allowed))
        files = (*files, *firewall.files(allowed))
    disk, memory = SMALLEST[host.role]
    return HostState(
        host=host.name,
        packages=packages(tenant, host, site.system),
        timezone=tenant.variables.TZ,
        user=USER,
        directories=directories(tenant, host),
        files=files,
        services=tuple(services),
        binds=_binds(tenant, components),
        ssh_from=firewall.ssh_from(tenant),
        reaches=reaches(site, names),
        minimum_disk=disk,
        minimum_memory=memory,
    )


def _files(site: Site, components: Iterable[Component], keys: KeyPair) -> tuple[File, ...]:
    """Return the files of a host, each path once: components may share one."""
    components = tuple(components)
    found = [file for each in components for file in (*env_files(each, site), *each.files(site))]
    mounted = {mount.source for each in components for mount in each.mounts}
    if CERTIFICATES in mounted:
        found += keys.files()
    if HAPROXY_PAIR in mounted:
        found.append(keys.haproxy_file())
    return tuple({file.path: file for file in found}.values())


def _binds(tenant: Tenant, components: Iterable[Component]) -> dict[tuple[str, int], str]:
    """Return the ports that must be free; ranges are left out, as only single ports of them are ever taken."""
    return {
        (port.protocol, port.number): component.name
        for component in components
        for port in component.listens(tenant)
        if port.last is None
    }
