from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from campaigns.models.obligation import Obligation
from organizations.access import within_reach
from organizations.models import Organization

TEXT_LENGTH = 300


class UrgingQuerySet(models.QuerySet["Urging"]):
    def visible_to(self, user: Any) -> UrgingQuerySet:
        return self.filter(within_reach(user, "campaigns.view_progress"))


class Urging(models.Model):
    """催办: a superior asked one organization for one thing, in their own words. Once a day at most."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="urgings")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    day = models.DateField(default=timezone.localdate)
    text = models.CharField("催办内容", max_length=TEXT_LENGTH)
    told = models.PositiveSmallIntegerField(default=0)  # how many persons
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = UrgingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["obligation", "organization", "day"], name="urging_once_a_day")
        ]

    def __str__(self) -> str:
        return f"催办：{self.obligation.name}"
