from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from campaigns.flow import SUMMARY_EDITABLE, SUMMARY_FLOW, SummaryState
from campaigns.models.campaign import Phase
from common.buffers import Buffer
from common.states import Flow
from organizations.access import within_reach
from organizations.models import Organization

DONE_LENGTH, LEFT_LENGTH = 2000, 1000


class SummaryQuerySet(models.QuerySet["Summary"]):
    def visible_to(self, user: Any) -> SummaryQuerySet:
        """Drafts are their own organization's; what is filed is read with the progress along the chain."""
        filed_or_own = ~Q(state=SummaryState.DRAFT) | within_reach(user, "campaigns.edit_summary")
        return self.filter(within_reach(user, "campaigns.view_progress"), filed_or_own)

    def with_what_guards_ask(self) -> SummaryQuerySet:
        return self.select_related("organization", "phase__campaign")


class Summary(models.Model):
    """小结 of a phase, 总结 of the last one: one an organization and phase. Written by ``campaigns.services.summaries``.

    ``figures`` are what the portal counted on the day it was filed: lines of {"name", "said"}; nobody types them.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="summaries")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="summaries")
    done = models.TextField("做了什么", max_length=DONE_LENGTH, blank=True)
    left = models.TextField("还有什么没做完", max_length=LEFT_LENGTH, blank=True)
    figures = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=SummaryState, default=SummaryState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # grows with every save of the text
    return_reason = models.TextField(blank=True)
    hands = ArrayField(models.BigIntegerField(), default=list)  # user ids who wrote or filed it
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = SummaryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SummaryState.values), name="summary_state_is_known"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="summary_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="summary_decided_pair",
            ),
            models.CheckConstraint(
                condition=Q(state=SummaryState.DRAFT) | Q(submitted_at__isnull=False),
                name="summary_filed_has_been_submitted",
            ),
            models.UniqueConstraint(fields=["organization", "phase"], name="summary_once_a_phase"),
        ]
        indexes = [models.Index(fields=["-changed_at", "-id"], name="summary_newest")]

    def __str__(self) -> str:
        return f"{self.organization.label}{self.phase.name}{self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:summary", args=[self.pk])

    @property
    def kind(self) -> str:
        """The last phase, whose end is open, closes with the campaign: its summary is the whole campaign's."""
        return "总结" if self.phase.ends_on is None else "小结"

    @property
    def flow(self) -> Flow:
        return SUMMARY_FLOW

    @property
    def is_editable(self) -> bool:
        return self.state in SUMMARY_EDITABLE

    @property
    def is_sent_back(self) -> bool:
        """退回: a superior returned it. Taken back by its own organization it is in the same state, without a reason."""
        return self.state == SummaryState.RETURNED and bool(self.return_reason)


class SummaryBuffer(Buffer):
    """What one person has typed of a summary and not yet saved."""

    summary = models.ForeignKey(Summary, models.CASCADE, related_name="buffers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["summary", "user"], name="summary_buffer_once")]

    def __str__(self) -> str:
        return f"buffer of {self.summary_id}"
