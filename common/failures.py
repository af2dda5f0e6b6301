"""Which tasks failed, for the administrator: kept when it happens, gone when it is dismissed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.events import record
from common.models import FailedTask


def keep(name: str, task_id: str, error: BaseException) -> None:
    """One row however often: a task that fails every two seconds must not fill the table."""
    latest = {"task_id": task_id[:40], "error": type(error).__name__[:100], "failed_at": timezone.now()}
    if not FailedTask.objects.filter(name=name).update(times=F("times") + 1, **latest):
        FailedTask.objects.bulk_create([FailedTask(name=name[:100], **latest)], ignore_conflicts=True)


@transaction.atomic
def dismiss(failed: FailedTask, *, by: Any) -> None:
    """The administrator has seen to it."""
    if FailedTask.objects.filter(pk=failed.pk).delete()[0]:
        record(failed, "dismiss", by=by, reason=failed.error, times=failed.times)
