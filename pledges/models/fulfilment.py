"""践诺 and the results of items: what was reported, what others judged. Evidence is never demanded."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from organizations.access import within_reach
from organizations.models import Organization
from pledges.models.pledge import PledgeItem

NOTE_LENGTH = 200
EXPLANATION_LENGTH = 300
FOLDER = "progress"


class Status(models.TextChoices):
    """How far an item is, told once a quarter with one tap (domain.md 1.1, 1.6)."""

    ONGOING = "ongoing", "推进中"
    DONE = "done", "已完成"
    DIFFICULT = "difficult", "有困难"


class Source(models.TextChoices):
    """Who says whether an item was kept. Three judgements side by side, never mixed."""

    SELF = "self", "自报"
    SUPERIOR = "superior", "上级认定"
    MASSES = "masses", "群众意见"


class Result(models.TextChoices):
    FULFILLED = "fulfilled", "已兑现"
    PARTLY = "partly", "部分兑现"
    UNFULFILLED = "unfulfilled", "未兑现"
    ENDED = "ended", "客观终止"


class Cause(models.TextChoices):
    """Why an item was not kept (domain.md 1.4): an objective cause is explained to the masses."""

    OBJECTIVE = "objective", "客观原因"
    SUBJECTIVE = "subjective", "主观原因"


def quarter_of(day: dt.date) -> dt.date:
    """The first day of the quarter of ``day``."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def quarter_label(quarter: dt.date) -> str:
    return f"{quarter.year}年第{'一二三四'[(quarter.month - 1) // 3]}季度"


class ProgressQuerySet(models.QuerySet["Progress"]):
    def visible_to(self, user: Any) -> ProgressQuerySet:
        within = within_reach(user, "pledges.view_pledge", via="item__pledge__organization__")
        return self.filter(within | Q(item__pledge__member__user=user.pk))


class Progress(models.Model):
    """践诺进展 of one item in one quarter. Corrected until the quarter is over; the audit keeps what it was."""

    item = models.ForeignKey(PledgeItem, models.PROTECT, related_name="progress")
    quarter = models.DateField("季度")  # its first day
    status = models.CharField("进展", max_length=10, choices=Status)
    note = models.CharField("说明", max_length=NOTE_LENGTH, blank=True)
    is_note_public = models.BooleanField("可以公开", default=False)
    # what the last tap can be taken back to: a status, "" for nothing; None when something was written since
    before_tap = models.CharField(max_length=10, null=True)  # noqa: DJ001
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="progress_status_is_known"),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]), name="progress_is_of_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(is_note_public=False) | ~Q(note=""), name="progress_publishes_no_empty_note"
            ),
            models.CheckConstraint(
                condition=Q(before_tap=None) | Q(before_tap__in=["", *Status.values]),
                name="progress_goes_back_to_a_status",
            ),
            models.UniqueConstraint(fields=["item", "quarter"], name="progress_once_an_item_and_quarter"),
        ]

    def __str__(self) -> str:
        return f"{quarter_label(self.quarter)}：{self.get_status_display()}"

    @property
    def label(self) -> str:
        return quarter_label(self.quarter)


def random_name(instance: ProgressAttachment, filename: str) -> str:
    """Nothing of the name a stranger chose reaches the disk, but the kind that was checked."""
    return f"{FOLDER}/{uuid.uuid4().hex}{PurePosixPath(instance.name).suffix}"


class ProgressAttachmentQuerySet(models.QuerySet["ProgressAttachment"]):
    def visible_to(self, user: Any) -> ProgressAttachmentQuerySet:
        """Those who read the pledge at the desk, and whoever promised. Never public."""
        within = within_reach(user, "pledges.view_pledge", via="progress__item__pledge__organization__")
        return self.filter(within | Q(progress__item__pledge__member__user=user.pk))


class ProgressAttachment(models.Model):
    """附件: what somebody chose to add to their progress, as ``common.attachments`` let it through."""

    progress = models.OneToOneField(Progress, models.CASCADE, related_name="attachment")
    file = models.FileField(upload_to=random_name)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ProgressAttachmentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pledges:progress_attachment", args=[self.pk])


