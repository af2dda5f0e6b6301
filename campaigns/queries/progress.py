"""How far a subtree has come with each obligation: sums of ``Assignment`` rows, one level at a time (domain.md 6.1).

Nothing is averaged: a rate is worked out from the sums of its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from campaigns.expectations import expectation
from campaigns.models import Assignment, Obligation, Phase
from campaigns.models.tally import DEPTHS
from organizations.access import grants, may, path_end
from organizations.models import Organization
from organizations.posts import Reach

VIEW = "campaigns.view_progress"
NAMED = ("name", "short_name", "kind", "initials")


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
    by_then: int = 0  # of the done: on or before the day asked for

    @property
    def due(self) -> int:
        """应办: without the exempt."""
        return self.owed - self.exempt

    @property
    def on_time(self) -> int:
        return self.done - self.done_late

    @property
    def done_late(self) -> int:
        return self.late - self.overdue

    def is_behind(self, overall: Count) -> bool:
        """落后: a lower rate than the level as a whole, or somebody's last day is over. Compared without dividing."""
        return self.overdue > 0 or self.done * overall.due < overall.done * self.due

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Count)))


@dataclass(frozen=True, slots=True)
class Line:
    """An organization itself, a subordinate with everything below it, or the total; a count for each obligation."""

    name: str
    organization_id: int | None
    counts: dict[int, Count] = field(default_factory=dict)
    initials: str = ""

    def of(self, obligation: Obligation) -> Count:
        return self.counts.get(obligation.pk, Count())

    @property
    def all(self) -> Count:
        return sum(self.counts.values(), Count())


_COLUMNS = "state, due_on, done_on, owed, extended, waived, returned, wanted, got, items, fulfilled"
_OWN = "s.state, s.due_on, s.done_on, 1, s.is_extended::int, s.is_waived::int, s.returned, s.wanted, s.got, s.items, s.fulfilled"
_SUMS = """
    SELECT r.branch, r.obligation_id, sum(r.owed),
        sum(r.owed) FILTER (WHERE r.state = 'done'), sum(r.owed) FILTER (WHERE r.state = 'open'),
        sum(r.owed) FILTER (WHERE r.state = 'exempt'),
        sum(r.owed) FILTER (WHERE r.state <> 'exempt' AND COALESCE(r.done_on, %(day)s) > r.due_on),
        sum(r.owed) FILTER (WHERE r.state = 'open' AND r.due_on < %(day)s),
        sum(r.extended), sum(r.waived), sum(r.returned), sum(r.wanted) FILTER (WHERE r.state <> 'exempt'),
        sum(r.got) FILTER (WHERE r.state <> 'exempt'), sum(r.items), sum(r.fulfilled),
        sum(r.owed) FILTER (WHERE r.done_on <= %(day)s)
    FROM ({rows}) AS r (branch, obligation_id, {columns})
    GROUP BY 1, 2 HAVING sum(r.owed) > 0
"""
_LIVE = f"""
    SELECT COALESCE(NULLIF(split_part(o.path, '.', %(deepest)s), ''), NULLIF(split_part(o.path, '.', %(depth)s), ''),
        %(place)s::text)::bigint, s.obligation_id, {_OWN}
    FROM campaigns_assignment s JOIN organizations_organization o ON o.id = s.organization_id
    WHERE s.obligation_id = ANY(%(obligations)s) AND o.path >= %(low)s AND o.path < %(high)s
"""  # noqa: S608 -- our own constants
# Of the last level asked for what is kept (``Tally``) and what has not been added to it yet; of those above it their own.
_KEPT = f"""
    SELECT t.organization_id, t.obligation_id, {_COLUMNS} FROM campaigns_tally t
    WHERE t.obligation_id = ANY(%(obligations)s) AND t.organization_id IN ({{last}})
    UNION ALL
    SELECT t.organization_id, t.obligation_id, {_COLUMNS} FROM campaigns_tallychange t
    WHERE t.obligation_id = ANY(%(obligations)s) AND t.organization_id IN ({{last}})
    UNION ALL
    SELECT s.organization_id, s.obligation_id, {_OWN} FROM campaigns_assignment s
    WHERE s.obligation_id = ANY(%(obligations)s) AND s.organization_id IN ({{above}})
"""  # noqa: S608
_BELOW = "SELECT id FROM organizations_organization WHERE parent_id = %(place)s"
_TWO_BELOW = f"SELECT id FROM organizations_organization WHERE parent_id IN ({_BELOW})"  # noqa: S608
_LEVELS = {1: (_BELOW, "%(place)s"), 2: (_TWO_BELOW, f"SELECT %(place)s UNION ALL {_BELOW}")}


def tracked(phase: Phase) -> list[Obligation]:
    """What is counted in a phase, the first due first. One query."""
    found = Obligation.objects.tracked().filter(phase=phase)
    return [each for each in found if expectation(each.expects) is not None]


