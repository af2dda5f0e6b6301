"""Reads about summaries (小结、总结): what may be begun, what waits for whom, the figures that stand in one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.duties import LINES, Duty, Why
from campaigns.expectations import expectation
from campaigns.flow import SUMMARY_EDITABLE, SUMMARY_FLOW, SummaryState
from campaigns.models import Assignment, AssignmentState, Phase, Summary, not_over
from common.models import Event
from common.templatetags.cn import cn_date
from organizations.access import Holding, holders_of, holdings, within_reach
from organizations.models import Organization

SUMMARY = "summary"  # as obligations name it
EDIT = "campaigns.edit_summary"
_TURNS = {"submit": SUMMARY_EDITABLE, "accept": frozenset({SummaryState.SUBMITTED})}


def in_open_phases(day: dt.date, via: str = "") -> Q:
    """The guard ``phase_is_open`` as a filter."""
    return not_over(day, f"{via}phase__campaign__") & Q(**{f"{via}phase__frozen_at": None})


def to_begin(user: Any, day: dt.date) -> QuerySet[Assignment]:
    """Summaries that this person may begin: asked for of their own organization, and nobody has begun."""
    begun = Summary.objects.filter(organization=OuterRef("organization"), phase=OuterRef("obligation__phase"))
    return (
        Assignment.objects.visible_to(user)
        .filter(within_reach(user, EDIT), in_open_phases(day, "obligation__"), ~Exists(begun))
        .filter(obligation__expects=SUMMARY, assigned_on__lte=day, organization__dissolved_on=None)
        .exclude(state=AssignmentState.EXEMPT)
        .select_related("organization", "obligation__phase__campaign")
        .order_by("due_on", "organization__order_path", "pk")
    )


def waiting_for(user: Any, day: dt.date) -> Q:
    """Summaries whose next step this person may take: the guards' rules as a filter."""
    own = {h.organization_id for h in holdings(user)}
    mine = Q(state__in=SUMMARY_EDITABLE) & within_reach(user, EDIT) & Q(organization__parent__isnull=False)
    accepts = Q(state=SummaryState.SUBMITTED) & within_reach(user, SUMMARY_FLOW["accept"].permission)
    accepts &= ~Q(hands__contains=[user.pk]) & ~Q(organization__in=own)
    return (mine & Q(organization__dissolved_on=None) | accepts) & in_open_phases(day)


def next_hands(summary: Summary) -> tuple[str, list[Holding]] | None:
    """Whose turn it is: the step in words and the posts that may take it."""
    for name, states in _TURNS.items():
        if summary.state in states:
            found = holders_of(SUMMARY_FLOW[name].permission, summary.organization)
            kept = [h for pk, h in found if name == "submit" or pk not in summary.hands]
            return SUMMARY_FLOW[name].label, list(dict.fromkeys(kept))
    return None


def history(summary: Summary) -> QuerySet[Event]:
    """办理记录, newest first."""
    return Event.objects.about(summary).select_related("actor").order_by("-pk")[:100]


def figures(organization: Organization, phase: Phase) -> list[dict[str, str]]:
    """What the portal knows already of this organization in this phase: a line for each thing it owed. One query."""
    rows = (
        Assignment.objects.filter(organization=organization, obligation__phase=phase)
        .exclude(obligation__expects=SUMMARY)
        .select_related("obligation")
        .order_by("obligation__due_on", "obligation_id")
    )
    return lines_of(rows)


def lines_of(rows: Iterable[Assignment]) -> list[dict[str, str]]:
    """A line each; their obligations must be loaded."""
    return [{"name": row.obligation.name, "said": _said(row)} for row in rows]


def _said(row: Assignment) -> str:
    if row.state == AssignmentState.EXEMPT:
        return "免办"
    expected = expectation(row.obligation.expects)
    said = [f"{cn_date(row.done_on)}报送" if row.done_on else "还没有办完"]
    if expected is not None and expected.counts:
        said.append(f"应报 {row.wanted} {expected.counts}，已报 {row.got} {expected.counts}")
    elif row.items:
        said.append(f"共 {row.items} 项，上级认定已兑现 {row.fulfilled} 项")
    return "；".join(said)


# -- the desk --------------------------------------------------------------------------------------


def summary_duties(user: Any, day: dt.date) -> list[Duty]:
    """Summaries whose next step is this person's; what nobody has begun is told as owed."""
    waiting = Summary.objects.visible_to(user).filter(waiting_for(user, day)).with_what_guards_ask()
    return [_duty(row) for row in waiting.order_by("changed_at", "pk")[: LINES + 1]]


_LABELS = {
    SummaryState.DRAFT: ("小结待报送", "info", Why.OWED),
    SummaryState.RETURNED: ("小结待修改", "info", Why.OWED),  # taken back by themselves
    SummaryState.SUBMITTED: ("小结待审阅", "warn", Why.WAITING),
}
_SENT_BACK = ("小结退回待修改", "bad", Why.RETURNED)


def _duty(summary: Summary) -> Duty:
    label, tone, why = _SENT_BACK if summary.is_sent_back else _LABELS[SummaryState(summary.state)]
    is_filed = summary.state == SummaryState.SUBMITTED
    return Duty(
        label=label,
        tone=tone,
        title=str(summary),
        organization=summary.organization,
        permission=SUMMARY_FLOW["accept"].permission if is_filed else EDIT,
        url=summary.get_absolute_url(),
        why=why,
        since=summary.changed_at,
        note=f"退回理由：{summary.return_reason}" if summary.is_sent_back else "",
        expects="" if is_filed else SUMMARY,
        phase_id=summary.phase_id,
    )
