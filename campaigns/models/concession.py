from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models.obligation import Obligation
from organizations.access import within_reach
from organizations.models import Organization


class ConcessionQuerySet(models.QuerySet["Concession"]):
    def visible_to(self, user: Any) -> ConcessionQuerySet:
        return self.filter(within_reach(user, "campaigns.view_progress"))

    def in_force(self) -> ConcessionQuerySet:
        return self.filter(revoked_at=None)


class Concession(models.Model):
    """延期 (``until`` is the new last day) or 免办 (no ``until``), granted to one organization by its superior."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="concessions")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    until = models.DateField("延期至", null=True, blank=True)
    reason = models.CharField("理由", max_length=200)
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ConcessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "organization"],
                condition=Q(revoked_at=None),
                name="concession_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="concession_revoked_pair",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="concession_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"延期至{self.until}" if self.until else "免办"

    @property
    def is_waiver(self) -> bool:
        return self.until is None
