from __future__ import annotations

from django.db import models
from django.utils import timezone


class AssignmentCheck(models.Model):
    """夜间核对: how many rows of 办理情况 differed from the facts, before they were put right.

    ``samples`` are the first of them, in numbers and states, without a name:
    [{"obligation", "organization", "kind": "changed" | "missing" | "extra", "columns": [...]}]
    """

    checked_at = models.DateTimeField(default=timezone.now)
    rows = models.PositiveIntegerField()
    differences = models.PositiveIntegerField()
    samples = models.JSONField(default=list)

    class Meta:
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"{self.checked_at}: {self.differences} / {self.rows}"
