"""What has to be there, what must agree, and what follows from the layout."""

from __future__ import annotations

from cutover.inventory.backups import TARGET
from cutover.inventory.codes import Code
from cutover.inventory.facts import HOST, TENANT
from cutover.inventory.groups import HostEntry, Written
from cutover.inventory.kinds import Need
from cutover.inventory.report import Mark, Report
from cutover.inventory.tenant import Layout
from cutover.inventory.values import Given

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def check_needs(layout: Layout, tenant: Given, written: Written, hosts: dict[str, Given], report: Report) -> None:
    """Report every required variable that is not given: of the tenant, and of each host."""
    met = _met(layout, tenant)
    for name, about in TENANT.about.items():
        if about.need in met and not tenant.has(name):
            report.error(
                Code.MISSING, _place(name, tenant, written.mark), f"`{name}` is missing", *_because(about.need)
            )
    for host, given in hosts.items():
        # what is required in HA is said of pairs, and a witness is alone
        here = met - {Need.HA} if given.true("omlwitness") else met
        for name, about in HOST.about.items():
            if about.need in here and not given.has(name):
                what = f"`{name}` of `{host}` is missing"
                report.error(Code.MISSING, _place(name, given, _key(written.hosts[host])), what, *_because(about.need))


def _key(entry: HostEntry) -> Mark:
    return entry.key.mark


def _place(name: str, given: Given, otherwise: Mark | None) -> Mark | None:
    return given.items[name].key.mark if name in given.items else otherwise


def _because(need: Need) -> tuple[str, str]:
    why = "it is always required" if need is Need.ALWAYS else f"it is required {need}"
    return (why, "add it; docs/reference/inventory.md says what it means")


def _met(layout: Layout, tenant: Given) -> set[Need]:
    """Return the conditions that hold for this tenant."""
    ha = layout is Layout.HA
    conditions = {
        Need.ALWAYS: True,
        Need.TAG: not tenant.has("release"),
        Need.MINIO: not ha and not tenant.has("bucket_url"),
        Need.HA: ha,
        Need.REPLICA: ha or tenant.true("postgres_ha"),
        Need.SMTP: tenant.text("email_backend") == _SMTP,
        Need.BACKUP: any(tenant.has(name) for name in TARGET),
    }
    return {need for need, holds in conditions.items() if holds}


def settle(layout: Layout, tenant: Given, hosts: dict[str, Given], report: Report) -> None:
    """Fill in what follows from the layout, correct what is known to be wrong, report what contradicts itself."""
    if layout is Layout.HA:
        _settle_ha(tenant, hosts, report)
    else:
        _settle_alone(layout, tenant, report)
    tenant.values.setdefault("callrec_device", _callrec_device(tenant))
    _check_tls(tenant, report)
    if not tenant.has("sip_provider_networks") and tenant.text("firewall") != "off":
        why = "`sip_provider_networks` is not given, so 5060/udp and trunk media are reachable from everywhere"
        todo = "list the networks of the SIP providers"
        report.warn(Code.OPEN, None, "SIP is open to everybody", why, todo)


def _settle_alone(layout: Layout, tenant: Given, report: Report) -> None:
    external = tenant.has("postgres_host")
    if tenant.has("postgres_out") and "postgres_out" not in tenant.wrong and tenant.true("postgres_out") != external:
        what = f"`postgres_out` says {str(not external).lower()}"
        why = "`postgres_host` is given: PostgreSQL is outside" if external else "`postgres_host` is not given"
        report.error(Code.CONTRADICTION, tenant.mark("postgres_out"), what, why, "remove `postgres_out`: it follows")
    if not external and (tenant.text("postgres_port") or "5432") != "5432":
        what, why = (
            "`postgres_port` is not 5432",
            "`postgres_host` is not given, and the own PostgreSQL listens on 5432",
        )
        report.error(Code.CONTRADICTION, tenant.mark("postgres_port"), what, why, "remove `postgres_port`")
    if tenant.true("omnileads_ha"):
        why = f"the hosts are those of an {layout.upper()} tenant"
        report.error(Code.CONTRADICTION, tenant.mark("omnileads_ha"), "`omnileads_ha` says HA", why, "remove it")
    tenant.values.setdefault("postgres_out", external)


