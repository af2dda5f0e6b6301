"""评诺 of a whole pledge: 党员自评 → 互评 → 组织评. Individual grades are never public (domain.md 11c-9)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from common.states import Flow
from organizations.models import Organization
from pledges.flow.appraisal import APPRAISAL_FLOWS
from pledges.flow.states import AppraisalState
from pledges.models.pledge import Pledge

WORDS_LENGTH = 200
HIGHEST = 100


class AppraisalQuerySet(models.QuerySet["Appraisal"]):
    def with_what_guards_ask(self) -> AppraisalQuerySet:
        return self.select_related("pledge__organization", "pledge__phase__campaign", "pledge__member")


class Appraisal(models.Model):
    """评诺 of one pledge. Bands are the campaign's (``campaigns.bands``) and kept here by name, as given then."""

    pledge = models.OneToOneField(Pledge, models.CASCADE, related_name="appraisal")
    state = models.CharField(max_length=16, choices=AppraisalState, default=AppraisalState.OPEN)
    self_band = models.CharField("自评档次", max_length=20, blank=True)
    self_text = models.CharField("自评说明", max_length=WORDS_LENGTH, blank=True)
    peers = models.JSONField("互评票数", default=dict, blank=True)  # band -> how many gave it
    peers_present = models.PositiveIntegerField("到会人数", null=True, blank=True)
    peers_held_on = models.DateField("评诺会日期", null=True, blank=True)
    score = models.PositiveSmallIntegerField("组织评分", null=True, blank=True)
    band = models.CharField("组织评档次", max_length=20, blank=True)
    comment = models.CharField("组织评语", max_length=WORDS_LENGTH, blank=True)
    appraised_at = models.DateTimeField(null=True)
    appraised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AppraisalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AppraisalState.values), name="appraisal_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=HIGHEST), name="appraisal_score_is_of_a_hundred"
            ),
            models.CheckConstraint(
                condition=Q(appraised_at=None, appraised_by=None, score=None, band="")
                | Q(appraised_at__isnull=False, appraised_by__isnull=False, score__isnull=False)
                & ~Q(band=""),
                name="appraisal_score_has_band_and_giver",
            ),
            models.CheckConstraint(
                condition=Q(state=AppraisalState.APPRAISED, score__isnull=False)
                | ~Q(state=AppraisalState.APPRAISED) & Q(score=None),
                name="appraisal_graded_when_appraised",
            ),
            models.CheckConstraint(
                condition=Q(peers_present=None, peers_held_on=None)
                | Q(peers_present__isnull=False, peers_held_on__isnull=False),
                name="appraisal_peers_met_somewhen",
            ),
            models.CheckConstraint(
                condition=Q(state=AppraisalState.OPEN, self_band="")
                | ~Q(state=AppraisalState.OPEN) & ~Q(self_band=""),
                name="appraisal_begins_with_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pledge}的评诺"

    def get_absolute_url(self) -> str:
        return reverse("pledges:appraisal", args=[self.pledge_id])

    @property
    def organization(self) -> Organization:
        return self.pledge.organization

    @property
    def place_id(self) -> int:
        return self.pledge.organization_id

    @property
    def person_id(self) -> int | None:
        return self.pledge.person_id

    @property
    def flow(self) -> Flow:
        return APPRAISAL_FLOWS[self.pledge.flow]

    @property
    def said(self) -> dict[str, Any]:
        """Everything that was given, for the record before it is taken back."""
        names = (
            "self_band",
            "self_text",
            "peers",
            "peers_present",
            "peers_held_on",
            "score",
            "band",
            "comment",
        )
        return {name: getattr(self, name) for name in names if getattr(self, name)}
