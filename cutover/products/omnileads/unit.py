"""A component on one host becomes a systemd unit: one that runs one container, or the one it brings itself."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.plan.desired import INPUTS, File, Image, Service
from cutover.plan.probe import Gate
from cutover.products.omnileads.render import env_file, plain_file
from cutover.products.omnileads.sheet import Component
from cutover.products.omnileads.site import CERTIFICATE, CERTIFICATES, HAPROXY_PAIR, KEY, Site


def env_path(component: Component) -> str | None:
    """Return the path of a component's env file, None when it has none."""
    return f"/etc/default/{component.env}" if component.env else None


def env_files(component: Component, site: Site) -> tuple[File, ...]:
    """Return a component's env file; readable by root alone, whatever is in it (W24)."""
    path = env_path(component)
    if component.env is None or path is None:
        return ()
    content, secret = env_file(component.env, site=site, v=site.variables, at=site.addresses)
    return (File(path, content, 0o600, secret=secret),)


def escaped(argument: str) -> str:
    """Return an argument as a unit file takes it: systemd would expand percent signs and dollars."""
    if any(sign in argument for sign in "\n\"'\\ "):
        raise ValueError(f"not an argument for a unit file: {argument!r}")
    return argument.replace("%", "%%").replace("$", "$$")


def options(component: Component, site: Site) -> tuple[str, ...]:
    """Return the options of `podman run`."""
    env = env_path(component)
    made = [
        "--cidfile=%t/%n.ctr-id",
        "--cgroups=no-conmon",
        "--sdnotify=conmon",
        "--replace",
        "--detach",
        "--rm",
        "--network=host",
        "--log-driver=journald",
        f"--label=cutover.inputs={INPUTS}",
        f"--name={component.container}",
    ]
    made += [f"--env-file={env}"] if env else []
    made += [f"--volume={escaped(str(mount))}" for mount in component.volumes(site)]
    return (*made, *component.run_options(site))


def description(component: Component, site: Site, image: Image) -> str:
    """Return what `systemctl status` shows a person."""
    return f"OMniLeads {component.name} {image.tag} of tenant {site.tenant.name}"


def inputs(component: Component, site: Site) -> tuple[str, ...]:
    """Return the files whose change asks for a restart; the operator's dialplan is reloaded, not restarted."""
    found = [env_path(component), *(mount.source for mount in component.volumes(site) if not mount.named)]
    own = {file.path for file in component.files(site)}
    shared = [CERTIFICATE, KEY] if CERTIFICATES in found else [HAPROXY_PAIR] if HAPROXY_PAIR in found else []
    return tuple(path for path in (*found, *shared) if path and (path in own or path in {env_path(component), *shared}))


def service(component: Component, site: Site, image: Image | None, digests: Mapping[Image, str]) -> Service:
    """Return a component as a service of a host. Raises KeyError when its image has no digest."""
    own = component.own_service(site)
    if own is not None:
        return own
    if image is None:
        raise TypeError(f"{component.name} is neither a container nor a package")
    mounts = component.volumes(site)
    content = plain_file(
        "unit.service",
        description=description(component, site, image),
        paths=[mount.source for mount in mounts if not mount.named and mount.source != "/"],
        before=component.before(site),
        options=options(component, site),
        image=f"{image.name}@{digests[image]}",
        arguments=[escaped(argument) for argument in component.arguments(site)],
    )
    return Service(
        component=component.name,
        unit=component.unit,
        container=component.container,
        image=image,
        unit_file=File(f"/etc/systemd/system/{component.unit}.service", content),
        inputs=inputs(component, site),
        volumes=tuple(mount.source for mount in mounts if mount.named),
        after=component.after,
        gate=Gate(component.probes(site), component.deadline, component.on_start(site)),
        started=component.starts(site.tenant),
        main_first=component.main_first,
    )
