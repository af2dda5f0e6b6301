"""What a change of an organization brings about for its plans."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from common.events import record
from organizations.models import Organization
from pledges.flow import PLAN_UNFINISHED
from pledges.models import Plan
from pledges.services.handing_over import as_handed_over, count_where_it_was


@transaction.atomic
def hand_over(organization: Organization, into: Organization, *, by: Any, reason: str) -> list[Plan]:
    """转由并入后的党组织办理: what is unfinished goes to ``into``, unless that has a plan of the same phase itself.

    There is one a phase: then the successor's stands, and the other stays as history of ``organization``.
    """
    handed = list(
        Plan.objects.filter(organization=organization, state__in=PLAN_UNFINISHED)
        .exclude(phase__in=into.plans.values("phase"))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for plan in handed:
        plan.organization, plan.changed_at = into, timezone.now()
        plan.save(update_fields=["organization", "changed_at"])
        record(plan, "hand_over", by=by, reason=reason, **as_handed_over(organization, into))
    count_where_it_was(organization, (plan.phase_id for plan in handed), "plan")
    return handed
