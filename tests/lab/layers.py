"""Which packages a host can come with, beyond the base."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.products.omnileads import pair
from cutover.products.omnileads.preparation import ENCRYPTION, PACKAGES, VIRTUAL_ADDRESSES, VOICE_TOOLS


@dataclass(frozen=True, slots=True)
class Layer:
    """Packages on top of the base and of the layer named by `on`."""

    name: str
    packages: tuple[str, ...]
    on: str | None = None


def _layer(name: str, packages: str, on: str | None = None) -> Layer:
    return Layer(name, tuple(packages.split()), on)


LAYERS = {
    layer.name: layer
    for layer in (
        _layer(
            "podman",
            "podman crun conmon netavark aardvark-dns fuse-overlayfs uidmap nftables iptables tar openssl",
        ),
        # Everything a host of OMniLeads gets before its first component, or for an encrypted backup.
        Layer(
            "omnileads",
            (*PACKAGES["debian", "12"], *VOICE_TOOLS["debian"], ENCRYPTION["debian", "12"]),
            on="podman",
        ),
        # Everything that any host of a pair, or the one with the third vote, gets besides.
        Layer("ha", (*VIRTUAL_ADDRESSES, *pair.packages(15, data=True)), on="omnileads"),
        _layer("postgres", "postgresql postgresql-contrib postgresql-plperl-15"),
        _layer("ceph", "ceph-mon ceph-osd ceph-mgr radosgw ceph-common"),
        _layer("registry", "docker-registry"),
    )
}


def chain(name: str) -> tuple[Layer, ...]:
    """The layer of that name with those it stands on, bottom first; raises KeyError if there is none."""
    layer = LAYERS[name]
    return (*(chain(layer.on) if layer.on else ()), layer)
