from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.logging import short

MAX_ATTEMPTS = 10


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> EventQuerySet:
        return self.filter(subject_label=subject._meta.label_lower, subject_id=str(subject.pk))


class Event(models.Model):
    """One thing that happened: the audit. Append-only; a database trigger refuses any change (0002).

    Whether the apps have reacted to it is kept beside it, in ``Delivery``.
    """

    kind = models.CharField(max_length=80)  # "pledge.approve"
    subject_label = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    subject_name = models.CharField(max_length=200, blank=True)
    place_id = models.BigIntegerField(null=True)  # the organization concerned; no foreign key from below
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    post = models.CharField(max_length=200, blank=True)  # the post acted from, as it was called then
    request_id = models.CharField(max_length=32, blank=True)
    address = models.GenericIPAddressField(null=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_label", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["-created_at", "-id"], name="event_newest"),
            models.Index(fields=["place_id", "-created_at", "-id"], name="event_place"),
            models.Index(fields=["actor", "-id"], name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.subject_id}"

    @property
    def verb(self) -> str:
        return self.kind.partition(".")[2]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> DeliveryQuerySet:
        return self.filter(delivered_at=None, is_dead=False)

    def due(self) -> DeliveryQuerySet:
        return self.pending().filter(retry_at__lte=timezone.now()).order_by("retry_at", "pk")

    def dead(self) -> DeliveryQuerySet:
        """Dead letters (死信): given up after MAX_ATTEMPTS, shown to the administrator."""
        return self.filter(delivered_at=None, is_dead=True).order_by("pk")


class Delivery(models.Model):
    """The outbox: has this event been handed to every receiver?"""

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    is_dead = models.BooleanField(default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["retry_at"], name="delivery_due", condition=Q(delivered_at=None, is_dead=False)
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dead=False) | Q(delivered_at=None), name="delivery_not_both_dead_and_done"
            )
        ]

    def __str__(self) -> str:
        return f"delivery of {self.event_id}"

    def mark_delivered(self) -> None:
        self.delivered_at = timezone.now()
        self.error = ""
        self.save(update_fields=["delivered_at", "error"])

    def postpone(self, error: BaseException) -> None:
        """A failing receiver must not hold up the events behind it: 2, 4, 8 … 256 minutes, then dead."""
        self.attempts += 1
        self.error = short(error)
        self.is_dead = self.attempts >= MAX_ATTEMPTS
        self.retry_at = timezone.now() + timedelta(minutes=2 ** min(self.attempts, 8))
        self.save(update_fields=["attempts", "error", "is_dead", "retry_at"])


class Heartbeat(models.Model):
    """Beat, broker and worker have last been seen working together; one row, written once a minute."""

    name = models.CharField(max_length=20, primary_key=True, default="beat")
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls) -> None:
        cls.objects.update_or_create(name="beat", defaults={"beaten_at": timezone.now()})

    @classmethod
    def last(cls) -> Heartbeat | None:
        return cls.objects.filter(name="beat").first()


class FailedTaskQuerySet(models.QuerySet["FailedTask"]):
    def dead(self) -> FailedTaskQuerySet:
        """All of them, newest first: what the administrator has not dismissed."""
        return self.order_by("-failed_at", "pk")


class FailedTask(models.Model):
    """A task of the worker that failed (失败的任务): one row for each sort, never what it was called with.

    Nothing is tried again from here: the beat table calls every task again, and each finds what is left to do.
    """

    name = models.CharField(max_length=100, unique=True)  # "campaigns.remind"
    task_id = models.CharField(max_length=40)  # the latest one's, as the log has it
    error = models.CharField(max_length=100)  # its kind alone: the message may quote somebody's text
    times = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(default=timezone.now)
    failed_at = models.DateTimeField(default=timezone.now)

    objects = FailedTaskQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SpecialDayQuerySet(models.QuerySet["SpecialDay"]):
    def visible_to(self, user: Any) -> SpecialDayQuerySet:
        return self.all() if user.is_authenticated else self.none()


class SpecialDay(models.Model):
    """A holiday (放假) or a make-up day (调休上班) that the office has entered over the calendar's own table."""

    day = models.DateField("日期", unique=True)
    is_worked = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40)

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
