"""What a person owes, and what is late below them, for 我的工作台."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from campaigns.duties import LINES, Duty, Source, Why
from campaigns.duties import register as register_duties
from campaigns.expectations import expectation, known
from campaigns.models import Assignment, not_over
from campaigns.queries.summaries import summary_duties
from organizations.access import within_reach
from organizations.models import Organization

URGE = "campaigns.urge"
OWED_SHOWN = 200  # nobody has that many posts


def _running(day: dt.date) -> QuerySet[Assignment]:
    """Open in a phase that is not frozen of a campaign that runs."""
    runs = not_over(day, "obligation__phase__campaign__")
    return Assignment.objects.open().filter(runs, obligation__phase__frozen_at=None)


def owed_by(user: Any, day: dt.date) -> list[Assignment]:
    """What ``user`` may prepare at home and is not done, the first due first. One query."""
    mine = Q(pk__in=[])
    for code, expected in known().items():
        mine |= Q(obligation__expects=code) & within_reach(user, expected.prepare)
    rows = _running(day).filter(mine, assigned_on__lte=day, organization__dissolved_on=None)
    rows = rows.select_related("obligation__phase", "organization")
    return list(rows.order_by("due_on", "organization__order_path", "pk")[:OWED_SHOWN])


def owed_duty(row: Assignment, day: dt.date) -> Duty:
    expected = expectation(row.obligation.expects)
    assert expected is not None  # noqa: S101 -- owed_by asks for known ones
    late = row.due_on < day
    return Duty(
        label="逾期未办" if late else "未办",
        tone="bad" if late else "warn",
        title=row.obligation.name,
        organization=row.organization,
        permission=expected.prepare,
        url=expected.url(row.organization_id, row.obligation.phase),
        why=Why.OWED,
        note=f"已报 {row.got} / {row.wanted} {expected.counts}" if expected.counts else "",
        due_on=row.due_on,
    )


def late_below(user: Any, day: dt.date) -> list[Duty]:
    """下级逾期: one line for each obligation that some organizations below have not done in time. Two queries."""
    rows = _running(day).filter(within_reach(user, URGE), due_on__lt=day)
    counted = (
        rows.order_by()
        .values("obligation", "obligation__name")
        .annotate(count=Count("pk"), due=Min("due_on"), one=Min("organization"))
        .order_by("due", "obligation")[: LINES + 1]
    )
    lines = list(counted)
    places = Organization.objects.in_bulk([line["one"] for line in lines])
    return [
        Duty(
            label="下级逾期",
            tone="info",
            title=f"{line['obligation__name']}：下级 {line['count']} 个党组织逾期未办",
            organization=places[line["one"]],
            permission=URGE,
            place=places[line["one"]].label + ("等" if line["count"] > 1 else ""),
            url=f"{reverse('campaigns:owing')}?obligation={line['obligation']}",
            due_on=line["due"],
        )
        for line in lines
    ]


register_duties(
    Source("小结", "campaigns:summaries", summary_duties),
    Source("下级逾期", "campaigns:progress", late_below),
)
