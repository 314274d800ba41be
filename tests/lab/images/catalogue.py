"""Which stand-ins there are: names, tags and what each is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PACKAGES: Final = "docker.io/standin/packages:latest"
ASTERISK_16: Final = "docker.io/standin/asterisk16:latest"
ASTERISK_22: Final = "docker.io/standin/asterisk22:latest"

SHARED_LAYERS: Final = (PACKAGES, ASTERISK_16, ASTERISK_22)
"""Images that hold the large layers. Every stand-in adds a few KiB to one of them."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    One image: its full reference, the layer it stands on and the folders laid over it, in that order.

    The first folder's Containerfile says how the image is started.
    """

    reference: str
    folders: tuple[str, ...]
    base: str = PACKAGES

    @property
    def tag(self) -> str:
        return self.reference.rpartition(":")[2]


def _omnileads(name: str, *tags: str) -> tuple[Recipe, ...]:
    return tuple(Recipe(f"docker.io/omnileads/{name}:{tag}", (name,)) for tag in tags)


def _asterisk(base: str, *tags: str) -> tuple[Recipe, ...]:
    return tuple(Recipe(f"docker.io/omnileads/asterisk:{tag}", ("asterisk",), base) for tag in tags)


def _omlapp(tag: str, *overlays: str) -> Recipe:
    return Recipe(f"docker.io/omnileads/omlapp:{tag}", ("omlapp", *overlays))


IMAGES: Final[tuple[Recipe, ...]] = (
    *_omnileads("postgres", "230204.01", "230613.01"),
    *_omnileads("redis", "develop", "230704.01"),
    *_omnileads("redis_sentinel", "develop", "230704.01"),
    *_omnileads("rtpengine", "230204.01", "230328.01", "230426.01"),
    *_asterisk(ASTERISK_16, "230204.01", "230328.01"),
    *_asterisk(ASTERISK_22, "230417.01", "230508.01"),
    *_omnileads("kamailio", "230204.01", "230925.01"),
    *_omnileads("websockets", "230204.01", "231125.01"),
    _omlapp("1.26.0"),
    _omlapp("1.26.0-enterprise"),
    _omlapp("1.26.0-broken", "omlapp_broken"),
    _omlapp("1.27.0", "omlapp_1_27"),
    _omlapp("1.27.0-enterprise", "omlapp_1_27"),
    _omlapp("1.27.0-badmigration", "omlapp_badmigration"),
    _omlapp("1.27.1", "omlapp_1_27"),
    _omlapp("1.27.1-enterprise", "omlapp_1_27"),
    *_omnileads("nginx", "230204.01", "230215.01", "230923.01"),
    *_omnileads("pstn_emulator", "latest"),
    Recipe("docker.io/redislabs/redisgears:1.0.9", ("redis",)),
    Recipe("quay.io/minio/minio:latest", ("minio",)),
    Recipe("docker.io/prometheuscommunity/postgres-exporter:latest", ("postgres_exporter",)),
    Recipe("docker.io/oliver006/redis_exporter:latest", ("redis_exporter",)),
    Recipe("docker.io/prom/node-exporter:latest", ("node_exporter",)),
    Recipe("docker.io/prom/prometheus:latest", ("prometheus",)),
    Recipe("docker.io/grafana/loki:latest", ("loki",)),
    Recipe("docker.io/grafana/promtail:latest", ("promtail",)),
    Recipe("docker.io/sipcapture/webapp:latest", ("homer",)),
    Recipe("docker.io/sipcapture/heplify-server:latest", ("heplify",)),
    Recipe("docker.io/library/haproxy:2.0-buster", ("haproxy",)),
    Recipe("docker.io/freetechsolutions/omlredis2pgsql:develop", ("redis2postgres",)),
)
"""Every stand-in, under the name of what it stands for, as podman completes it: docker.io/library/haproxy."""
