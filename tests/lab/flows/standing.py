"""Which state of a tenant stands on its host, wholly, and what is left over beside it."""

from __future__ import annotations

import re

from tests.lab.flows.seen import FREE
from tests.lab.host import Host

RELEASE = r"""
cd /
sha256sum /etc/systemd/system/*.service /etc/default/*.env /etc/systemd/system/default.target.wants/* 2>&1
podman inspect --format '{{.Name}} {{.State.Status}} {{.Image}} {{index .Config.Labels "cutover.inputs"}}' \
  $(podman ps --quiet) | sort
podman exec oml-postgresql-server psql -U omnileads -XAtc "select column_name from information_schema.columns
  where table_name = 'ominicontacto_app_campana' order by 1" -c "select count(*) from queue_log
  where event in ('ENTERQUEUE', 'CONNECT', 'COMPLETEAGENT')" 2>&1
python3 -c 'import json; record = json.load(open("/var/lib/cutover/record.json"))
print(record["release"], *sorted(record["digests"].items()), *sorted(record["files"].items()), sep="\n")'
"""
"""Units, environments, running containers with what they run with, schema, calls, and Cutover's record of all that."""

LEFT = rf"""
{FREE} || echo "a lease: $(cat /run/cutover/lease)"
ls -d /var/lib/cutover/deadman /run/cutover/*.env 2>/dev/null
systemctl list-units --all --no-legend --plain 'cutover-*' | cut -d ' ' -f 1 | grep -v '^cutover-firewall.service$'
systemctl --failed --no-legend --plain | cut -d ' ' -f 1 | grep -v '^podman-auto-update.service$'
true
"""
"""
What a change needs only while it goes on, and what failed. Debian's own look for new images, at each boot, fails where
it meets a container that is just being replaced.
"""

UNFINISHED = """
find /etc /opt /var/lib/cutover -xdev -name '*.cutover-new' 2>/dev/null
podman ps --all --format '{{.ID}} {{.Names}} {{.Status}}' --filter status=created --filter status=exited
"""
"""Files that were being written and containers that were being started: what comes next does both again."""

KEPT = "cd /var/lib/cutover/kept && for each in */; do [ -e $each/pending ] || [ ! -e $each/about ] || echo $each; done"

BESIDE = (
    'podman exec oml-postgresql-server psql -U omnileads -d postgres -XAtc "select datname from pg_database'
    " where datname ~ 'omnileads_(new|old)_' order by 1\""
)


def release(host: Host) -> str:
    """What serves on a host of an AIO, in all parts that tell releases apart; the same text for the same release."""
    return host.output(RELEASE)


def left(host: Host) -> str:
    """What a change has left over that should be gone with it; empty when there is nothing."""
    return host.output(LEFT)


def unfinished(host: Host) -> set[str]:
    """What was begun and has come to no end: after a loss of power there may be such a thing, until the next change."""
    return set(host.output(UNFINISHED).splitlines())


def beside(host: Host) -> list[str]:
    """The databases beside the one that serves, their stamps left out."""
    return [re.sub(r"_\d+$", "", name) for name in host.output(BESIDE).split()]


def kept(host: Host) -> str:
    """The changes that somebody can go back before."""
    return host.run(KEPT, check=False).stdout
