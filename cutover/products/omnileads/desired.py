"""From a tenant to what its hosts should be. Pure, but for a fresh key pair and the tenant's own certificate files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cutover.errors import CutoverError, Finding
from cutover.inventory import Host, Layout, Tenant
from cutover.plan.desired import DesiredState, File, HostState, Image
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import firewall
from cutover.products.omnileads.bootstrap import one_time
from cutover.products.omnileads.catalogue import placed
from cutover.products.omnileads.certificates import certificate_files
from cutover.products.omnileads.preparation import SMALLEST, directories, packages
from cutover.products.omnileads.reaches import reaches
from cutover.products.omnileads.releases import Tags, fixed, tags
from cutover.products.omnileads.sheet import Component
from cutover.products.omnileads.site import CERTIFICATES, USER, Site
from cutover.products.omnileads.unit import env_files, service

LAYOUTS = frozenset({Layout.AIO, Layout.AIT})
"""Layouts whose hosts' desired state is known."""


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

    Raises CutoverError: the layout is HA, an operating system is not supported, a release or tag is unknown, or a
    value cannot be written into an env file. All findings of all hosts come together.
    """
    if tenant.layout not in LAYOUTS:
        todo = "install an AIO or AIT tenant; the inventory of an HA tenant can be checked already"
        raise CutoverError(Finding("CUT-431", "this flow does not install HA tenants", str(tenant.folder), todo=todo))
    known = tags(tenant)
    hosts: dict[str, HostState] = {}
    problems: list[Finding] = []
    for host in tenant.hosts:
        try:
            hosts[host.name] = _host_state(tenant, host, known, digests, families[host.name])
        except CutoverError as error:
            problems.extend(error.findings)
    if problems:
        raise CutoverError(problems)
    return DesiredState(tenant.name, hosts, dict(digests), one_time(tenant))


def _host_state(
    tenant: Tenant, host: Host, known: Tags, digests: Mapping[Image, str], system: OperatingSystem
) -> HostState:
    site = Site(tenant, host, system, known.cells["omlapp"], str(known.application.date) if known.application else "")
    components = placed(tenant, host)
    names = [component.name for component in components]
    allowed = firewall.flows(tenant, host, names)
    services = [service(each, site, image(each, tenant, known), digests) for each in components]
    files = _files(site, components)
    if firewall.managed(tenant):
        # First of all: replies to connections that were open before the rules were loaded would be dropped.
        services = [replace(each, after=each.after | {firewall.COMPONENT}) for each in services]
        services.insert(0, firewall.service(tenant, allowed))
        files = (*files, *firewall.files(allowed))
    disk, memory = SMALLEST[host.role]
    return HostState(
        host=host.name,
        packages=packages(host, system),
        timezone=tenant.variables.TZ,
        user=USER,
        directories=directories(host),
        files=files,
        services=tuple(services),
        binds=_binds(components),
        ssh_from=firewall.ssh_from(tenant),
        reaches=reaches(site, names),
        minimum_disk=disk,
        minimum_memory=memory,
    )


def _files(site: Site, components: Iterable[Component]) -> tuple[File, ...]:
    """Return the files of a host, each path once: components may share one."""
    components = tuple(components)
    found = [file for each in components for file in (*env_files(each, site), *each.files(site))]
    if any(mount.source == CERTIFICATES for each in components for mount in each.mounts):
        found += certificate_files(site.tenant, site.host)
    return tuple({file.path: file for file in found}.values())


def _binds(components: Iterable[Component]) -> dict[tuple[str, int], str]:
    """Return the ports that must be free; ranges are left out, as only single ports of them are ever taken."""
    return {
        (port.protocol, port.number): component.name
        for component in components
        for port in component.ports
        if port.last is None
    }
