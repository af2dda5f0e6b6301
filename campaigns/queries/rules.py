"""Who varies a rule of the campaign, what holds where, and where a person may vary it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Assignment, Obligation
from organizations.access import grants
from organizations.kinds import HAS_SUBORDINATES
from organizations.models import Organization

VARY = "campaigns.vary_obligation"


def variations_of(rule: Obligation, user: Any) -> QuerySet[Obligation]:
    """Those at organizations that this person sees, in protocol order. One query."""
    seen = Organization.objects.visible_to(user)
    found = rule.variations.filter(organization__in=seen).select_related("organization", "made_by")
    return found.order_by("organization__order_path")


def in_force(rows: Collection[Assignment]) -> dict[int, Obligation]:
    """assignment -> what holds for it: the variation nearest above its organization, or the rule. One query."""
    of = {row.obligation_id for row in rows}
    varied = list(Obligation.objects.filter(varies__in=of).select_related("organization"))
    found = {}
    for row in rows:
        here = [
            (len(each.organization.path), each)
            for each in varied
            if each.varies_id == row.obligation_id and each.organization
            and row.organization.path.startswith(each.organization.path)
        ]  # fmt: skip
        found[row.pk] = max(here, key=lambda pair: pair[0])[1] if here else row.obligation
    return found


def places_to_vary(user: Any) -> list[Organization]:
    """Organizations below the root whose office this person is, with others below them."""
    held = {holding.organization_id for _, holding in grants(user, VARY)}
    found = Organization.objects.filter(pk__in=held, parent__isnull=False, kind__in=HAS_SUBORDINATES)
    return list(found.in_protocol_order())
