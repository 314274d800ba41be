"""Every component there is, in the order a person would list them."""

from __future__ import annotations

from cutover.inventory import Host, Tenant
from cutover.products.omnileads.components.asterisk import Asterisk
from cutover.products.omnileads.components.cron import Cron
from cutover.products.omnileads.components.daphne import Daphne
from cutover.products.omnileads.components.django import Django
from cutover.products.omnileads.components.haproxy import Haproxy
from cutover.products.omnileads.components.heplify import Heplify
from cutover.products.omnileads.components.homer import Homer
from cutover.products.omnileads.components.kamailio import Kamailio
from cutover.products.omnileads.components.keepalived import KeepalivedApp, KeepalivedHaproxy, KeepalivedVoice
from cutover.products.omnileads.components.loki import Loki
from cutover.products.omnileads.components.minio import Minio
from cutover.products.omnileads.components.nginx import Nginx
from cutover.products.omnileads.components.node_exporter import NodeExporter
from cutover.products.omnileads.components.postgres_exporter import PostgresExporter
from cutover.products.omnileads.components.postgresql import Postgresql
from cutover.products.omnileads.components.postgresql_pair import PostgresqlPair
from cutover.products.omnileads.components.prometheus import Prometheus
from cutover.products.omnileads.components.promtail import Promtail
from cutover.products.omnileads.components.pstn import Pstn
from cutover.products.omnileads.components.redis import Redis
from cutover.products.omnileads.components.redis2postgres import Redis2postgres
from cutover.products.omnileads.components.redis_exporter import RedisExporter
from cutover.products.omnileads.components.repmgrd import Repmgrd
from cutover.products.omnileads.components.rtpengine import Rtpengine
from cutover.products.omnileads.components.sentinel import Sentinel
from cutover.products.omnileads.components.websockets import Websockets
from cutover.products.omnileads.components.witness import Witness
from cutover.products.omnileads.sheet import Component

CATALOGUE: tuple[Component, ...] = (
    Minio(),
    Postgresql(),
    PostgresqlPair(),
    Witness(),
    Repmgrd(),
    PostgresExporter(),
    Redis(),
    RedisExporter(),
    Sentinel(),
    Rtpengine(),
    Asterisk(),
    Kamailio(),
    Websockets(),
    Django(),
    Daphne(),
    Cron(),
    Redis2postgres(),
    Nginx(),
    Haproxy(),
    KeepalivedHaproxy(),
    KeepalivedVoice(),
    KeepalivedApp(),
    NodeExporter(),
    Prometheus(),
    Loki(),
    Promtail(),
    Heplify(),
    Homer(),
    Pstn(),
)


def component_names() -> tuple[str, ...]:
    """Return the name of every component, placed or not, and of the firewall."""
    return ("firewall", *(component.name for component in CATALOGUE))


def placed(tenant: Tenant, host: Host) -> tuple[Component, ...]:
    """Return the components that a host of the tenant runs."""
    return tuple(component for component in CATALOGUE if component.placed(tenant, host))
