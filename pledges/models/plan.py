from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, Q
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Phase, RubricItem
from common.states import Flow
from organizations.access import within_reach
from organizations.models import Organization
from pledges.flow import PLAN_EDITABLE, PLAN_FLOW, PlanState
from pledges.models.pledge import Scope, new_key

MAX_TASKS = 30


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: Any) -> PlanQuerySet:
        """As with pledges: drafts are their own organization's, what is filed follows the chain."""
        filed_or_own = ~Q(state=PlanState.DRAFT) | within_reach(user, "pledges.view_draft")
        return self.filter(within_reach(user, "pledges.view_pledge"), filed_or_own)

    def with_what_guards_ask(self) -> PlanQuerySet:
        return self.select_related(
            "organization", "phase__campaign", "phase__pledge_archive", "adopts__organization"
        )

    def newest_first(self) -> PlanQuerySet:
        return self.order_by("-changed_at", "-pk")


class Plan(models.Model):
    """活动方案: one an organization and phase (domain.md 2). State changes go through ``pledges.services.plans``.

    ``adopts`` is set when a small branch takes over its superior's plan; ``adopted`` keeps that text as it was
    then, and the own tasks are local items added to it. ``leadership`` is frozen from the posts when filed.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="plans")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="plans")
    title = models.CharField("方案名称", max_length=80, blank=True)
    theme = models.CharField("主题", max_length=120, blank=True)
    research_basis = models.TextField("调研基础", max_length=1500, blank=True)
    goals = models.TextField("创先目标", max_length=1500, blank=True)
    schedule = models.TextField("时间进度", max_length=1500, blank=True)
    adopts = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="adopted_by", verbose_name="采用的方案"
    )
    adopted = models.JSONField(null=True, blank=True)
    leadership = models.JSONField("组织领导", default=dict, blank=True)
    state = models.CharField(max_length=12, choices=PlanState, default=PlanState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # grows with every save of the text
    vetted_version = models.PositiveIntegerField(default=0)
    scope = models.CharField("公开范围", max_length=8, choices=Scope, blank=True)
    return_reason = models.TextField(blank=True)
    hands = ArrayField(models.BigIntegerField(), default=list)  # user ids who wrote or filed it
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    vetted_at = models.DateTimeField(null=True)
    vetted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="plan_state_is_known"),
            models.CheckConstraint(condition=Q(scope__in=["", *Scope.values]), name="plan_scope_is_known"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="plan_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(state=PlanState.DRAFT) | Q(submitted_at__isnull=False),
                name="plan_filed_has_been_submitted",
            ),
            models.CheckConstraint(
                condition=Q(vetted_at=None, vetted_by=None)
                | Q(vetted_at__isnull=False, vetted_by__isnull=False),
                name="plan_vetted_pair",
            ),
            models.CheckConstraint(
                condition=Q(adopts=None, adopted=None) | Q(adopts__isnull=False, adopted__isnull=False),
                name="plan_adopts_a_text",
            ),
            models.UniqueConstraint(fields=["organization", "phase"], name="plan_once_a_phase"),
        ]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="plan_newest"),
            models.Index(fields=["state", "-changed_at", "-id"], name="plan_state_newest"),
        ]

    def __str__(self) -> str:
        return self.title or "（未命名的活动方案）"

    def get_absolute_url(self) -> str:
        return reverse("pledges:plan", args=[self.pk])

    @property
    def audit_name(self) -> str:
        """A draft's words are its organization's own; who reads the audit is not told them."""
        return "活动方案草稿" if self.state == PlanState.DRAFT else str(self)

    @property
    def flow(self) -> Flow:
        return PLAN_FLOW

    @property
    def is_editable(self) -> bool:
        return self.state in PLAN_EDITABLE

    @property
    def is_sent_back(self) -> bool:
        """退回: a superior returned it. Taken back by its own organization it is in the same state, without a reason."""
        return self.state == PlanState.RETURNED and bool(self.return_reason)


class PlanTask(models.Model):
    """重点任务 with 具体措施; progress and remark are no part of the text that is vetted.

    ``key`` stays when tasks are moved: versions and workbooks are compared by it.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=12, default=new_key)
    number = models.PositiveSmallIntegerField("序号")
    key_task = models.CharField("重点任务", max_length=200, blank=True)
    measures = models.CharField("具体措施", max_length=800, blank=True)
    department = models.CharField("责任部门", max_length=60, blank=True)
    person = models.CharField("责任人", max_length=60, blank=True)
    starts_on = models.DateField("起始", null=True, blank=True)
    ends_on = models.DateField("完成时限", null=True, blank=True)
    mark = models.CharField("完成标志", max_length=200, blank=True)
    rubric = models.ForeignKey(
        RubricItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="五个注重"
    )
    progress = models.CharField("进展", max_length=300, blank=True)
    remark = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="plan_task_number_once", deferrable=Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["plan", "key"], name="plan_task_key_once"),
        ]
        ordering = ["plan", "number"]

    def __str__(self) -> str:
        return f"{self.plan.audit_name}第{self.number}项任务"


class PlanVersion(models.Model):
    """The text of a plan as it was filed; one at each submission, never changed."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]
        ordering = ["plan", "number"]

    def __str__(self) -> str:
        return f"第{self.number}稿"
