"""延期 and 免办: the superior lets one organization have more time, or lets it off, with a reason that stays on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Assignment, Concession, Obligation
from campaigns.queries.rules import in_force
from campaigns.services.assignments import hold_open, refresh
from common.events import record
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.models import Organization

CONCEDE = "campaigns.concede"


class ConcessionRefused(Exception):
    """It cannot be granted or taken back so; the message is a sentence for the person."""


@transaction.atomic
def concede(
    obligation: Obligation, organization: Organization, *, until: dt.date | None, reason: str, by: Any
) -> Concession:
    """准予延期 to ``until``, or 免办 without one. Whoever has one already gets this one in its stead.

    Raises PermissionDenied, ConcessionRefused.
    """
    place = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if not may(by, CONCEDE, place):
        raise PermissionDenied(f"您的职务不能准予“{place.name}”延期或免办。")
    if not hold_open(obligation.phase_id):
        raise ConcessionRefused(f"“{obligation.phase.name}”已经归档，不能再延期或免办。")
    row = Assignment.objects.filter(obligation=obligation, organization=place).first()
    if row is None:
        raise ConcessionRefused(f"“{place.name}”没有“{obligation.name}”这项应办事项。")
    if not reason.strip():
        raise ConcessionRefused("请写明理由。")
    due_on = in_force([row])[row.pk].due_on
    if until is not None and until <= due_on:
        raise ConcessionRefused(f"延期须晚于原来的截止日期（{cn_date(due_on)}）。")
    now = timezone.now()
    obligation.concessions.in_force().filter(organization=place).update(revoked_at=now, revoked_by=by)
    granted = Concession.objects.create(
        obligation=obligation, organization=place, until=until, reason=reason.strip(), granted_by=by
    )
    after = {"name": obligation.name, "until": until}
    record(granted, "grant", by=by, permission=CONCEDE, after=after, reason=granted.reason)
    refresh(obligation, [place.pk])
    return granted


@transaction.atomic
def revoke(concession: Concession, *, by: Any) -> None:
    """撤销延期或免办: the original last day holds again. Of two clicks the second does nothing."""
    current = Concession.objects.select_for_update(of=("self",)).get(pk=concession.pk)
    if not may(by, CONCEDE, current.organization):
        raise PermissionDenied(f"您的职务不能撤销“{current.organization.name}”的延期或免办。")
    if not hold_open(current.obligation.phase_id):
        raise ConcessionRefused(f"“{current.obligation.phase.name}”已经归档，不能再改。")
    if current.revoked_at is not None:
        return
    current.revoked_at, current.revoked_by = timezone.now(), by
    current.save(update_fields=["revoked_at", "revoked_by"])
    record(
        current,
        "revoke",
        by=by,
        permission=CONCEDE,
        before={"name": current.obligation.name, "until": current.until},
    )
    refresh(current.obligation, [current.organization_id])
