# mypy: disable-error-code="import-not-found,import-untyped,misc,untyped-decorator"
"""The pages: home and recordings behind a login, health without."""

import os

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from ominicontacto_app import bucket, queue


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"release": os.environ["OML_RELEASE"]})


@login_required
def recording(request: HttpRequest, key: str) -> HttpResponse:
    """A link to the recording that is good for an hour."""
    return HttpResponseRedirect(bucket.link(key))


def health(request: HttpRequest) -> HttpResponse:
    """What answers; 503 unless database and Redis do. The bucket is reported, but the pages live without it."""
    parts = {"database": _database(), "redis": queue.answers(), "bucket": bucket.answers()}
    healthy = bool(parts["database"] and parts["redis"])
    return JsonResponse({"release": os.environ["OML_RELEASE"], **parts}, status=200 if healthy else 503)


def _database() -> dict[str, object] | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_is_in_recovery(), count(*) from django_migrations")
            standby, migrations = cursor.fetchone()
    except DatabaseError:
        return None
    return {"standby": standby, "migrations": migrations}
