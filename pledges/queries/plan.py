"""Reads about plans: the desk's lists, whose turn it is, what may be begun, the duties of the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.duties import LINES, Duty, Why
from campaigns.models import Phase
from common.models import Event
from common.paging import capped_counts, counts_by
from organizations.access import Holding, holders_of, holdings, within_reach
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from pledges.flow import PLAN_EDITABLE, PLAN_FLOW, PlanState
from pledges.models import Plan

PLAN_TODO = "todo"
PLAN_DUTIES = {
    "submit": PLAN_EDITABLE,
    "approve": frozenset({PlanState.SUBMITTED}),
    "propose": frozenset({PlanState.AGREED}),
    "clear": frozenset({PlanState.PROPOSED}),
    "publish": frozenset({PlanState.CLEARED}),
}
PLAN_TURNS = {
    "submit": "报送上级",
    "approve": "审核",
    "propose": "申请公开摘要",
    "clear": "保密审查",
    "publish": "审批公开",
}
_INDEPENDENT = {"approve", "clear", "publish"}
_BEFORE = {"clear": "proposed_by", "publish": "cleared_by"}
PLAN = "plan"  # as obligations name it


def plans_waiting_for(user: Any) -> Q:
    """Plans whose next step this person may take: the guards' rules as a filter."""
    own = {h.organization_id for h in holdings(user)}
    over = Phase.objects.filter(campaign__closed_on__lt=timezone.localdate())
    can_be_filed = Q(organization__parent__isnull=False) & ~Q(phase__in=over)
    mine = Q(state__in=PLAN_EDITABLE) & can_be_filed & within_reach(user, "pledges.edit_plan")
    for name, states in PLAN_DUTIES.items():
        due = Q(state__in=states) & within_reach(user, PLAN_FLOW[name].permission)
        if name == "submit":
            due &= can_be_filed
        if name in _INDEPENDENT:
            due &= ~Q(hands__contains=[user.pk]) & ~Q(organization__in=own)
        if name in _BEFORE:
            due &= ~Q(**{_BEFORE[name]: user.pk})
        mine |= due
    return mine & Q(organization__dissolved_on=None)


def plan_tabs(rows: QuerySet[Plan], user: Any) -> dict[str, QuerySet[Plan]]:
    """The desk's lists by name: what waits for me, everything, and each state."""
    return {
        PLAN_TODO: rows.filter(plans_waiting_for(user)),
        "": rows,
        **{state: rows.filter(state=state) for state in PlanState.values},
    }


def plan_tab_counts(lists: dict[str, QuerySet[Plan]]) -> dict[str, int | None]:
    counts: dict[str, int | None] = {**capped_counts({name: lists[name] for name in (PLAN_TODO, "")})}
    return counts | counts_by("state", lists[""], PlanState.values)


def plan_history(plan: Plan) -> QuerySet[Event]:
    """办理记录, newest first."""
    return Event.objects.about(plan).select_related("actor").order_by("-pk")[:100]


def plan_last(plan: Plan, *kinds: str) -> Event | None:
    """The latest event of these kinds, or the latest step when none is named."""
    events = Event.objects.about(plan).select_related("actor").order_by("-pk")
    steps = [f"plan.{step.name}" for step in PLAN_FLOW]
    return events.filter(kind__in=kinds or steps).first()


def plan_next_hands(plan: Plan) -> tuple[str, list[Holding]] | None:
    """Whose turn it is: the step in words and the posts that may take it. None when nothing is due."""
    for name, states in PLAN_DUTIES.items():
        if plan.state in states:
            found = holders_of(PLAN_FLOW[name].permission, plan.organization)
            if name in _INDEPENDENT:
                barred = {*plan.hands, getattr(plan, f"{_BEFORE[name]}_id") if name in _BEFORE else None}
                found = [(pk, h) for pk, h in found if pk not in barred]
            return PLAN_TURNS[name], list(dict.fromkeys(h for _, h in found))
    return None


def places_to_plan(user: Any, phase: Phase | None) -> QuerySet[Organization]:
    """Organizations for which this person may begin a plan in ``phase``: those without one, in protocol order."""
    reach = within_reach(user, "pledges.edit_plan", via="")
    below = Organization.objects.living().exclude(parent=None)  # the root has nobody to file with
    without = below.exclude(plans__phase=phase)
    return without.filter(reach, kind__in=FILES_PLEDGES).in_protocol_order()


def earlier_plans(organization: Organization, phase: Phase) -> QuerySet[Plan]:
    """Plans of the same organization to copy from, newest first; those that only adopted say nothing."""
    return (
        organization.plans.exclude(phase=phase)
        .exclude(title="")
        .exclude(adopts__isnull=False, tasks=None)
        .select_related("phase__campaign", "organization")
        .newest_first()[:5]
    )


_LABELS = {
    "submit": ("方案待报送", "info"),
    "approve": ("方案待审核", "warn"),
    "propose": ("方案待申请公开", "info"),
    "clear": ("方案待保密审查", "warn"),
    "publish": ("方案待批准公开", "warn"),
}


def plan_duties(user: Any, day: dt.date) -> list[Duty]:
    """Plans whose next step is this person's."""
    waiting = Plan.objects.visible_to(user).filter(plans_waiting_for(user)).select_related("organization")
    return [_duty(plan) for plan in waiting.order_by("changed_at", "pk")[: LINES + 1]]


def _duty(plan: Plan) -> Duty:
    name = next(step for step, states in PLAN_DUTIES.items() if plan.state in states)
    label, tone, why = _label(plan, name)
    return Duty(
        label=label,
        tone=tone,
        title=str(plan),
        organization=plan.organization,
        permission="pledges.edit_plan" if name == "submit" else PLAN_FLOW[name].permission,
        url=plan.get_absolute_url(),
        why=why,
        since=plan.changed_at,
        expects=PLAN if name == "submit" else "",
        phase_id=plan.phase_id,
        note=f"退回理由：{plan.return_reason}" if plan.is_sent_back else "",
    )


def _label(plan: Plan, step: str) -> tuple[str, str, Why]:
    if plan.is_sent_back:
        return "方案退回待修改", "bad", Why.RETURNED
    if plan.state == PlanState.RETURNED:
        return "方案待修改", "info", Why.OWED  # taken back by themselves
    return *_LABELS[step], Why.OWED if step in ("submit", "propose") else Why.WAITING
