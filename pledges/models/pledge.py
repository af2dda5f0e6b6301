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
from common.buffers import Buffer
from common.states import Flow
from organizations.access import within_reach
from organizations.models import Member, Organization
from pledges.flow import (
    EDITABLE,
    IN_FORCE,
    ITEM_FLOWS,
    LEADER_FLOW,
    MEMBER_FLOW,
    ORGANIZATION_FLOW,
    ItemState,
    PledgeState,
)

MAX_ITEMS = 10
MAX_MEMBER_ITEMS = 3  # domain.md 1.2: one to three for a member


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
    def visible_to(self, user: Any, *, with_ones_own: bool = False) -> PledgeQuerySet:
        """Drafts are their own organization's; everything filed follows the affiliation chain.

        Who may see drafts somewhere may see what is filed there (matrix, tested), so that one range
        bounds the whole search. One's own pledge as a member has no post behind it: pages of one pledge
        ask for it too, lists do not, since it would take that range from them.
        """
        filed_or_own = ~Q(state=PledgeState.DRAFT) | within_reach(user, "pledges.view_draft")
        seen = within_reach(user, "pledges.view_pledge") & filed_or_own
        return self.filter(seen | Q(member__user=user) if with_ones_own else seen)

    def of_organizations(self) -> PledgeQuerySet:
        return self.filter(member=None)

    def of_members(self) -> PledgeQuerySet:
        return self.exclude(member=None)

    def of(self, user: Any) -> PledgeQuerySet:
        """What this person promised as a member (本人的承诺)."""
        return self.filter(member__user=user)

    def with_what_guards_ask(self) -> PledgeQuerySet:
        """Loaded for steps taken for many: organization, campaign, archive of the round, and member."""
        return self.select_related("organization", "phase__campaign", "phase__pledge_archive", "member")

    def newest_first(self) -> PledgeQuerySet:
        return self.order_by("-changed_at", "-pk")


