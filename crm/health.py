"""What machines ask about this process: is it alive, is it ready, how is it doing."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView


@require_safe
@login_not_required
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing about the database, whose trouble a restart cannot cure."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration, so this process may take requests."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", "text/plain", status=503)
    if waiting:
        return HttpResponse("Migrations are waiting to be applied.\n", "text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures, for whoever presents the token of RELAY_METRICS_TOKEN."""
    presented = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not secrets.compare_digest(
        presented.encode(), expected.encode()
    ):
        raise Http404
    return ExportToDjangoView(request)
