"""Who varies a rule of the campaign, and where a person may."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from campaigns.models import Obligation
from organizations.access import grants
from organizations.kinds import HAS_SUBORDINATES
from organizations.models import Organization

VARY = "campaigns.vary_obligation"


def variations_of(rule: Obligation, user: Any) -> QuerySet[Obligation]:
    """Those at organizations that this person sees, in protocol order. One query."""
    seen = Organization.objects.visible_to(user)
    found = rule.variations.filter(organization__in=seen).select_related("organization", "made_by")
    return found.order_by("organization__order_path")


def places_to_vary(user: Any) -> list[Organization]:
    """Organizations below the root whose office this person is, with others below them."""
    held = {holding.organization_id for _, holding in grants(user, VARY)}
    found = Organization.objects.filter(pk__in=held, parent__isnull=False, kind__in=HAS_SUBORDINATES)
    return list(found.in_protocol_order())
