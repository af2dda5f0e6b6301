from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from common.text import fold
from organizations.access import within
from organizations.kinds import RULES, Kind, KindRule
from organizations.posts import CODENAME, Post


def _by_initials(letters: str) -> Q:
    """Pinyin initials only when letters were typed: Chinese words never match there."""
    return Q(initials__contains=letters) if letters.isascii() and letters.isalnum() else Q(pk__in=[])


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def living(self) -> OrganizationQuerySet:
        return self.filter(dissolved_on=None)

    def under(self, organization: Organization) -> OrganizationQuerySet:
        """The organization itself and everything affiliated to it, at any depth."""
        return self.filter(within(organization.path))

    def in_protocol_order(self) -> OrganizationQuerySet:
        """Superiors before subordinates, siblings in protocol order (排序)."""
        return self.order_by("order_path")

    def public(self) -> OrganizationQuerySet:
        """What anyone may see of the tree: names and affiliation of living organizations."""
        return self.living()

    def search(self, words: str) -> OrganizationQuerySet:
        """By name, short name, former name (曾用名), pinyin initials or code; the closest first."""
        words = words.replace("\0", "").strip()
        if not words:
            return self.none()
        letters = "".join(fold(words).split())
        named = _by_initials(letters)
        for spelling in {words, fold(words)}:  # full-width brackets as stored, or as typed
            named |= Q(name__icontains=spelling) | Q(short_name__icontains=spelling)
        former = FormerName.objects.filter(named).values("organization")
        hit = named | Q(code__istartswith=fold(words)) | Q(pk__in=former)
        exact = Q(code__iexact=words) | Q(name__iexact=words) | Q(short_name__iexact=words)
        close = Q(name__istartswith=words) | Q(short_name__istartswith=words) | Q(name__icontains=words)
        return (
            self.filter(hit)
            .annotate(distance=Case(When(exact, then=0), When(close, then=1), default=2))
            .order_by("distance", "order_path")
        )

    def visible_to(self, user: Any) -> OrganizationQuerySet:
        """Names and affiliation are known to everyone who signs in; what hangs on them is not."""
        return self.all() if user.is_authenticated else self.none()


class Organization(models.Model):
    """A Party organization (党组织) in the chain of affiliation.

    ``path`` is the ids from the root down to here ("1.14.203."), ``order_path`` the same chain in
    protocol order. Both are written by ``organizations.services`` and nowhere else.
    """

    kind = models.CharField("类别", max_length=30, choices=Kind)
    name = models.CharField("全称", max_length=120)
    short_name = models.CharField("简称", max_length=60, blank=True)
    code = models.CharField("代码", max_length=40, unique=True)
    order = models.PositiveIntegerField("排序", default=0, validators=[MaxValueValidator(99999)])
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级党组织"
    )
    path = models.CharField(max_length=255, unique=True, editable=False, db_collation="C")
    order_path = models.CharField(max_length=400, unique=True, editable=False, db_collation="C")
    initials = models.CharField(max_length=200, editable=False, blank=True)
    hotline = models.CharField("监督电话", max_length=40, blank=True)
    founded_on = models.DateField("成立日期")
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="并入"
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        permissions = [(CODENAME.format(post.value), f"以{post.label}身份") for post in Post]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="organization_kind_is_known"),
            models.CheckConstraint(condition=Q(path__regex=r"^(\d+\.)+$"), name="organization_path_form"),
            models.CheckConstraint(condition=Q(order__lte=99999), name="organization_order_fits"),
            models.CheckConstraint(
                condition=Q(dissolved_on=None) | Q(dissolved_on__gte=F("founded_on")),
                name="organization_dissolved_after_founded",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(dissolved_on__isnull=False),
                name="organization_merged_is_dissolved",
            ),
            models.UniqueConstraint(
                Coalesce("parent", Value(0)), condition=Q(parent=None), name="organization_one_root"
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(dissolved_on=None),
                name="organization_name_once_per_superior",
            ),
        ]
        indexes = [models.Index(fields=["parent", "order", "id"], name="organization_siblings")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organizations:detail", args=[self.pk])

    @property
    def place_id(self) -> int:
        """For the audit: an event about an organization happened there."""
        return self.pk

    @property
    def organization(self) -> Organization:
        """So that a permission check can take an organization or anything that belongs to one."""
        return self

    @property
    def rule(self) -> KindRule:
        return RULES[self.kind]

    @property
    def depth(self) -> int:
        return self.path.count(".")

    @property
    def is_root(self) -> bool:
        return self.depth == 1

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids of the superiors, from the root down to the direct one."""
        return [int(part) for part in self.path.split(".")[:-2]]

    @property
    def label(self) -> str:
        """What fits in a table cell."""
        return self.short_name or self.name

    def is_under(self, other: Organization) -> bool:
        return self.path.startswith(other.path)

    def superior_on(self, day: dt.date) -> Organization | None:
        """Who was the direct superior (上级党组织) at the end of ``day``? Dated history, not today's parent."""
        row = (
            self.affiliations.filter(starts_on__lte=day)
            .filter(Q(ends_on=None) | Q(ends_on__gt=day))
            .select_related("superior")
            .first()
        )
        return row.superior if row else None

    def chain_on(self, day: dt.date) -> list[Organization]:
        """The superiors at the end of ``day``, from the root down to the direct one."""
        chain: list[Organization] = []
        superior = self.superior_on(day)
        while superior is not None:
            chain.insert(0, superior)
            superior = superior.superior_on(day)
        return chain

    def name_on(self, day: dt.date) -> str:
        """What it was called at the end of ``day``."""
        former = self.former_names.filter(used_until__gte=day).order_by("used_until", "pk").first()
        return former.name if former else self.name


class PeriodQuerySet(models.QuerySet[Any]):
    def that_lasted(self) -> PeriodQuerySet:
        """Without those that were over on the day they began: no day was spent there."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=F("starts_on")))


class Affiliation(models.Model):
    """隶属关系, dated: from ``starts_on`` until the day before ``ends_on`` the superior was this one."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="affiliations")
    superior = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="affiliation_dates_in_order"
            ),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(ends_on=None), name="affiliation_one_current"
            ),
        ]
        indexes = [models.Index(fields=["organization", "starts_on"], name="affiliation_history")]

    def __str__(self) -> str:
        return f"{self.organization_id} < {self.superior_id}"

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on and self.ends_on - dt.timedelta(days=1)


class FormerName(models.Model):
    """曾用名: a renamed organization is still found under the name people remember."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60, blank=True)
    initials = models.CharField(max_length=200, editable=False, blank=True)
    used_until = models.DateField()

    def __str__(self) -> str:
        return self.name
