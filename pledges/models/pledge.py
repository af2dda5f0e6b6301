from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Deferrable, Q
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Phase, RubricItem
from organizations.access import within_reach
from organizations.models import Organization
from pledges.flow import EDITABLE, PledgeState

MAX_ITEMS = 10


class Direction(models.TextChoices):
    """The three directions of a pledge (seed 四(一)), counted separately."""

    SUPERIOR = "superior", "向上级党组织"
    ORGANIZATION = "organization", "向党组织"
    MASSES = "masses", "向群众"


class Scope(models.TextChoices):
    """党务公开 scope (domain.md 10)."""

    INSIDE = "inside", "党内公开"
    OUTSIDE = "outside", "向社会公开"


class Ground(models.TextChoices):
    """What a pledge is vetted against (审诺), and returned for (domain.md 1.2)."""

    CONCRETE = "concrete", "具体可行、可考核"
    DUTY = "duty", "联系岗位职责"
    ADVANCED = "advanced", "体现先进性"
    RESPONSIVE = "responsive", "回应群众意愿"
    FEASIBLE = "feasible", "尽力而为、量力而行"


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def visible_to(self, user: Any) -> PledgeQuerySet:
        """Drafts are their own organization's; everything filed follows the affiliation chain.

        Who may see drafts somewhere may see what is filed there (matrix, tested), so that one range
        bounds the whole search.
        """
        filed_or_own = ~Q(state=PledgeState.DRAFT) | within_reach(user, "pledges.view_draft")
        return self.filter(within_reach(user, "pledges.view_pledge"), filed_or_own)

    def newest_first(self) -> PledgeQuerySet:
        return self.order_by("-changed_at", "-pk")


class Pledge(models.Model):
    """An organization's public pledge (党组织公开承诺书) in one phase.

    State changes go through ``pledges.services`` and nowhere else.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="pledges")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="pledges")
    category = models.ForeignKey(
        RubricItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承诺类别"
    )
    title = models.CharField("承诺主题", max_length=80, blank=True)
    directions = ArrayField(
        models.CharField(max_length=12, choices=Direction), default=list, blank=True, verbose_name="承诺对象"
    )
    state = models.CharField(max_length=12, choices=PledgeState, default=PledgeState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # grows with every save of the text
    scope = models.CharField("公开范围", max_length=8, choices=Scope, blank=True)
    return_reason = models.TextField(blank=True)
    return_grounds = ArrayField(models.CharField(max_length=12, choices=Ground), default=list, blank=True)
    hands = ArrayField(models.BigIntegerField(), default=list)  # user ids who wrote or filed it
    body = models.TextField(blank=True)  # the folded text and its tokens, for search within reach
    tokens = SearchVectorField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PledgeState.values), name="pledge_state_is_known"),
            models.CheckConstraint(condition=Q(scope__in=["", *Scope.values]), name="pledge_scope_is_known"),
            models.CheckConstraint(
                condition=Q(directions__contained_by=Direction.values), name="pledge_directions_are_known"
            ),
            models.CheckConstraint(
                condition=Q(return_grounds__contained_by=Ground.values), name="pledge_grounds_are_known"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="pledge_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(state=PledgeState.DRAFT) | Q(submitted_at__isnull=False),
                name="pledge_filed_has_been_submitted",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="pledge_at"),
            models.Index(fields=["-changed_at", "-id"], name="pledge_newest"),
            models.Index(fields=["state", "-changed_at", "-id"], name="pledge_state_newest"),
            GinIndex(fields=["tokens"], name="pledge_tokens", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.title or "（未命名的承诺）"

    def get_absolute_url(self) -> str:
        return reverse("pledges:detail", args=[self.pk])

    @property
    def audit_name(self) -> str:
        """A draft's words are its organization's own; who reads the audit is not told them."""
        return "承诺草稿" if self.state == PledgeState.DRAFT else str(self)

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def direction_labels(self) -> list[str]:
        return [Direction(d).label for d in self.directions]

    @property
    def ground_labels(self) -> list[str]:
        return [Ground(g).label for g in self.return_grounds]


def new_key() -> str:
    return secrets.token_hex(6)


class PledgeItem(models.Model):
    """承诺事项: what, how, who, by when; a figure to start from and one to reach where there is one.

    ``key`` stays when items are renumbered: two people's texts are compared by it.
    """

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="items")
    key = models.CharField(max_length=12, default=new_key)
    number = models.PositiveSmallIntegerField("序号")
    content = models.CharField("承诺内容", max_length=300, blank=True)
    measures = models.CharField("践诺措施", max_length=500, blank=True)
    responsible = models.CharField("责任人", max_length=60, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    baseline = models.CharField("基数", max_length=40, blank=True)
    target = models.CharField("目标值", max_length=40, blank=True)
    unit = models.CharField("单位", max_length=20, blank=True)
    remark = models.TextField("审核意见", blank=True)  # the superior's, on return

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "number"],
                name="pledge_item_number_once",
                deferrable=Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["pledge", "key"], name="pledge_item_key_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MAX_ITEMS), name="pledge_item_at_most_ten"
            ),
        ]
        ordering = ["pledge", "number"]

    def __str__(self) -> str:
        return self.content


class DraftBufferQuerySet(models.QuerySet["DraftBuffer"]):
    def pending(self) -> DraftBufferQuerySet:
        return self.exclude(payload=None)


class DraftBuffer(models.Model):
    """What one person has typed and not yet saved. Kept per person, so nobody overwrites anybody.

    After a save the row stays with nothing in it: a packet sent before and arriving later is still known
    as old by its sequence.
    """

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="buffers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    base_version = models.PositiveIntegerField()
    sequence = models.BigIntegerField()  # from the browser; an older packet that arrives later is ignored
    payload = models.JSONField(null=True)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = DraftBufferQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pledge", "user"], name="draft_buffer_once")]

    def __str__(self) -> str:
        return f"buffer of {self.pledge_id}"