def sums(
    place: Organization, obligations: Sequence[Obligation], day: dt.date, *, levels: int = 1
) -> dict[int, dict[int, Count]]:
    """organization -> obligation -> count, for ``place`` itself and what is ``levels`` below it. One query.

    Whatever lies deeper is counted with its superior at the last of the levels.
    """
    if place.depth + levels in DEPTHS:
        last, above = _LEVELS[levels]
        rows = _KEPT.format(last=last, above=above)
    else:
        rows = _LIVE
    params: dict[str, Any] = {
        "place": place.pk,
        "depth": place.depth + 1,
        "deepest": place.depth + levels,
        "day": day,
        "obligations": [each.pk for each in obligations],
        "low": place.path,
        "high": path_end(place.path),
    }
    found: dict[int, dict[int, Count]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(rows=rows, columns=_COLUMNS), params)
        for branch, obligation, *numbers in cursor.fetchall():
            found.setdefault(branch, {})[obligation] = Count(*(int(number or 0) for number in numbers))
    return found


def level(place: Organization, obligations: Sequence[Obligation], day: dt.date) -> list[Line]:
    """``place`` itself, then each direct subordinate with all below it, in protocol order. Two queries."""
    rows = sums(place, obligations, day)
    below = Organization.objects.filter(parent=place).in_protocol_order()
    own = [Line(f"{place.label}（本级）", None, rows[place.pk])] if place.pk in rows else []
    return own + [line_of(each, rows[each.pk]) for each in below.only(*NAMED) if each.pk in rows]


def line_of(organization: Organization, counts: dict[int, Count]) -> Line:
    return Line(organization.label, organization.pk, counts, organization.initials)


def two_levels(
    place: Organization, obligation: Obligation, day: dt.date, limit: int
) -> list[tuple[Organization, list[Line]]] | None:
    """Each direct subordinate, itself and its own subordinates as lines; None when there are more than ``limit``."""
    below = Organization.objects.filter(Q(parent=place) | Q(parent__parent=place)).in_protocol_order()
    found = list(below.only(*NAMED, "parent")[: limit + 1])
    if len(found) > limit:
        return None
    rows = sums(place, [obligation], day, levels=2)
    groups: dict[int, tuple[Organization, list[Line]]] = {}
    for each in found:
        if each.parent_id == place.pk:
            own = [Line(f"{each.label}（本级）", each.pk, rows[each.pk])] if each.pk in rows else []
            groups[each.pk] = each, own
        elif each.pk in rows and each.parent_id in groups:
            groups[each.parent_id][1].append(line_of(each, rows[each.pk]))
    return [group for group in groups.values() if group[1]]


def total(lines: Iterable[Line]) -> Line:
    counts: dict[int, Count] = {}
    for line in lines:
        for obligation, count in line.counts.items():
            counts[obligation] = counts.get(obligation, Count()) + count
    return Line("合计", None, counts)


def owing(place: Organization, obligation: Obligation) -> QuerySet[Assignment]:
    """Who in this subtree has not done it yet (未办), in protocol order."""
    open_rows = obligation.assignments.open().filter(_in_order_below(place))
    return open_rows.select_related("organization__parent").order_by("organization__order_path")


def _in_order_below(place: Organization) -> Q:
    """The organization and its subtree, told by ``order_path``: its index finds and sorts them at once."""
    first = place.order_path
    return Q(organization__order_path__gte=first, organization__order_path__lt=path_end(first))


def named(rows: QuerySet[Assignment], words: str) -> QuerySet[Assignment]:
    """Those whose name, short name or pinyin initials have these words."""
    words = words.replace("\0", "").strip()[:60]
    if not words:
        return rows
    hit = Q(organization__name__icontains=words) | Q(organization__short_name__icontains=words)
    if words.isascii() and words.isalnum():
        hit |= Q(organization__initials__contains=words.lower())
    return rows.filter(hit)


def chain(place: Organization, user: Any) -> list[Organization]:
    """The superiors of ``place`` whose progress this person may read, from the top. One query."""
    above = Organization.objects.filter(pk__in=place.ancestor_ids).order_by("path")
    return [each for each in above if may(user, VIEW, each)]


def owing_any(place: Organization, obligations: Sequence[Obligation]) -> QuerySet[Assignment]:
    """Who in this subtree has not done one of these, an organization's together, in protocol order."""
    rows = Assignment.objects.open().filter(
        _in_order_below(place), obligation__in=[each.pk for each in obligations]
    )
    return rows.order_by("organization__order_path", "due_on", "pk")


def places_of(user: Any, *, whole: bool = False) -> list[tuple[int, str]]:
    """(id, name) of the topmost organizations where this person reads progress; ``whole``: of all below them too."""
    found = [
        (held.path, held.organization_id, held.organization_name)
        for reach, held in grants(user, VIEW)
        if reach is Reach.OWN_AND_BELOW or not whole
    ]
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
