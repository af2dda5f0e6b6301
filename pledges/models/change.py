from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from common.states import Flow
from organizations.access import within_reach
from organizations.models import Organization
from pledges.flow import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW, ChangeState
from pledges.models.pledge import Pledge
from pledges.models.publication import Publication


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: Any, *, with_ones_own: bool = False) -> ChangeQuerySet:
        """As the pledge itself, which is filed."""
        seen = within_reach(user, "pledges.view_pledge", via="pledge__organization__")
        return self.filter(seen | Q(pledge__member__user=user) if with_ones_own else seen)

    def open(self) -> ChangeQuerySet:
        return self.filter(state=ChangeState.REQUESTED)

    def with_what_guards_ask(self) -> ChangeQuerySet:
        return self.select_related("pledge__organization", "pledge__phase__campaign", "pledge__member")


class Change(models.Model):
    """变更申请: the text that is to stand in the place of a published one, and why (domain.md 1.4).

    ``text`` is a text as ``pledges.texts`` has it. Approved, it becomes the pledge's and a new ``Publication``.
    """

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="changes")
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="changes")  # to be replaced
    text = models.JSONField()
    reason = models.TextField("变更理由")
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="change_state_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state=ChangeState.REQUESTED, decided_at=None, decided_by=None)
                | (~Q(state=ChangeState.REQUESTED) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="change_decided_pair",
            ),
            models.CheckConstraint(
                condition=~Q(state=ChangeState.REFUSED) | ~Q(decision_reason=""),
                name="change_refused_with_reason",
            ),
            models.UniqueConstraint(
                fields=["pledge"], condition=Q(state=ChangeState.REQUESTED), name="change_one_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at", "id"],
                name="change_waiting",
                condition=Q(state=ChangeState.REQUESTED),
            ),
            models.Index(fields=["-requested_at", "-id"], name="change_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pledge)

    def get_absolute_url(self) -> str:
        return reverse("pledges:change", args=[self.pk])

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
        return ORGANIZATION_CHANGE_FLOW if self.pledge.member_id is None else MEMBER_CHANGE_FLOW

    @property
    def is_open(self) -> bool:
        return self.state == ChangeState.REQUESTED
