from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from campaigns.models.campaign import Phase, Strand
from organizations.kinds import Kind
from organizations.models import Organization
from organizations.posts import Post


class Anchor(models.TextChoices):
    """What the last day is counted from."""

    DATE = "date", "固定日期"
    PHASE_START = "phase_start", "时段开始"
    PHASE_END = "phase_end", "时段结束"


class Unit(models.TextChoices):
    DAYS = "days", "自然日"
    WORKDAYS = "workdays", "工作日"


class ExemptCase(models.TextChoices):
    """Who need not do it although of a kind that owes (domain.md 11c-4)."""

    FOUNDED_LATE = "founded_late", "截止前三十天内成立的"
    NOBODY = "nobody", "没有党员（或没有事项）的"


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def of_the_campaign(self) -> ObligationQuerySet:
        """Those the campaign itself has, without what offices vary below."""
        return self.filter(varies=None)

    def tracked(self) -> ObligationQuerySet:
        """Those whose fulfilment is counted: the others are dates to know of."""
        return self.of_the_campaign().exclude(expects="")

    def visible_to(self, user: Any) -> ObligationQuerySet:
        return self.all() if user.is_authenticated else self.none()


class Obligation(models.Model):
    """应办事项: what a phase asks for, of whom and by when (domain.md 11). Data of the template, edited by the office.

    ``expects`` names what an app has registered (``campaigns.expectations``); without it this is a date to know of.
    ``due_on`` is worked out from ``anchor``, ``offset`` and ``unit`` when it is saved. A row that ``varies`` another
    one holds inside the subtree of its ``organization`` in its stead; what the template ``forbids`` it keeps.
    """

    FORBIDDABLE = ("due_on", "opens_on", "kinds", "posts", "exempts")

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="obligations")
    strand = models.CharField("环节", max_length=14, choices=Strand, blank=True)
    expects = models.CharField("办理什么", max_length=30, blank=True)
    name = models.CharField("名称", max_length=60)
    key = models.CharField(max_length=100, blank=True)  # of the template's item it came from
    anchor = models.CharField("期限算法", max_length=12, choices=Anchor, default=Anchor.DATE)
    offset = models.SmallIntegerField("天数", default=0)
    unit = models.CharField("单位", max_length=8, choices=Unit, default=Unit.DAYS)
    opens_on = models.DateField("开始日期")
    due_on = models.DateField("截止日期")
    kinds = ArrayField(models.CharField(max_length=30, choices=Kind), default=list, blank=True)
    posts = ArrayField(models.CharField(max_length=30, choices=Post), default=list, blank=True)
    exempts = ArrayField(models.CharField(max_length=14, choices=ExemptCase), default=list, blank=True)
    forbids = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    varies = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="variations", verbose_name="调整自"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="适用于"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # of a variation
    # when it was laid down so, and for whom: nobody is reminded of what was only just asked for
    made_on = models.DateField(default=timezone.localdate)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(strand__in=["", *Strand.values]), name="obligation_strand_is_known"
            ),
            models.CheckConstraint(condition=Q(anchor__in=Anchor.values), name="obligation_anchor_is_known"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="obligation_unit_is_known"),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=Kind.values), name="obligation_kinds_are_known"
            ),
            models.CheckConstraint(
                condition=Q(posts__contained_by=Post.values), name="obligation_posts_are_known"
            ),
            models.CheckConstraint(
                condition=Q(exempts__contained_by=ExemptCase.values), name="obligation_exempts_are_known"
            ),
            models.CheckConstraint(
                condition=Q(forbids__contained_by=["due_on", "opens_on", "kinds", "posts", "exempts"]),
                name="obligation_forbids_fields",
            ),
            models.CheckConstraint(
                condition=Q(varies=None, organization=None)
                | Q(varies__isnull=False, organization__isnull=False),
                name="obligation_variation_pair",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")), name="obligation_due_after_it_opens"
            ),
            models.UniqueConstraint(fields=["varies", "organization"], name="obligation_varied_once_a_place"),
        ]
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.name
