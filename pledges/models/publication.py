from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models import Phase, RubricItem
from organizations.models import Member, Organization
from pledges.models.plan import Plan
from pledges.models.pledge import Pledge, Scope

LIVE = Q(withdrawn_at=None, replaced_at=None)
OUTSIDE = LIVE & Q(scope=Scope.OUTSIDE)


class Matter(models.TextChoices):
    """What is published: whose promise, or the summary of a plan."""

    ORGANIZATION = "organization", "党组织承诺"
    MEMBER = "member", "党员承诺"
    PLAN = "plan", "活动方案摘要"


@cache
def _address(name: str) -> str:
    """Asked of the resolver once, not for each of the twenty cards of a list."""
    return reverse(name, args=[0]).replace("/0/", "/{}/")


class PublicationQuerySet(models.QuerySet["Publication"]):
    def published(self) -> PublicationQuerySet:
        """What anyone may read (党外公开). Public pages start here and nowhere else."""
        return self.filter(OUTSIDE)

    def public(self) -> PublicationQuerySet:
        """What was ever open to anyone, withdrawn or not. Only dates of the withdrawn ones may be shown."""
        return self.filter(scope=Scope.OUTSIDE)

    def of_pledges(self) -> PublicationQuerySet:
        return self.exclude(matter=Matter.PLAN)

    def of_plans(self) -> PublicationQuerySet:
        return self.filter(matter=Matter.PLAN)

    def of_organizations(self) -> PublicationQuerySet:
        return self.filter(matter=Matter.ORGANIZATION)

    def of_members(self) -> PublicationQuerySet:
        return self.filter(matter=Matter.MEMBER)

    def standing(self) -> PublicationQuerySet:
        """Not taken down: what is in force, and the versions before it that a change replaced (变更)."""
        return self.filter(withdrawn_at=None)

    def taken_down(self) -> PublicationQuerySet:
        return self.filter(withdrawn_at__isnull=False)

    def newest_first(self) -> PublicationQuerySet:
        return self.order_by("-published_at", "-pk")

    def for_cards(self) -> PublicationQuerySet:
        """With what a list shows and no more: neither the searchable text nor the tokens of it."""
        shown = ("matter", "title", "text", "organization_name", "published_at", "scope")
        return self.select_related("phase", "category").only(*shown, "phase__name", "category__name")

    def visible_to(self, user: Any, *, with_replaced: bool = False) -> PublicationQuerySet:
        """Signed-in people also read what is open inside the Party (党内公开). Lists hold what is in force."""
        if not user.is_authenticated:
            return self.published()
        return self.standing() if with_replaced else self.filter(LIVE)


class Publication(models.Model):
    """公诺: the frozen text of a pledge, or the summary of a plan, as it was published; all that public pages read.

    ``text`` holds title, category, directions and items as published; ``tokens`` is the search
    index (2-grams, ``common.text.tokens``), ``body`` the folded text for the recheck.
    """

    matter = models.CharField(max_length=12, choices=Matter, default=Matter.ORGANIZATION)
    pledge = models.ForeignKey(Pledge, models.PROTECT, null=True, related_name="publications")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="publications")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="publications")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="publications")
    organization_name = models.CharField(max_length=120)  # as it was called then
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="publications")
    category = models.ForeignKey(RubricItem, models.PROTECT, null=True, related_name="publications")
    scope = models.CharField(max_length=8, choices=Scope)
    title = models.CharField(max_length=80)
    text = models.JSONField()
    body = models.TextField()
    tokens = SearchVectorField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdraw_reason = models.TextField(blank=True)
    # 变更: the text that was public until then stays readable beside the one that replaced it
    version = models.PositiveSmallIntegerField(default=1)
    replaced_at = models.DateTimeField(null=True)
    change_reason = models.TextField(blank=True)  # why this version replaced the one before

    objects = PublicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="publication_scope_is_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdraw_reason="")),
                name="publication_withdrawn_with_reason",
            ),
            models.CheckConstraint(condition=Q(matter__in=Matter.values), name="publication_matter_is_known"),
            models.CheckConstraint(
                condition=Q(matter=Matter.MEMBER, member__isnull=False)
                | (~Q(matter=Matter.MEMBER) & Q(member=None)),
                name="publication_names_its_member",
            ),
            models.CheckConstraint(
                condition=Q(matter=Matter.PLAN, plan__isnull=False, pledge=None, category=None)
                | (~Q(matter=Matter.PLAN) & Q(plan=None, pledge__isnull=False, category__isnull=False)),
                name="publication_of_a_pledge_or_plan",
            ),
            models.CheckConstraint(
                condition=Q(version=1, change_reason="") | (Q(version__gt=1) & ~Q(change_reason="")),
                name="publication_changed_with_reason",
            ),
            models.UniqueConstraint(fields=["pledge"], condition=LIVE, name="publication_one_live"),
            models.UniqueConstraint(fields=["plan"], condition=LIVE, name="publication_one_live_plan"),
        ]
        indexes = [
            # scope and organization are carried along, so that counting never touches the wide rows
            models.Index(
                fields=["matter", "-published_at", "-id"],
                include=["scope"],
                name="publication_newest",
                condition=LIVE,
            ),
            models.Index(
                fields=["organization", "matter", "-published_at", "-id"],
                name="publication_at",
                condition=LIVE,
            ),
            models.Index(
                fields=["phase", "matter", "-published_at", "-id"],
                include=["organization", "scope"],
                name="publication_in_phase",
                condition=LIVE,
            ),
            models.Index(
                fields=["category", "-published_at", "-id"], name="publication_in_category", condition=LIVE
            ),
            GinIndex(fields=["tokens"], name="publication_tokens", condition=LIVE, fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        name = "pledges:public_plan" if self.matter == Matter.PLAN else "pledges:public_detail"
        return _address(name).format(self.pk)

    @property
    def is_open_to_all(self) -> bool:
        return self.scope == Scope.OUTSIDE and self.withdrawn_at is None and self.replaced_at is None

    @property
    def items(self) -> list[dict[str, Any]]:
        """承诺事项 as published."""
        return self.text["items"]

    @property
    def summary(self) -> str:
        """What fits on a card."""
        return "；".join(item["content"] for item in self.items)[:160]
