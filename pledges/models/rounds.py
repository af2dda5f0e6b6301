from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models import Phase
from organizations.access import may_anywhere
from organizations.models import Member, Organization


class RoundArchiveQuerySet(models.QuerySet["RoundArchive"]):
    def visible_to(self, user: Any) -> RoundArchiveQuerySet:
        """That a round was closed is known to whoever reads pledges somewhere; its figures follow the tree of its
        date (``pledges.queries.archives.seen_by``).
        """
        return self.all() if may_anywhere(user, "pledges.view_pledge") else self.none()

    def newest_first(self) -> RoundArchiveQuerySet:
        return self.order_by("-year", "-number")


class RoundArchive(models.Model):
    """归档: one round of pledges closed, numbered and sealed (domain.md 11c-20).

    A round that is opened again keeps this row; its next closing is a new archive with its own number and the next
    version. ``closes`` is the phase as long as it stays closed, and what guards look at: ``phase.pledge_archive``.
    """

    phase = models.ForeignKey(Phase, models.PROTECT, related_name="pledge_archives")
    closes = models.OneToOneField(Phase, models.PROTECT, null=True, related_name="pledge_archive")
    version = models.PositiveSmallIntegerField(default=1)
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveIntegerField("编号")  # gapless within the year
    as_of = models.DateField("截至日期")
    unfinished = models.JSONField(default=dict)  # state -> how many pledges were left in it
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical JSON, as it is handed out
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopen_reason = models.TextField(blank=True)

    objects = RoundArchiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="round_archive_number_once"),
            models.UniqueConstraint(fields=["phase", "version"], name="round_archive_version_once"),
            models.CheckConstraint(
                condition=Q(closes=models.F("phase"), reopened_at=None, reopened_by=None, reopen_reason="")
                | (
                    Q(closes=None, reopened_at__isnull=False, reopened_by__isnull=False)
                    & ~Q(reopen_reason="")
                ),
                name="round_archive_reopened_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("pledges:archive", args=[self.pk])

    @property
    def label(self) -> str:
        return f"〔{self.year}〕第{self.number}号"

    @property
    def organization(self) -> Organization:
        """Rounds are closed at the root: permission checks and the audit look there."""
        return self.phase.campaign.organization

    @property
    def place_id(self) -> int:
        return self.organization.pk


class MemberStatus(models.TextChoices):
    """What a member counts as in a round (domain.md 1.2, 11c-4)."""

    WRITTEN = "written", "书面承诺"
    ORAL = "oral", "口头承诺"
    EXEMPT = "exempt", "免作承诺"
    OPEN = "open", "未承诺"


class RoundMember(models.Model):
    """One member of a closed round: where they pledged on its date, and how."""

    archive = models.ForeignKey(RoundArchive, models.CASCADE, related_name="members")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=MemberStatus)
    standing = models.CharField(max_length=12, choices=Member.Standing)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["archive", "member"], name="round_member_once"),
            models.CheckConstraint(
                condition=Q(status__in=MemberStatus.values), name="round_member_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Member.Standing.values), name="round_member_standing_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.status}"


class Counts(models.Model):
    """What is counted of an organization in a round: its own, without what is below it. Each is of things filed,
    unless it says otherwise; every sum of rows is a total.
    """

    organizations_owing = models.PositiveIntegerField("应承诺党组织", default=0)
    organizations_filed = models.PositiveIntegerField("已报送党组织", default=0)
    organizations_published = models.PositiveIntegerField("已公开党组织", default=0)
    organization_pledges = models.PositiveIntegerField("党组织承诺份数", default=0)
    organization_items = models.PositiveIntegerField("党组织承诺事项", default=0)
    to_superior = models.PositiveIntegerField("向上级承诺", default=0)
    to_organization = models.PositiveIntegerField("向组织承诺", default=0)
    to_masses = models.PositiveIntegerField("向群众承诺", default=0)
    members = models.PositiveIntegerField("名册党员", default=0)
    members_due = models.PositiveIntegerField("应承诺党员", default=0)
    members_written = models.PositiveIntegerField("书面承诺党员", default=0)
    members_oral = models.PositiveIntegerField("口头承诺党员", default=0)
    members_exempt = models.PositiveIntegerField("免作承诺党员", default=0)
    members_open = models.PositiveIntegerField("未承诺党员", default=0)
    member_items = models.PositiveIntegerField("党员承诺事项", default=0)
    drafts = models.PositiveIntegerField("未提交", default=0)
    waiting = models.PositiveIntegerField("待审定", default=0)
    returned = models.PositiveIntegerField("待修改", default=0)
    unpublished = models.PositiveIntegerField("审定未公开", default=0)
    published = models.PositiveIntegerField("已公开", default=0)

    class Meta:
        abstract = True


COUNTS: dict[str, str] = {field.name: str(field.verbose_name) for field in Counts._meta.local_fields}


class RoundFigure(Counts):
    """One organization of a closed round: as it was called and where it stood on that date, and its own counts.

    ``facts`` seals what they were counted from (pledges, items, members), ``seal`` the row itself.
    """

    archive = models.ForeignKey(RoundArchive, models.CASCADE, related_name="figures")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    superior = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=255, db_collation="C")
    order_path = models.CharField(max_length=400, db_collation="C")
    facts = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["archive", "organization"], name="round_figure_once"),
            models.UniqueConstraint(fields=["archive", "path"], name="round_figure_path_once"),
        ]

    def __str__(self) -> str:
        return self.name
