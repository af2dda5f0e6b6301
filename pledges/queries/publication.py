"""公诺 of members' pledges, branch by branch: which batches wait for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from campaigns.duties import LINES, Duty, Why
from organizations.access import within_reach
from organizations.models import Organization
from pledges.flow import MEMBER_FLOW, PledgeState
from pledges.models import Pledge

# The steps of a batch, in their order; what is taken from here back (bar, decline) is decided on the same page.
BATCH_STEPS = ("propose", "clear", "publish")
BATCH_PERMISSIONS = tuple(MEMBER_FLOW[step].permission for step in BATCH_STEPS)
# Proposing again what was taken down is possible, not due.
_DUE: Mapping[str, PledgeState] = {
    "propose": PledgeState.APPROVED,
    "clear": PledgeState.PROPOSED,
    "publish": PledgeState.CLEARED,
}
_LABELS = {
    "propose": ("待申请公开", "info", "份已审定的党员承诺可以申请公开"),
    "clear": ("待保密审查", "warn", "份党员承诺待保密审查"),
    "publish": ("待批准公开", "warn", "份党员承诺待批准公开"),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What of one branch waits for the same step."""

    organization: Organization
    step: str
    number: int
    since: dt.datetime

    @property
    def url(self) -> str:
        return reverse("pledges:batch", args=[self.organization.pk, self.step])

    @property
    def title(self) -> str:
        return f"{self.number} {_LABELS[self.step][2]}"

    @property
    def label(self) -> str:
        return _LABELS[self.step][0]

    @property
    def tone(self) -> str:
        return _LABELS[self.step][1]


def waiting_batch(user: Any, step: str) -> Q:
    """Members' pledges that ``user`` may take ``step`` for now, as a filter; the guards say the same row by row."""
    due = Q(member__isnull=False, state=_DUE[step]) & within_reach(user, MEMBER_FLOW[step].permission)
    if step == "propose":
        return due & Q(organization__dissolved_on=None, member__left_on=None)
    return due & ~Q(**{"proposed_by" if step == "clear" else "cleared_by": user.pk})


def batches(user: Any, *, limit: int = 100) -> list[Batch]:
    """All batches that wait for ``user``, a line for each branch and step. Four queries."""
    lines = []
    for step in BATCH_STEPS:
        counted = (
            Pledge.objects.filter(waiting_batch(user, step))
            .order_by()
            .values("organization")
            .annotate(number=Count("pk"), since=Min("changed_at"))
            .order_by("since", "organization")[:limit]
        )
        lines += [(step, line) for line in counted]
    places = Organization.objects.in_bulk({line["organization"] for _, line in lines})
    return [Batch(places[line["organization"]], step, line["number"], line["since"]) for step, line in lines]


def batch_seen(user: Any, organization: Organization, step: str) -> QuerySet[Pledge]:
    """What of one branch its ``step`` shows: whoever may take it there reads what it is taken for.

    (The superior's 联络员 reviews members' pledges for secrecy and reads no others below.)
    """
    reach = within_reach(user, MEMBER_FLOW[step].permission)
    return Pledge.objects.of_members().filter(reach, organization=organization)


def batch_rows(user: Any, organization: Organization, step: str) -> QuerySet[Pledge]:
    """Those that may take the step now, loaded with all that their frozen text needs."""
    return (
        batch_seen(user, organization, step)
        .with_what_guards_ask()  # type: ignore[attr-defined]
        .filter(state__in=MEMBER_FLOW[step].sources)
        .select_related("category", "organization__name_display")
        .prefetch_related("items")
        .order_by("-phase__starts_on", "member__name", "pk")
    )


def publication_duties(user: Any, day: dt.date) -> list[Duty]:
    return [
        Duty(
            label=batch.label,
            tone=batch.tone,
            title=batch.title,
            organization=batch.organization,
            permission=MEMBER_FLOW[batch.step].permission,
            url=batch.url,
            why=Why.OWED if batch.step == "propose" else Why.WAITING,
            since=batch.since,
        )
        for batch in batches(user, limit=LINES + 1)
    ]
