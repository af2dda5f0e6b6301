from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils import timezone

from organizations.access import within_reach
from organizations.models.organization import Organization

FOLDER = "imports"


def random_name(instance: RosterImport, filename: str) -> str:
    """Nothing of the name a stranger chose reaches the disk."""
    return f"{FOLDER}/{uuid.uuid4().hex}.xlsx"


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: Any) -> RosterImportQuerySet:
        """Those who may import there: the preview shows names of the roster."""
        return self.filter(within_reach(user, "organizations.import_roster"))

    def waiting(self) -> RosterImportQuerySet:
        """Work for the background: uploaded or confirmed, and nobody at it, or whoever was has died."""
        free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
        return self.filter(free, state__in=RosterImport.WAITING).order_by("pk")

    def wanting_their_file(self) -> RosterImportQuerySet:
        """Not applied, refused or given up: the background will open the workbook, or may be asked to."""
        return self.filter(state__in=[*RosterImport.WAITING, RosterImport.State.CHECKED])


class RosterImport(models.Model):
    """One uploaded roster workbook (名册导入): checked in the background, previewed, confirmed, applied.

    Everything it may touch lies within ``organization``. ``leased_until`` says a worker is at it.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "正在核对"
        CHECKED = "checked", "待确认"
        CONFIRMED = "confirmed", "正在导入"
        APPLIED = "applied", "已导入"
        REFUSED = "refused", "不能导入"
        CANCELLED = "cancelled", "已放弃"

    class Mode(models.TextChoices):
        STOP = "stop", "停止：与系统记录不同就不导入"
        SKIP = "skip", "跳过：保留系统里的记录，只导入新增的"
        UPDATE = "update", "更新：用表中的内容更新系统记录"

    WAITING = (State.UPLOADED, State.CONFIRMED)

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="roster_imports", verbose_name="导入范围"
    )
    mode = models.CharField("遇到不同时", max_length=10, choices=Mode)
    state = models.CharField("状态", max_length=10, choices=State, default=State.UPLOADED)
    effective_on = models.DateField("变动日期")
    filename = models.CharField("文件名", max_length=200)
    file = models.FileField(upload_to=random_name, blank=True)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    acting_key = models.CharField(max_length=60, blank=True)  # the post acted from; the job acts from it too

    stage = models.CharField(max_length=40, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    message = models.TextField(blank=True)  # why it was refused, or what the person should know
    summary = models.JSONField(default=dict)  # counts, kinds of errors, notes; shape in imports.preview
    digest = models.CharField(max_length=64, blank=True)  # of the preview the person saw
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["uploaded", "checked", "confirmed", "applied", "refused", "cancelled"]
                ),
                name="rosterimport_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["stop", "skip", "update"]), name="rosterimport_mode_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(confirmed_at__isnull=False),
                name="rosterimport_applied_is_confirmed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="rosterimport_waiting", condition=Q(state__in=["uploaded", "confirmed"])
            )
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("organizations:import", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING

    @property
    def sheets(self) -> list[dict[str, Any]]:
        """Title and counts of each sheet, in the template's order: jsonb keeps its keys by their length."""
        found = self.summary.get("sheets", {})
        return [found[sheet] for sheet in RosterImportRow.Sheet.values if sheet in found]

    @property
    def has_rows(self) -> bool:
        """Not so for the template as it was downloaded: headings, and nothing below them."""
        return any(sheet[outcome] for sheet in self.sheets for outcome in RosterImportRow.Outcome.values)

    @property
    def needs_mending(self) -> bool:
        """Checked, and something stands in the way: the file has to be corrected and uploaded again."""
        return self.state == self.State.CHECKED and bool(self.summary.get("blocking"))

    @property
    def is_clean(self) -> bool:
        """Nothing stands in the way of confirming."""
        return not self.summary.get("blocking", 1) and bool(self.summary.get("writes"))


class RosterImportRowQuerySet(models.QuerySet["RosterImportRow"]):
    def in_sheet_order(self) -> RosterImportRowQuerySet:
        """As in the template: a superior or branch that is wrong stands before the rows that suffer from it."""
        sheets = [When(sheet=sheet, then=place) for place, sheet in enumerate(RosterImportRow.Sheet.values)]
        return self.order_by(Case(*sheets, output_field=models.SmallIntegerField()), "number")


class RosterImportRow(models.Model):
    """What would become of one row of the workbook; made anew by each dry run, swept after a month."""

    class Sheet(models.TextChoices):
        ORGANIZATION = "organization", "党组织"
        MEMBER = "member", "党员"
        POST = "post", "任职"

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        UNCHANGED = "unchanged", "无变化"
        ERROR = "error", "错误"

    roster_import = models.ForeignKey(RosterImport, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=12, choices=Sheet)
    number = models.PositiveIntegerField()  # of the row in the sheet
    outcome = models.CharField(max_length=10, choices=Outcome)
    label = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    changes = models.JSONField(default=dict)  # field -> [old, new]; phones masked
    problems = models.JSONField(default=list)  # [[kind, column, argument], …]
    warnings = models.JSONField(default=list)

    objects = RosterImportRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sheet__in=["organization", "member", "post"]),
                name="rosterimportrow_sheet_is_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["new", "changed", "unchanged", "error"]),
                name="rosterimportrow_outcome_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["roster_import", "outcome", "sheet", "number"], name="rosterimportrow_listing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_sheet_display()} {self.number}"
