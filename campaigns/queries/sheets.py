"""The figures of 进度统计表: an organization itself, each direct subordinate with all below it, and true sums."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Value

from campaigns import columns
from campaigns.columns import Column, Group
from campaigns.models import Phase
from organizations.access import within
from organizations.kinds import HAS_SUBORDINATES, HOLDS_MEMBERS, Kind
from organizations.models import Member, Organization

Counts = dict[int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class SheetLine:
    name: str
    counts: dict[str, int]

    def value(self, column: Column) -> int | float | None:
        """Nothing where nobody counts it, and for a rate of nothing."""
        if not column.part:
            return self.counts.get(column.key)
        part, whole = self.counts.get(column.part), self.counts.get(column.whole)
        return part / whole if whole and part is not None else None

    def shown(self, column: Column) -> str:
        value = self.value(column)
        if value is None:
            return "—"
        return f"{value:.1%}" if column.part else str(value)


@dataclass(frozen=True)
class Sheet:
    organization: str
    campaign: str
    phase: str
    as_of: dt.date
    lines: list[SheetLine]

    @property
    def title(self) -> str:
        return f"{self.campaign}{self.phase}进度统计表"

    @cached_property
    def total(self) -> SheetLine:
        keys = dict.fromkeys(key for line in self.lines for key in line.counts)
        return SheetLine("合计", {key: sum(line.counts.get(key, 0) for line in self.lines) for key in keys})

    @cached_property
    def filled(self) -> list[Group]:
        """The groups of columns that somebody counts."""
        known = self.total.counts.keys()
        return [
            group
            for group in columns.FORM
            if any(c.key in known or {c.part, c.whole} <= known for c in group.columns)
        ]

    @property
    def empty(self) -> list[Group]:
        return [group for group in columns.FORM if group not in self.filled]

    def as_json(self) -> dict[str, Any]:
        return {
            "organization": self.organization,
            "campaign": self.campaign,
            "phase": self.phase,
            "lines": [{"name": line.name, "counts": line.counts} for line in self.lines],
        }

    @classmethod
    def of_json(cls, stored: dict[str, Any], as_of: dt.date) -> Sheet:
        lines = [SheetLine(line["name"], line["counts"]) for line in stored["lines"]]
        return cls(stored["organization"], stored["campaign"], stored["phase"], as_of, lines)


def sheet(place: Organization, phase: Phase, day: dt.date) -> Sheet:
    """As of ``day``, which is today: facts are not kept for the past. A few queries, whatever hangs below.

    ``phase`` comes with its campaign. A dissolved subordinate keeps its line as long as something is counted there.
    """
    counted: Counts = {}
    for source in columns.sources():
        for pk, found in source(place, phase, day).items():
            counted.setdefault(pk, {}).update(found)
    known = dict.fromkeys(counted.get(place.pk, {}), 0)
    below = Organization.objects.filter(parent=place).in_protocol_order()
    lines = [SheetLine(f"{place.label}（本级）", known | counted.get(place.pk, {}))]
    for each in below.only("name", "short_name", "dissolved_on"):
        found = counted.get(each.pk, {})
        if each.dissolved_on is None or any(found.values()):
            lines.append(SheetLine(each.label, known | found))
    return Sheet(place.name, phase.campaign.name, phase.name, day, lines)


def by_branch(rows: QuerySet[Any], place: Organization, *, via: str = "", **counts: Any) -> Counts:
    """Rows at or below ``place`` counted by the direct subordinate they hang under, and the place's own. One query.

    ``via`` leads from a row to its organization.
    """
    branch = Func(
        F(f"{via}path"),
        Value("."),
        Value(place.depth + 1),
        function="split_part",
        output_field=CharField(),
    )
    found = rows.filter(within(place.path, via=via)).annotate(branch=branch).order_by()
    counted = {int(row.pop("branch") or place.pk): row for row in found.values("branch").annotate(**counts)}
    counted.setdefault(place.pk, dict.fromkeys(counts, 0))
    return counted


def _organizations(place: Organization, phase: Phase, day: dt.date) -> Counts:
    committees = HAS_SUBORDINATES - {Kind.GENERAL_BRANCH}
    return by_branch(
        Organization.objects.living(),
        place,
        committees=Count("pk", filter=Q(kind__in=committees)),
        general_branches=Count("pk", filter=Q(kind=Kind.GENERAL_BRANCH)),
        branches=Count("pk", filter=Q(kind__in=HOLDS_MEMBERS)),
    )


def _members(place: Organization, phase: Phase, day: dt.date) -> Counts:
    """By 组织关系: a mobile member counts at home."""
    probationary = Q(standing=Member.Standing.PROBATIONARY)
    return by_branch(
        Member.objects.current(),
        place,
        via="organization__",
        full_members=Count("pk", filter=~probationary),
        probationary_members=Count("pk", filter=probationary),
    )


columns.register(["committees", "general_branches", "branches"], _organizations)
columns.register(["full_members", "probationary_members"], _members)