class Pledge(models.Model):
    """A public pledge of one round: an organization's (党组织公开承诺书), or a member's (党员公开承诺书).

    A member's pledge belongs to the branch where it was made, also when the member moves on in mid-round.
    State changes go through ``pledges.services`` and nowhere else.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="pledges")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="pledges", verbose_name="承诺人"
    )
    is_leading = models.BooleanField(default=False)  # a 书记's or 副书记's, as it stood when filed
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="pledges")
    category = models.ForeignKey(
        RubricItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承诺类别"
    )
    title = models.CharField("承诺主题", max_length=80, blank=True)
    directions = ArrayField(
        models.CharField(max_length=12, choices=Direction), default=list, blank=True, verbose_name="承诺对象"
    )
    aim = models.CharField("努力方向", max_length=200, blank=True)  # a member's (seed 四(一))
    state = models.CharField(max_length=12, choices=PledgeState, default=PledgeState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # grows with every save of the text
    vetted_version = models.PositiveIntegerField(default=0)  # the one that was vetted last
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
    vetted_at = models.DateTimeField(null=True)
    vetted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

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
            models.CheckConstraint(
                condition=Q(vetted_at=None, vetted_by=None)
                | Q(vetted_at__isnull=False, vetted_by__isnull=False),
                name="pledge_vetted_pair",
            ),
            models.CheckConstraint(
                condition=Q(is_leading=False, aim="") | Q(member__isnull=False),
                name="pledge_aim_is_a_members",
            ),
            models.UniqueConstraint(fields=["member", "phase"], name="pledge_once_a_member_and_phase"),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="pledge_at"),
            # a city's members outnumber its organizations twenty to one: each list walks its own index
            models.Index(fields=["-changed_at", "-id"], name="pledge_newest", condition=Q(member=None)),
            models.Index(
                fields=["state", "-changed_at", "-id"], name="pledge_state_newest", condition=Q(member=None)
            ),
            models.Index(
                fields=["phase", "organization", "state"],
                name="pledge_of_members",
                condition=Q(member__isnull=False),
            ),
            GinIndex(fields=["tokens"], name="pledge_tokens", fastupdate=False),
        ]

    def __str__(self) -> str:
        if self.member is not None:
            return f"{self.member.name}同志的公开承诺"
        return self.title or "（未命名的承诺）"

    def get_absolute_url(self) -> str:
        return reverse("pledges:detail", args=[self.pk])

    @property
    def audit_name(self) -> str:
        """A draft's words are its organization's own; who reads the audit is not told them."""
        if self.state == PledgeState.DRAFT:
            return "党员承诺草稿" if self.member_id else "承诺草稿"
        return str(self)

    @property
    def person_id(self) -> int | None:
        """The account of the member who promises; ``organizations.access`` asks whose own this is."""
        return self.member.user_id if self.member is not None else None

    @property
    def flow(self) -> Flow:
        if self.member_id is None:
            return ORGANIZATION_FLOW
        return LEADER_FLOW if self.is_leading else MEMBER_FLOW

    @property
    def max_items(self) -> int:
        return MAX_ITEMS if self.member_id is None else MAX_MEMBER_ITEMS

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_sent_back(self) -> bool:
        """退回: a superior returned it. Taken back by its own organization it is in the same state, without a reason."""
        return self.state == PledgeState.RETURNED and bool(self.return_reason)

    @property
    def is_in_force(self) -> bool:
        """Settled and not taken down: it is being kept (践诺)."""
        return self.state in IN_FORCE

    @property
    def direction_labels(self) -> list[str]:
        return [Direction(d).label for d in self.directions]

    @property
    def ground_labels(self) -> list[str]:
        return [Ground(g).label for g in self.return_grounds]


def new_key() -> str:
    return secrets.token_hex(6)


class PledgeItemQuerySet(models.QuerySet["PledgeItem"]):
    def visible_to(self, user: Any, *, with_ones_own: bool = False) -> PledgeItemQuerySet:
        """Of what is filed along the chain; drafts are read with their pledge. One's own as with pledges."""
        filed = ~Q(pledge__state=PledgeState.DRAFT)
        seen = within_reach(user, "pledges.view_pledge", via="pledge__organization__")
        return self.filter(filed, seen | Q(pledge__member__user=user) if with_ones_own else seen)

    def with_what_guards_ask(self) -> PledgeItemQuerySet:
        return self.select_related(
            "pledge__organization",
            "pledge__phase__campaign",
            "pledge__phase__pledge_archive",
            "pledge__member",
        )


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
    state = models.CharField(max_length=12, choices=ItemState, default=ItemState.DRAFT)
    remark = models.TextField("审核意见", blank=True)  # why it was returned
    grounds = ArrayField(models.CharField(max_length=12, choices=Ground), default=list, blank=True)

    objects = PledgeItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ItemState.values), name="pledge_item_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(grounds__contained_by=Ground.values), name="pledge_item_grounds_are_known"
            ),
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

    @property
    def organization(self) -> Organization:
        return self.pledge.organization

    @property
    def phase_id(self) -> int:
        return self.pledge.phase_id

    @property
    def place_id(self) -> int:
        return self.pledge.organization_id

    @property
    def person_id(self) -> int | None:
        return self.pledge.person_id

    @property
    def audit_name(self) -> str:
        return f"{self.pledge.audit_name}第{self.number}项"

    @property
    def flow(self) -> Flow:
        return ITEM_FLOWS[self.pledge.flow]

    @property
    def is_settled(self) -> bool:
        """定诺: vetted and good; it changes no more unless the whole pledge is taken back."""
        return self.state == ItemState.APPROVED

    @property
    def ground_labels(self) -> list[str]:
        return [Ground(g).label for g in self.grounds]


class DraftBuffer(Buffer):
    """What one person has typed of a pledge and not yet saved."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="buffers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pledge", "user"], name="draft_buffer_once")]

    def __str__(self) -> str:
        return f"buffer of {self.pledge_id}"