def _settle_ha(tenant: Given, hosts: dict[str, Given], report: Report) -> None:
    for name in ("omnileads_ha", "postgres_ha"):
        if name in tenant.values and not tenant.true(name):
            what, why = f"`{name}` is false", "the hosts are those of an HA tenant"
            report.error(Code.CONTRADICTION, tenant.mark(name), what, why, "remove it")
    _vips_of_groups(tenant, hosts, report)
    _correct("postgres_out", "true", "in HA every client finds PostgreSQL at the virtual IP", tenant, report)
    main = hosts["app_1"].text("omni_ip_lan") if "app_1" in hosts else None
    if main:
        _correct("redis_ip_main", main, "the first Redis master is `app_1`", tenant, report)
    for name, value in (("infra_env", "lan"), ("postgres_ha", "true"), ("omnileads_ha", "true")):
        tenant.values.setdefault(name, value)
    if "witness_1" not in hosts:
        what = "there is no host `witness_1`"
        why = (
            "the third vote on who may write is `haproxy_1`'s: losing its hypervisor stops writing until somebody acts"
        )
        todo = "add a small third host outside both hypervisors, see docs/how-to/high-availability.md"
        report.warn(Code.VOTES, None, what, why, todo)
    for name, given in hosts.items():
        given.values.setdefault("ha_vip_nic", "eth0" if name.startswith("sql_") else "ens18")


def _vips_of_groups(tenant: Given, hosts: dict[str, Given], report: Report) -> None:
    """The virtual IPs may also stand in the groups; a read address that repeats the write one is corrected by them."""
    for host, of_group, name in (
        ("sql_1", "ha_vip_main", "postgres_host"),
        ("sql_1", "ha_vip_ro", "postgres_ro_host"),
        ("voice_1", "ha_vip", "voice_host"),
        ("haproxy_1", "ha_vip", "application_host"),
    ):
        vip = hosts[host].text(of_group) if host in hosts else None
        said = tenant.text(name)
        if vip is None or vip == said or name in tenant.wrong:
            continue
        if said is None or (name == "postgres_ro_host" and said == tenant.text("postgres_host")):
            _correct(name, vip, f"`{of_group}` is the virtual IP", tenant, report)
        else:
            what, why = f"`{name}` is `{said}`", f"`{of_group}` of its hosts is `{vip}`"
            report.error(Code.CONTRADICTION, tenant.mark(name), what, why, "keep the right one")


def _correct(name: str, value: str, why: str, tenant: Given, report: Report) -> None:
    """Set a variable that cannot be otherwise; say so if the inventory has it otherwise."""
    said = tenant.text(name)
    right = said == value or (value == "true" and tenant.true(name))
    if said is not None and not right:
        what = f"`{name}` is `{said}`; read as `{value}`"
        report.warn(Code.CORRECTED, tenant.mark(name), what, why, f"write `{value}` or remove it")
    tenant.wrong.discard(name)
    tenant.values[name] = value


def _callrec_device(tenant: Given) -> str:
    """Own MinIO is reached through nginx, whose self-signed certificate nobody can verify."""
    own = not tenant.has("bucket_url") and tenant.text("certs") != "custom"
    return "s3-no-check-cert" if own else "s3"


def _check_tls(tenant: Given, report: Report) -> None:
    if tenant.values["callrec_device"] == "s3" and _callrec_device(tenant) != "s3":
        why = "links to recordings go through nginx, whose certificate is self-signed"
        todo = "write `s3-no-check-cert`, or use `certs: custom`"
        what = "`callrec_device: s3` verifies a certificate nobody has signed"
        report.warn(Code.DOUBTFUL, tenant.mark("callrec_device"), what, why, todo)
