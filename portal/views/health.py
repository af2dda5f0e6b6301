"""For the machines that watch: is the process alive, can it serve."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from portal import queue_state, system_state

MIGRATED = "every-migration-is-in"


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every migration is in; 503 with the reason otherwise.

    The queue and the worker are named and change nothing: without them every page is served, and what should follow
    waits in the database (reliability.md R24).
    """
    try:
        pending = _pending_migrations()
    except DatabaseError:
        return JsonResponse({"database": "down", "pending_migrations": None}, status=503)
    report = {
        "database": "up",
        "pending_migrations": pending,
        "queue": "up" if queue_state.is_up() else "down",
        "worker": "silent" if system_state.is_silent() else "alive",
    }
    return JsonResponse(report, status=503 if pending else 200)


def _pending_migrations() -> int:
    """Reading every migration is fifteen times the work of ``healthz``, and anybody may ask: once none is pending,
    that is believed for a minute, and only the database is asked whether it answers.
    """
    if cache.get(MIGRATED):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return 0
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not pending:
        cache.set(MIGRATED, True, 60)
    return pending
