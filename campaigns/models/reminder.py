from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models.obligation import Obligation
from organizations.models import Organization


class Audience(models.TextChoices):
    """Whom a rung of the ladder speaks to (domain.md 11)."""

    OWNER = "owner", "办理的党组织"
    SUPERIOR = "superior", "上级党组织"
    OFFICE = "office", "领导小组办公室"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def waiting(self) -> ReminderQuerySet:
        return self.filter(told_at=None, is_dropped=False)


class Reminder(models.Model):
    """提醒: one rung of the ladder for one obligation of one organization, to one person. Once, whatever is retried.

    ``occurrence`` names the last day and the rung (2010-09-30 T-3), so that an extension begins the ladder anew.
    ``is_dropped``: done, extended or let off before anybody was told.
    """

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="reminders")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    audience = models.CharField(max_length=8, choices=Audience)
    occurrence = models.CharField(max_length=20)
    due_on = models.DateField()
    fell_on = models.DateField()  # the day the rung says
    is_urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    is_dropped = models.BooleanField(default=False)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "organization", "recipient", "occurrence"], name="reminder_once"
            ),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="reminder_audience_is_known"
            ),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(is_dropped=False), name="reminder_not_both_told_and_dropped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient"], name="reminder_waiting", condition=Q(told_at=None, is_dropped=False)
            ),
            models.Index(fields=["told_at"], name="reminder_told", condition=Q(told_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.occurrence} {self.recipient_id}"
