"""Organizations' pledges whose next step is one person's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from campaigns.duties import LINES, Duty, Why
from organizations.access import may
from pledges.flow import EDITABLE, PledgeState
from pledges.models import Pledge
from pledges.queries.pledge import DUTIES, waiting_for
from pledges.queries.returns import why_returned

_LABELS = {
    "submit": ("待提交", "info"),
    "approve": ("待审定", "warn"),
    "propose": ("待申请公开", "info"),
    "clear": ("待保密审查", "warn"),
    "publish": ("待批准公开", "warn"),
}


def pledge_duties(user: Any, day: dt.date) -> list[Duty]:
    """Each pledge a line, the longest waiting first. Two queries."""
    waiting = Pledge.objects.visible_to(user).filter(waiting_for(user)).select_related("organization")
    rows = list(waiting.order_by("changed_at", "pk")[: LINES + 1])
    prefetch_related_objects([pledge for pledge in rows if pledge.is_sent_back], "items")
    return [_duty(pledge, user) for pledge in rows]


def _duty(pledge: Pledge, user: Any) -> Duty:
    step = next(name for name, states in DUTIES.items() if pledge.state in states)
    label, tone, why = _label(pledge, step, user)
    return Duty(
        label=label,
        tone=tone,
        title=f"公开承诺“{pledge}”",
        organization=pledge.organization,
        permission="pledges.edit_pledge" if step == "submit" else pledge.flow[step].permission,
        url=reverse("pledges:edit" if pledge.state in EDITABLE else "pledges:detail", args=[pledge.pk]),
        why=why,
        since=pledge.changed_at,
        note=why_returned(pledge) if pledge.is_sent_back else "",
        expects="pledge" if step == "submit" else "",
        phase_id=pledge.phase_id,
    )


def _label(pledge: Pledge, step: str, user: Any) -> tuple[str, str, Why]:
    if pledge.is_sent_back:
        return "退回待修改", "bad", Why.RETURNED
    if pledge.state == PledgeState.RETURNED:
        return "待修改", "info", Why.OWED  # taken back by themselves
    if step == "submit" and not may(user, "pledges.submit_pledge", pledge.organization):
        return "草稿待完善", "neutral", Why.OWED  # a liaison writes, the secretary submits
    return *_LABELS[step], Why.OWED if step in ("submit", "propose") else Why.WAITING