_NEEDS_A_CAUSE = [Result.UNFULFILLED, Result.ENDED]
_UNSAID = Q(
    held_on=None, present=None, said_fulfilled=None, said_partly=None, said_unfulfilled=None, said_ended=None
)
_SAID = Q(
    held_on__isnull=False,
    present__isnull=False,
    said_fulfilled__isnull=False,
    said_partly__isnull=False,
    said_unfulfilled__isnull=False,
    said_ended__isnull=False,
)


class Judgement(models.Model):
    """One of the three judgements on one item: a result with its cause, or what a meeting (评诺会) counted.

    Who did not keep a promise says why, and the explanation is for the public (domain.md 1.4). 客观终止 has an
    objective cause by its name.
    """

    item = models.ForeignKey(PledgeItem, models.PROTECT, related_name="judgements")
    source = models.CharField("来源", max_length=10, choices=Source)
    result = models.CharField("结果", max_length=12, choices=Result, blank=True)
    cause = models.CharField("原因", max_length=10, choices=Cause, blank=True)
    explanation = models.CharField("向群众的说明", max_length=EXPLANATION_LENGTH, blank=True)
    held_on = models.DateField("评诺会日期", null=True, blank=True)
    present = models.PositiveIntegerField("到会人数", null=True, blank=True)
    said_fulfilled = models.PositiveIntegerField("认为已兑现", null=True, blank=True)
    said_partly = models.PositiveIntegerField("认为部分兑现", null=True, blank=True)
    said_unfulfilled = models.PositiveIntegerField("认为未兑现", null=True, blank=True)
    said_ended = models.PositiveIntegerField("认为客观终止", null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=Source.values), name="judgement_source_is_known"),
            models.CheckConstraint(
                condition=Q(result__in=["", *Result.values]), name="judgement_result_is_known"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["", *Cause.values]), name="judgement_cause_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(result__in=_NEEDS_A_CAUSE) | (~Q(cause="") & ~Q(explanation="")),
                name="judgement_failure_is_explained",
            ),
            models.CheckConstraint(
                condition=~Q(result=Result.ENDED) | Q(cause=Cause.OBJECTIVE),
                name="judgement_ended_is_objective",
            ),
            models.CheckConstraint(
                condition=Q(cause="") | Q(result__in=_NEEDS_A_CAUSE), name="judgement_cause_is_of_a_failure"
            ),
            models.CheckConstraint(
                condition=(Q(source=Source.MASSES, result="") & _SAID)
                | (~Q(source=Source.MASSES) & ~Q(result="") & _UNSAID),
                name="judgement_is_a_result_or_a_count",
            ),
            models.CheckConstraint(
                condition=Q(present=None)
                | Q(
                    present__gte=F("said_fulfilled")
                    + F("said_partly")
                    + F("said_unfulfilled")
                    + F("said_ended")
                ),
                name="judgement_counts_fit_the_meeting",
            ),
            models.UniqueConstraint(fields=["item", "source"], name="judgement_once_an_item_and_source"),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.get_result_display() or '评诺会记录'}"

    @property
    def label(self) -> str:
        """上级认定; of an ordinary member's item it is the branch that judges (支部认定)."""
        return source_label(self.source, self.item.pledge)

    @property
    def organization(self) -> Organization:
        return self.item.pledge.organization

    @property
    def counts(self) -> list[tuple[str, int | None]]:
        """What the meeting said: 已兑现 12, 部分兑现 3 …"""
        return [(result.label, getattr(self, f"said_{result.value}")) for result in Result]

    @property
    def silent(self) -> int:
        """How many of those present took no side."""
        return (self.present or 0) - sum(count or 0 for _, count in self.counts)


def source_label(source: str, pledge: Any) -> str:
    if source == Source.SUPERIOR and pledge.member_id is not None and not pledge.is_leading:
        return "支部认定"
    return Source(source).label
