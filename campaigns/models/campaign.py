from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from organizations.models import Organization


class Strand(models.TextChoices):
    """The four strands (环节) of the campaign, seed 四."""

    PLEDGE = "pledge", "公开承诺"
    REVIEW = "review", "领导点评"
    EVALUATION = "evaluation", "群众评议"
    COMMENDATION = "commendation", "评选表彰"


class Subject(models.TextChoices):
    """Who a rubric item is for."""

    ORGANIZATION = "organization", "党组织"
    MEMBER = "member", "党员"


def not_over(day: dt.date, via: str = "") -> Q:
    """Its last day is not past. ``via`` leads to the campaign: "phase__campaign__"."""
    return Q(**{f"{via}closed_on": None}) | Q(**{f"{via}closed_on__gte": day})


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def newest_first(self) -> CampaignQuerySet:
        return self.order_by("-starts_on", "-pk")

    def visible_to(self, user: Any) -> CampaignQuerySet:
        """Who takes part may read the arrangement of every campaign, the coming ones too."""
        return self.all() if user.is_authenticated else self.none()

    def running_on(self, day: dt.date) -> CampaignQuerySet:
        return self.filter(not_over(day), starts_on__lte=day)

    def public(self, day: dt.date) -> CampaignQuerySet:
        """What anyone may see: campaigns that have begun; preparations are not published."""
        return self.filter(starts_on__lte=day)


class Campaign(models.Model):
    """One run of 创先争优, made from a template file; everything later hangs on (campaign, phase)."""

    code = models.SlugField("代号", max_length=60, unique=True)
    name = models.CharField("活动名称", max_length=120)
    theme = models.CharField("主题", max_length=200)
    goals = models.CharField("目标要求", max_length=200)
    starts_on = models.DateField("开始日期")
    closed_on = models.DateField("结束日期", null=True, blank=True)  # the last day; until then it runs
    template_code = models.CharField(max_length=60)
    template_version = models.PositiveIntegerField()
    scales = models.JSONField(default=dict, blank=True)  # 等次 by use, as in the template
    ladder = models.JSONField(
        default=list, blank=True
    )  # 提醒 rungs: [{"days": -14, "to": "owner", "urgent": false}]
    texts = models.JSONField(default=dict, blank=True)  # sentences for forms and pages, by key
    taken = models.JSONField(default=dict, blank=True)  # what the template said, by item (campaigns.items)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("starts_on")),
                name="campaign_closed_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:detail", args=[self.pk])

    @cached_property
    def organization(self) -> Organization:
        """Campaigns are the root's: permission checks and the audit look there."""
        return Organization.objects.get(parent=None)

    @property
    def place_id(self) -> int:
        return self.organization.pk

    def is_closed_on(self, day: dt.date) -> bool:
        return self.closed_on is not None and self.closed_on < day


class RubricItem(models.Model):
    """One of 五个注重 (organizations) or 五个表率 (members), with the central 五个好 / 五带头 beside it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rubric")
    subject = models.CharField(max_length=12, choices=Subject)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    text = models.CharField(max_length=200, blank=True)
    central_name = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "subject", "number"], name="rubric_number_once"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="rubric_subject_is_known"),
        ]
        ordering = ["campaign", "subject", "number"]

    def __str__(self) -> str:
        return self.name


class PhaseQuerySet(models.QuerySet["Phase"]):
    def visible_to(self, user: Any) -> PhaseQuerySet:
        return self.all() if user.is_authenticated else self.none()

    def begun(self, day: dt.date) -> PhaseQuerySet:
        return self.filter(starts_on__lte=day)

    def on(self, day: dt.date) -> PhaseQuerySet:
        """Phases running on ``day``; where two touch, the later one comes first."""
        return (
            self.filter(starts_on__lte=day)
            .filter(Q(ends_on=None) | Q(ends_on__gte=day))
            .filter(not_over(day, "campaign__"))
            .order_by("-starts_on", "-pk")
        )


class Phase(models.Model):
    """时段: phases touch (phase 2 ends in the month phase 3 starts) and the last one is open-ended."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    ends_note = models.CharField(max_length=60, blank=True)  # what an open end waits for: 党的十八大召开前
    frozen_at = models.DateTimeField(null=True)  # 归档: its figures stand from then on

    objects = PhaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="phase_number_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="phase_ends_after_it_starts"
            ),
        ]
        ordering = ["campaign", "number"]

    def __str__(self) -> str:
        return self.name


class StrandWindowQuerySet(models.QuerySet["StrandWindow"]):
    def visible_to(self, user: Any) -> StrandWindowQuerySet:
        return self.all() if user.is_authenticated else self.none()


class StrandWindow(models.Model):
    """When a strand (环节) of a phase is open."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="windows")
    strand = models.CharField(max_length=14, choices=Strand)
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=100, blank=True)  # of the template's item it came from
    opens_on = models.DateField()
    closes_on = models.DateField()

    objects = StrandWindowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(strand__in=Strand.values), name="window_strand_is_known"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="window_closes_after_it_opens"
            ),
        ]
        ordering = ["opens_on", "pk"]

    def __str__(self) -> str:
        return self.name

    def is_open_on(self, day: dt.date) -> bool:
        return self.opens_on <= day <= self.closes_on

    def days_left(self, day: dt.date) -> int:
        return (self.closes_on - day).days
