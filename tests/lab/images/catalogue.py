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


def _other(name: str, folder: str, *tags: str) -> tuple[Recipe, ...]:
    return tuple(Recipe(f"{name}:{tag}", (folder,)) for tag in tags)


IMAGES: Final[tuple[Recipe, ...]] = (
    *_omnileads("postgres", "230204.01", "230613.01"),
    Recipe("docker.io/omnileads/postgres:230204.01-older", ("postgres_older", "postgres"), ASTERISK_16),
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
    *_omnileads("pstn_emulator", "latest", "240229.01"),
    *_other("docker.io/redislabs/redisgears", "redis", "1.0.9", "1.2.6"),
    *_other("quay.io/minio/minio", "minio", "latest", "RELEASE.2023-09-27T15-22-50Z"),
    *_other("docker.io/prometheuscommunity/postgres-exporter", "postgres_exporter", "latest", "v0.15.0"),
    *_other("docker.io/oliver006/redis_exporter", "redis_exporter", "latest", "v1.55.0"),
    *_other("docker.io/prom/node-exporter", "node_exporter", "latest", "v1.7.0"),
    *_other("docker.io/prom/prometheus", "prometheus", "latest", "v2.49.1"),
    *_other("docker.io/grafana/loki", "loki", "latest", "2.9.4"),
    *_other("docker.io/grafana/promtail", "promtail", "latest", "2.9.4"),
    *_other("docker.io/sipcapture/webapp", "homer", "latest", "2.3"),
    *_other("docker.io/sipcapture/heplify-server", "heplify", "latest", "1.59"),
    *_other("docker.io/library/haproxy", "haproxy", "2.0-buster", "2.2-buster"),
    *_other("docker.io/freetechsolutions/omlredis2pgsql", "redis2postgres", "develop", "231201.01"),
)
"""Every stand-in, under the name of what it stands for, as podman completes it: docker.io/library/haproxy."""
