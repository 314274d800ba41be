"""The web application."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.desired import File, Image
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import POSTGRESQL, REDIS, Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site

MANAGE = "/opt/omnileads/ominicontacto/manage.py"
UWSGI = "/etc/omnileads/uwsgi.ini"

# `showmigrations` marks an open entry by empty brackets and exits with 0 all the same.
ALL_MIGRATED = (
    f'plan=$(python3 {MANAGE} showmigrations --plan) || exit 1; case "$plan" in '
    '*"[ ]"*) echo "$plan" | grep -F "[ ]"; exit 1;; *"[X]"*) echo migrated;; esac'
)


class Django(Component):
    """
    The web application under uWSGI.

    Its container migrates the database's schema before it serves, which takes minutes on a real tenant. In HA the main
    host's does, and the other one starts after it (W15).
    """

    name = "django"
    unit = "omnileads"
    container = "oml-django-server"
    repository = Repository("docker.io/omnileads/omlapp", "omlapp", "omnileads_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(8099, "uwsgi protocol, from nginx"),)
    mounts = (
        Mount("django_static", "/opt/omnileads/static"),
        Mount("django_callrec_zip", "/opt/omnileads/asterisk/var/spool/asterisk/monitor"),
        Mount("django_logs", "/opt/omnileads/log"),
    )
    env = "django.env"
    after = POSTGRESQL | REDIS | {"minio", "databases", "bucket"}
    deadline = 900.0
    main_first = True

    def image(self, tenant: Tenant, image: Image) -> Image:
        """The tenant's own registry namespace, and the enterprise build; both for this component only."""
        name = f"docker.io/{tenant.variables.omlapp_repo}/omlapp"
        return Image(name, image.tag + ("-enterprise" if tenant.variables.enterprise_edition else ""))

    def volumes(self, site: Site) -> tuple[Mount, ...]:
        """With `scalable_tunings` also the file that says so."""
        tuned = Mount(UWSGI, "/opt/omnileads/run/oml_uwsgi.ini", "z")
        return (*self.mounts, tuned) if site.variables.scalable_tunings else self.mounts

    def files(self, site: Site) -> tuple[File, ...]:
        """Whatever is mounted is there, in every layout."""
        if not site.variables.scalable_tunings:
            return ()
        return (File(UWSGI, plain_file("uwsgi.ini"), once=UWSGI),)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """The port; what it speaks differs between releases."""
        return (TcpConnects("127.0.0.1", 8099),)

    def on_start(self, site: Site) -> tuple[Probe, ...]:
        """The schema is the release's own."""
        return (self.inside(("sh", "-c", ALL_MIGRATED), "migrated"),)
