from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models.campaign import Phase
from organizations.access import may_anywhere
from organizations.models import Organization

FOLDER = "closings"


def archive_name(instance: PhaseClosing, filename: str) -> str:
    return f"{FOLDER}/{instance.pk}.zip"


class PhaseClosingQuerySet(models.QuerySet["PhaseClosing"]):
    def visible_to(self, user: Any) -> PhaseClosingQuerySet:
        """That a phase was closed is known to whoever reads progress somewhere; its archive is for fewer."""
        return self.all() if may_anywhere(user, "campaigns.view_progress") else self.none()

    def in_force(self) -> PhaseClosingQuerySet:
        return self.filter(reopened_at=None)

    def newest_first(self) -> PhaseClosingQuerySet:
        return self.order_by("-closed_at", "-pk")


class PhaseClosing(models.Model):
    """时段归档: a phase closed once, what was missing then and why it was closed all the same, and its archive.

    A phase that is opened again keeps this row; its next closing is a new one. ``files`` are the SHA-256 of what is in
    the archive, ``digest`` that of the archive itself; both come with the file, a little after the closing.
    """

    phase = models.ForeignKey(Phase, models.PROTECT, related_name="closings")
    number = models.PositiveSmallIntegerField()  # 第几次归档 of the phase
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    missing = models.JSONField(default=list)  # the check-list as it was: [{"label", "count", "unit", "note"}]
    reason = models.TextField(blank=True)  # why it was closed although something was missing
    file = models.FileField(upload_to=archive_name, blank=True)
    files = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopen_reason = models.TextField(blank=True)

    objects = PhaseClosingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phase", "number"], name="phase_closing_number_once"),
            models.UniqueConstraint(
                fields=["phase"], condition=Q(reopened_at=None), name="phase_closing_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason="")),
                name="phase_closing_reopened_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(file="", digest="") | (~Q(file="") & ~Q(digest="")),
                name="phase_closing_file_has_its_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase.name}第{self.number}次归档"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:phase", args=[self.phase_id])

    @property
    def organization(self) -> Organization:
        """Phases are closed at the root: permission checks and the audit look there."""
        return self.phase.campaign.organization

    @property
    def place_id(self) -> int:
        return self.organization.pk
