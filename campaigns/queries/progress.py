"""How far a subtree has come with each obligation: sums of ``Assignment`` rows, one level at a time (domain.md 6.1).

Nothing is averaged: a rate is worked out from the sums of its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from campaigns.expectations import expectation
from campaigns.models import Assignment, Obligation, Phase
from organizations.access import grants, path_end, within
from organizations.models import Organization
from organizations.posts import Reach

VIEW = "campaigns.view_progress"


@dataclass(frozen=True, slots=True)
class Count:
    """Organizations that owe one obligation: ``owed`` = ``done`` + ``open`` + ``exempt``."""

    owed: int = 0
    done: int = 0
    open: int = 0
    exempt: int = 0
    late: int = 0  # 逾期: done after the last day, or not done and it is over
    overdue: int = 0  # of the late: still open
    extended: int = 0
    waived: int = 0
    returned: int = 0
    wanted: int = 0
    got: int = 0
    items: int = 0
    fulfilled: int = 0

    @property
    def due(self) -> int:
        """应办: without the exempt."""
        return self.owed - self.exempt

    @property
    def on_time(self) -> int:
        return self.done - (self.late - self.overdue)

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Count)))


@dataclass(frozen=True, slots=True)
class Line:
    """An organization itself, a subordinate with everything below it, or the total; a count for each obligation."""

    name: str
    organization_id: int | None
    counts: dict[int, Count] = field(default_factory=dict)
    has_below: bool = False

    def of(self, obligation: Obligation) -> Count:
        return self.counts.get(obligation.pk, Count())


_LEVEL = """
    SELECT split_part(o.path, '.', %(depth)s) AS branch, s.obligation_id, count(*),
        count(*) FILTER (WHERE s.state = 'done'), count(*) FILTER (WHERE s.state = 'open'),
        count(*) FILTER (WHERE s.state = 'exempt'),
        count(*) FILTER (WHERE s.state <> 'exempt' AND COALESCE(s.done_on, %(day)s) > s.due_on),
        count(*) FILTER (WHERE s.state = 'open' AND s.due_on < %(day)s),
        count(*) FILTER (WHERE s.is_extended), count(*) FILTER (WHERE s.is_waived),
        sum(s.returned), sum(s.wanted) FILTER (WHERE s.state <> 'exempt'),
        sum(s.got) FILTER (WHERE s.state <> 'exempt'), sum(s.items), sum(s.fulfilled)
    FROM campaigns_assignment s JOIN organizations_organization o ON o.id = s.organization_id
    WHERE s.obligation_id = ANY(%(obligations)s) AND o.path >= %(low)s AND o.path < %(high)s
    GROUP BY 1, 2
"""


def tracked(phase: Phase) -> list[Obligation]:
    """What is counted in a phase, the first due first. One query."""
    found = Obligation.objects.tracked().filter(phase=phase)
    return [each for each in found if expectation(each.expects) is not None]


def level(place: Organization, obligations: Sequence[Obligation], day: dt.date) -> list[Line]:
    """``place`` itself, then each direct subordinate with all below it, in protocol order. Two queries."""
    rows: dict[int, dict[int, Count]] = {}
    params: dict[str, Any] = {
        "depth": place.depth + 1,
        "day": day,
        "obligations": [each.pk for each in obligations],
        "low": place.path,
        "high": path_end(place.path),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEVEL, params)
        for branch, obligation, *numbers in cursor.fetchall():
            counts = rows.setdefault(int(branch or place.pk), {})
            counts[obligation] = Count(*(int(number or 0) for number in numbers))
    below = Organization.objects.filter(parent=place).in_protocol_order().only("name", "short_name", "kind")
    lines = [Line(f"{place.label}（本级）", None, rows[place.pk])] if place.pk in rows else []
    return lines + [
        Line(each.label, each.pk, rows[each.pk], each.rule.has_subordinates)
        for each in below
        if each.pk in rows
    ]


def total(lines: Iterable[Line]) -> Line:
    counts: dict[int, Count] = {}
    for line in lines:
        for obligation, count in line.counts.items():
            counts[obligation] = counts.get(obligation, Count()) + count
    return Line("合计", None, counts)


def owing(place: Organization, obligation: Obligation) -> QuerySet[Assignment]:
    """Who in this subtree has not done it yet (未办), in protocol order."""
    open_rows = obligation.assignments.open().filter(within(place.path, via="organization__"))
    return open_rows.select_related("organization__parent").order_by("organization__order_path")


def owing_any(place: Organization, obligations: Sequence[Obligation]) -> QuerySet[Assignment]:
    """Who in this subtree has not done one of these, an organization's together, in protocol order."""
    rows = Assignment.objects.open().filter(
        within(place.path, via="organization__"), obligation__in=[each.pk for each in obligations]
    )
    return rows.order_by("organization__order_path", "due_on", "pk")


def places_of(user: Any) -> list[tuple[int, str]]:
    """(id, name) of the topmost organizations where this person reads progress."""
    found = [(held.path, held.organization_id, held.organization_name) for _, held in grants(user, VIEW)]
    kept: list[tuple[str, int, str]] = []
    for path, pk, name in sorted(set(found)):
        if not any(path.startswith(above) for above, _, _ in kept):
            kept.append((path, pk, name))
    return [(pk, name) for _, pk, name in kept]


def reads_below(user: Any, place: Organization) -> bool:
    """A liaison reads their own organization alone."""
    return any(
        reach is Reach.OWN_AND_BELOW and place.path.startswith(held.path)
        for reach, held in grants(user, VIEW)
    )
