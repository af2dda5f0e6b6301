from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Phase
from organizations.access import within_reach
from organizations.models import Member, Organization


class ExemptionKind(models.TextChoices):
    """Why a member files no written pledge (domain.md 1.2). Oral pledges count as pledged, and apart."""

    ORAL = "oral", "口头承诺"
    FRAIL = "frail", "年老体弱"
    AWAY = "away", "流动在外，由流入地承诺"
    UNREACHABLE = "unreachable", "失去联系"
    OTHER = "other", "其他"


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def visible_to(self, user: Any) -> ExemptionQuerySet:
        return self.filter(within_reach(user, "pledges.view_pledge"))


class Exemption(models.Model):
    """豁免 or 口头承诺 of one member in one round, entered by the branch with its reason."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="exemptions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="exemptions")
    kind = models.CharField("情形", max_length=12, choices=ExemptionKind)
    reason = models.CharField("说明", max_length=200)  # of an oral pledge: what was promised
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ExemptionKind.values), name="exemption_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exemption_has_a_reason"),
            models.UniqueConstraint(fields=["member", "phase"], name="exemption_once_a_member_and_phase"),
        ]

    def __str__(self) -> str:
        return f"{self.member.name}：{self.get_kind_display()}"
